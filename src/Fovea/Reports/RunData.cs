using System.Text.Json.Nodes;
using Fovea.Training;

namespace Fovea.Reports;

/// <summary>Everything in a run's folder that its report shows.</summary>
internal sealed class RunData
{
    private RunData(RunFolder folder)
    {
        Folder = folder;
        Facts = RunFacts.Load(folder.Facts);
        Recipe = File.ReadAllText(folder.Recipe);
        Steps = [.. JsonLines.Read(folder.Losses)];
        Metrics = [.. JsonLines.Read(folder.Metrics)];
        Evaluation = File.Exists(folder.Evaluation) ? RunFacts.ReadJson<Evaluation>(folder.Evaluation) : null;
        Pictures = SamplePictures.Read(folder);
    }

    public RunFolder Folder { get; }

    public RunFacts Facts { get; }

    public string Recipe { get; }

    public IReadOnlyList<JsonObject> Steps { get; }

    public IReadOnlyList<JsonObject> Metrics { get; }

    public Evaluation? Evaluation { get; }

    public IReadOnlyList<Picture> Pictures { get; }

    /// <summary>Whether a smaller value of the deciding metric is better.</summary>
    public bool LowerIsBetter => MetricNames.LowerIsBetter(Facts.Metric);

    /// <summary>The evaluation with the best value of the deciding metric, or null.</summary>
    public JsonObject? BestEvaluation => LowerIsBetter
        ? Metrics.Where(m => Value(m, Facts.Metric) is not null).MinBy(m => Value(m, Facts.Metric))
        : Metrics.Where(m => Value(m, Facts.Metric) is not null).MaxBy(m => Value(m, Facts.Metric));

    public static RunData Read(RunFolder folder) => new(folder);

    /// <summary>A number of a line, or null.</summary>
    public static double? Value(JsonObject line, string key) => line.TryGetPropertyValue(key, out var node) && node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;

    /// <summary>The points of a number over epochs.</summary>
    public static IReadOnlyList<(double X, double Y)> Points(IEnumerable<JsonObject> lines, string key) =>
        [.. lines.Where(line => Value(line, "epoch") is not null && Value(line, key) is not null).Select(line => (Value(line, "epoch")!.Value, Value(line, key)!.Value))];
}
