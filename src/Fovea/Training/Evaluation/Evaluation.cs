using System.Text.Json.Serialization;
using Fovea.Metrics;

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

    /// <summary>The figures of every image, or null when not asked for.</summary>
    public MetricTable? PerImage { get; init; }

    /// <summary>95 % confidence intervals of figures, by bootstrap over the images.</summary>
    public IReadOnlyDictionary<string, Interval> Intervals { get; init; } = new Dictionary<string, Interval>();

    /// <summary>Curves to be drawn, such as ROC and precision over recall.</summary>
    public IReadOnlyList<CurvePlot> Curves { get; init; } = [];

    /// <summary>The reliability diagram of a classification, or null.</summary>
    public IReadOnlyList<CalibrationBin>? Reliability { get; init; }

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

    /// <summary>Writes everything but the images as JSON, whole or not at all.</summary>
    /// <exception cref="FoveaException">The file cannot be written.</exception>
    public void Save(string path) => RunFacts.WriteJson(path, this);
}

/// <summary>A prediction beside the truth.</summary>
/// <param name="Index">Number of the image among those evaluated: its number in the data set unless broken images were left out.</param>
/// <param name="Truth">The sample.</param>
/// <param name="Prediction">What the network said.</param>
/// <param name="Quality">How good it is, 0 to 1: probability of the true class or classes, F1 of the boxes at IoU 0.5, mean IoU of the classes present.</param>
public sealed record JudgedImage(int Index, Sample Truth, Prediction Prediction, double Quality);

/// <summary>Figures in rows and columns.</summary>
/// <param name="Columns">What the figures are.</param>
/// <param name="Rows">One row for each class or image.</param>
public sealed record MetricTable(IReadOnlyList<string> Columns, IReadOnlyList<MetricRow> Rows);

/// <summary>A row of figures.</summary>
/// <param name="Name">The class or image.</param>
/// <param name="Values">Its figures; null where there is none, such as the AP of a class that does not occur.</param>
public sealed record MetricRow(string Name, IReadOnlyList<double?> Values);

/// <summary>Counts of true against predicted classes.</summary>
/// <param name="Labels">The classes in order.</param>
/// <param name="Counts">Row i, column j: how often class i was called class j.</param>
/// <param name="Unit">What is counted: "images", "pixels".</param>
public sealed record ConfusionTable(IReadOnlyList<string> Labels, IReadOnlyList<IReadOnlyList<long>> Counts, string Unit);

/// <summary>Curves over common axes, both from 0 to 1.</summary>
/// <param name="Name">Short name, such as "roc".</param>
/// <param name="Title">What is shown.</param>
/// <param name="XLabel">What the horizontal axis measures.</param>
/// <param name="YLabel">What the vertical axis measures.</param>
/// <param name="Series">The curves.</param>
public sealed record CurvePlot(string Name, string Title, string XLabel, string YLabel, IReadOnlyList<CurveSeries> Series);

/// <summary>A curve.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="X">Where its points lie horizontally.</param>
/// <param name="Y">Where they lie vertically.</param>
public sealed record CurveSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);
