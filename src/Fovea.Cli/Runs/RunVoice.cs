using System.Globalization;
using Fovea.Training;

namespace Fovea.Cli.Runs;

/// <summary>What a run says: on the terminal, and in its log file.</summary>
internal abstract class RunVoice(RunFolder folder) : ITrainingListener, IDisposable
{
    private readonly StreamWriter log = new(folder.Log, append: true) { AutoFlush = true };

    /// <summary>The voice for standard output as it is: with bars on a terminal, with plain lines otherwise.</summary>
    public static RunVoice For(RunFolder folder) => Console.IsOutputRedirected ? new PlainVoice(folder) : new TerminalVoice(folder);

    /// <summary>Does the work while the voice is on.</summary>
    public virtual T During<T>(Func<T> work) => work();

    public void Say(string line)
    {
        log.WriteLine(line);
        Show(line);
    }

    /// <summary>Facts as aligned lines.</summary>
    public void Say(IEnumerable<Fact> facts)
    {
        var all = facts.ToList();
        var width = all.Max(static fact => fact.Subject.Length);
        foreach (var fact in all)
            Say($"{fact.Subject.PadRight(width)}  {fact.Text}");
    }

    public abstract void Stepped(StepReport step);

    public abstract void Evaluating(int images, int of);

    public virtual void Evaluated(int epoch, Evaluation evaluation, bool isBest)
    {
        var figures = MetricNames.Telling(evaluation.Metrics.Keys).Take(4).Select(name => KeyValuePair.Create(name, evaluation.Metrics[name])).ToList();
        if (evaluation.Metrics.TryGetValue("loss", out var loss) && figures.All(static m => m.Key != "loss"))
            figures.Add(KeyValuePair.Create("loss", loss));
        var text = string.Join("  ", figures.Select(static m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} {(Math.Abs(m.Value) < 1e4 ? m.Value.ToString("0.0000", CultureInfo.InvariantCulture) : m.Value.ToString("G4", CultureInfo.InvariantCulture))}")));
        Say(string.Create(CultureInfo.InvariantCulture, $"epoch {epoch}: {text}{(isBest ? "  best so far" : "")}  ({Counted.Of(evaluation.Images, "image")} in {evaluation.Seconds:0.0} s)"));
        foreach (var note in evaluation.Notes.Take(5))
            Say($"  {note}");
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Show(string line);

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            log.Dispose();
    }

    /// <summary>"loss 1.234 (objectness 0.5, box 0.7)  41.2 images/s  waiting for data 3 %  4:05 left"; of one term "cross entropy 1.234" in place of the loss.</summary>
    protected static string Describe(StepReport step)
    {
        var terms = string.Join(", ", step.Terms.Select(static t => string.Create(CultureInfo.InvariantCulture, $"{MetricNames.Term(t.Key)} {t.Value:0.000}")));
        var loss = step.Terms.Count == 1 ? terms : string.Create(CultureInfo.InvariantCulture, $"loss {step.Loss:0.000} ({terms})");
        return string.Create(CultureInfo.InvariantCulture,
            $"{loss}  {step.ImagesPerSecond:0.0} images/s  waiting for data {100 * step.WaitShare:0} %  {Left(step.Remaining)} left");
    }

    private static string Left(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}" : $"{time.Minutes}:{time.Seconds:00}";
}
