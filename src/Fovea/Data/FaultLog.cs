namespace Fovea.Data;

/// <summary>
/// Gathers the faults that a reader meets, so that all are known before anything runs; when the reader is done,
/// <see cref="Conclude"/> either stops with the first of them or says what was left out.
/// </summary>
internal sealed class FaultLog(FaultPolicy policy, FaultPolicy? boxPolicy = null)
{
    private readonly List<DataProblem> problems = [];
    private int clipped, widened;

    /// <summary>What is done about boxes that break the rules.</summary>
    public FaultPolicy BoxPolicy { get; } = boxPolicy ?? policy;

    public IReadOnlyList<DataProblem> Problems => problems;

    public void Error(FaultKind kind, string file, string? field, string found, string expected) =>
        problems.Add(new DataProblem(Severity.Error, kind, file, field, found, expected));

    public void Warn(FaultKind kind, string file, string? field, string found, string expected) =>
        problems.Add(new DataProblem(Severity.Warning, kind, file, field, found, expected));

    public void Add(DataProblem problem) => problems.Add(problem);

    public void Add(DataException fault, FaultKind kind) =>
        Error(kind, fault.File, fault.Field, fault.Found, fault.Expected);

    /// <summary>Takes over what another log gathered: files read side by side are reported in their order.</summary>
    public void Add(FaultLog other)
    {
        problems.AddRange(other.problems);
        clipped += other.clipped;
        widened += other.widened;
    }

    /// <summary>Counts a box that was cut to its picture.</summary>
    public void CountClipped() => clipped++;

    /// <summary>Counts a box without width or height that was taken as one pixel wide or high.</summary>
    public void CountWidened() => widened++;

    /// <summary>An empty log of the same policies, for one of several files read side by side.</summary>
    public FaultLog Branch() => new(policy, boxPolicy);

    /// <summary>Stops with the first error under <see cref="FaultPolicy.Error"/>, otherwise says what was left out, a line a kind.</summary>
    /// <exception cref="DataException">The policy for one of the errors is <see cref="FaultPolicy.Error"/> and there is an error.</exception>
    public IReadOnlyList<string> Conclude(string folder)
    {
        var errors = problems.Where(static problem => problem.Severity == Severity.Error).ToList();
        var fatal = errors.FindAll(problem => (IsBoxFault(problem.Kind) ? BoxPolicy : policy) == FaultPolicy.Error);
        if (fatal.Count > 0)
            throw fatal[0].ToException(Remedy(folder, fatal.Count));
        var lines = errors.GroupBy(static problem => problem.Kind).OrderBy(static group => group.Key)
            .Select(static group => $"left out {group.Count()} x {group.Key.Phrase()}, the first: {group.First()}");
        return
        [
            .. clipped > 0 ? [$"clipped {clipped} x {FaultKind.BoxOutside.Phrase()}"] : Array.Empty<string>(),
            .. widened > 0 ? [$"took as one pixel {widened} x {FaultKind.BoxEmpty.Phrase()}"] : Array.Empty<string>(),
            .. lines,
        ];
    }

    private static bool IsBoxFault(FaultKind kind) => kind is FaultKind.BoxEmpty or FaultKind.BoxInverted or FaultKind.BoxOutside;

    private static string Remedy(string folder, int count) =>
        $"{(count == 1 ? "" : $"; the first of {count} faults")}; `fovea data check {folder}` lists all, --faults skip or clip " +
        "(--set data.faults=skip in training) goes on without what is at fault";
}
