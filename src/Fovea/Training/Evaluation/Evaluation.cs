using System.Text.Json.Serialization;

namespace Fovea.Training;

/// <summary>What an evaluation found.</summary>
public sealed record Evaluation
{
    /// <summary>What was evaluated.</summary>
    public required ModelTask Task { get; init; }

    /// <summary>Name of the data.</summary>
    public required string Data { get; init; }

    /// <summary>Images evaluated.</summary>
    public required int Images { get; init; }

    /// <summary>The figures by name (<c>top1</c>, <c>box_ap50</c>, <c>mean_iu</c> ...), fractions of 1, the usual one first.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>The figures of every class, or null.</summary>
    public MetricTable? PerClass { get; init; }

    /// <summary>How often class i (row) was called class j (column), or null.</summary>
    public ConfusionTable? Confusion { get; init; }

    /// <summary>What the figures do not say: what was left out or empty.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Seconds it took.</summary>
    public double Seconds { get; init; }

    /// <summary>The first images with what was said about them.</summary>
    [JsonIgnore]
    public IReadOnlyList<JudgedImage> Samples { get; init; } = [];

    /// <summary>The images that came off worst, worst first.</summary>
    [JsonIgnore]
    public IReadOnlyList<JudgedImage> Worst { get; init; } = [];
}

/// <summary>A prediction beside the truth.</summary>
/// <param name="Index">Number of the image among those evaluated: its number in the data set unless broken images were left out.</param>
/// <param name="Truth">The sample.</param>
/// <param name="Prediction">What the network said.</param>
/// <param name="Quality">How good it is, 0 to 1: probability of the true class, F1 of the boxes at IoU 0.5, mean IoU of the classes present.</param>
public sealed record JudgedImage(int Index, Sample Truth, Prediction Prediction, double Quality);

/// <summary>Figures in rows and columns.</summary>
/// <param name="Columns">What the figures are.</param>
/// <param name="Rows">One row for each class.</param>
public sealed record MetricTable(IReadOnlyList<string> Columns, IReadOnlyList<MetricRow> Rows);

/// <summary>A row of figures.</summary>
/// <param name="Name">The class.</param>
/// <param name="Values">Its figures; null where there is none, such as the AP of a class that does not occur.</param>
public sealed record MetricRow(string Name, IReadOnlyList<double?> Values);

/// <summary>Counts of true against predicted classes.</summary>
/// <param name="Labels">The classes in order.</param>
/// <param name="Counts">Row i, column j: how often class i was called class j.</param>
/// <param name="Unit">What is counted: "images", "pixels".</param>
public sealed record ConfusionTable(IReadOnlyList<string> Labels, IReadOnlyList<IReadOnlyList<long>> Counts, string Unit);
