namespace Fovea.Data.Checks;

/// <summary>What the examination of a data set found.</summary>
public sealed record CheckReport
{
    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The format it was read as, or null when it could not be opened at all.</summary>
    public DatasetFormat? Format { get; init; }

    /// <summary>The classes, or null when it could not be opened.</summary>
    public LabelSpace? Labels { get; init; }

    /// <summary>Images of every split, under "all" when there are no splits.</summary>
    public IReadOnlyList<(string Split, int Images)> Splits { get; init; } = [];

    /// <summary>Images examined.</summary>
    public int Images { get; init; }

    /// <summary>Objects examined, 0 for sets without objects.</summary>
    public int Objects { get; init; }

    /// <summary>What was found and decided while opening.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Every problem, in the order of the files.</summary>
    public required IReadOnlyList<DataProblem> Problems { get; init; }

    /// <summary>Number of problems of a severity.</summary>
    public int Count(Severity severity) => Problems.Count(problem => problem.Severity == severity);

    /// <summary>Whether training would stop.</summary>
    public bool HasErrors => Count(Severity.Error) > 0;
}
