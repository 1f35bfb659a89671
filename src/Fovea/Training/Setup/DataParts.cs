using System.Globalization;
using Fovea.Data;
using Fovea.Data.Splitting;

namespace Fovea.Training;

/// <summary>The data that a run trains on and the data that it is measured on.</summary>
/// <param name="Training">To train on.</param>
/// <param name="Validation">To measure on.</param>
public sealed record DataParts(IDataset Training, IDataset Validation)
{
    private static readonly string[] UsualValidation = ["val", "test"];

    /// <summary>Opens the data of a recipe: its splits where it has them, otherwise a stratified part is set aside.</summary>
    /// <param name="section">What the recipe says; its folder must be given.</param>
    /// <param name="task">What the data must hold.</param>
    /// <param name="seed">Seed of the part that is set aside.</param>
    /// <exception cref="FoveaException">The folder, a split or what the task needs is not there, or an annotation is at fault.</exception>
    public static DataParts Open(DataSection section, ModelTask task, int seed)
    {
        var (folder, options) = Options(section);
        var splits = Dataset.Splits(folder, options.Format);
        var train = section.TrainSplit ?? splits.FirstOrDefault(static name => SplitNames.Canonical(name) == "train");
        var validation = section.ValidationSplit
            ?? (train is null ? null : UsualValidation.Select(usual => splits.FirstOrDefault(name => SplitNames.Canonical(name) == usual)).FirstOrDefault(static name => name is not null));
        var training = Fit(Dataset.Open(folder, options with { Split = train }), task);
        if (validation is null)
            return SetAside(training, section, seed);
        // The classes are those of the training data: a class that only the validation data knows is a fault.
        return new DataParts(training, Fit(Dataset.Open(folder, options with { Split = validation, Labels = RawLabels(options, folder, train) }), task));
    }

    /// <summary>Opens the data of a recipe in K parts of which each is measured on once.</summary>
    /// <param name="section">What the recipe says; without a training split all images take part.</param>
    /// <param name="task">What the data must hold.</param>
    /// <param name="folds">Number of parts; null for as many as there are images (or groups of images), each left out once.</param>
    /// <param name="seed">Seed of the parts.</param>
    /// <param name="plan">Which image belongs to which part.</param>
    /// <exception cref="FoveaException">As of <see cref="Open"/>, or there are fewer images than parts.</exception>
    public static IReadOnlyList<DataParts> OpenFolds(DataSection section, ModelTask task, int? folds, int seed, out SplitPlan plan)
    {
        var (folder, options) = Options(section);
        var whole = Fit(Dataset.Open(folder, options with { Split = section.TrainSplit }), task);
        var groupBy = GroupBy(section);
        var count = folds ?? (groupBy is null ? whole.Count : Enumerable.Range(0, whole.Count).Select(i => groupBy(whole[i])).Distinct(StringComparer.Ordinal).Count());
        var made = DatasetSplitter.Folds(whole, count, seed, groupBy);
        plan = made;
        return [.. made.Parts.Select(part => new DataParts(made.Except(whole, part), made.Part(whole, part)))];
    }

    /// <summary>Opens the data that a network is measured on.</summary>
    /// <param name="folder">Folder of the data.</param>
    /// <param name="split">The split, or null for the usual one if there is one, else everything.</param>
    /// <param name="labels">The network's classes.</param>
    /// <param name="section">Format, pixel values and what is done about faults.</param>
    /// <param name="task">What the data must hold.</param>
    /// <exception cref="FoveaException">The folder, the split or what the task needs is not there, a class is unknown, or an annotation is at fault.</exception>
    public static IDataset OpenForEvaluation(string folder, string? split, LabelSpace labels, DataSection section, ModelTask task)
    {
        var (_, options) = Options(section with { Folder = folder });
        var splits = Dataset.Splits(folder, options.Format);
        split ??= UsualValidation.Select(usual => splits.FirstOrDefault(name => SplitNames.Canonical(name) == usual)).FirstOrDefault(static name => name is not null);
        // Maps painted from masks have a background class that the files know nothing of.
        var raw = Dataset.Open(folder, options with { Split = split, Labels = null });
        var painted = task == ModelTask.Semantic && !raw.Content.HasFlag(DatasetContent.Maps);
        var expected = painted ? new LabelSpace(labels.Names.Skip(1)) : labels;
        return Fit(raw.Labels.Equals(expected) ? raw : Dataset.Open(folder, options with { Split = split, Labels = expected }), task);
    }

    private static (string Folder, DatasetOptions Options) Options(DataSection section)
    {
        var folder = section.Folder ?? throw new FoveaException("data: found no folder, expected one: give it with --data DIR or as data.folder in the recipe");
        return (folder, new DatasetOptions
        {
            Format = section.Format is { } format ? DatasetFormatNames.Parse(format) : null,
            Labels = section.Classes is { } classes ? new LabelSpace(classes) : null,
            Faults = section.Faults,
            PixelValues = PixelValues(section),
            FirstClassValue = section.FirstClassValue,
            DepthFolder = section.DepthFolder,
        });
    }

    private static Dictionary<byte, string> PixelValues(DataSection section)
    {
        var values = (section.PixelValues ?? new Dictionary<string, string>()).ToDictionary(static pair => PixelValue(pair.Key), static pair => pair.Value);
        foreach (var value in section.IgnoreValues)
            values[(byte)value] = DatasetOptions.NoClass;
        return values;
    }

    private static byte PixelValue(string text) => byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        ? value
        : throw new FoveaException($"data.pixel_values: found '{text}', expected a pixel value from 0 to 255");

    private static LabelSpace RawLabels(DatasetOptions options, string folder, string? train) => Dataset.Open(folder, options with { Split = train }).Labels;

    private static DataParts SetAside(IDataset whole, DataSection section, int seed)
    {
        var fraction = section.ValidationFraction;
        var plan = DatasetSplitter.Split(whole, [("training", 1 - fraction), ("validation", fraction)], seed, GroupBy(section));
        return new DataParts(plan.Part(whole, "training"), plan.Part(whole, "validation"));
    }

    private static Func<Sample, string>? GroupBy(DataSection section) => section.GroupBy is { } pattern ? SampleGroups.By(pattern, "data.group_by") : null;

    private static IDataset Fit(IDataset dataset, ModelTask task)
    {
        if (dataset.Count == 0)
            throw new FoveaException($"{dataset.Name}: found no images, expected at least one");
        if (task == ModelTask.Semantic)
            return dataset.AsMaps();
        var needed = task switch
        {
            ModelTask.Classification => DatasetContent.Classes,
            // The classes of its objects are labels of an image as well.
            ModelTask.MultiLabel => DatasetContent.Labels | DatasetContent.Classes | DatasetContent.Boxes,
            ModelTask.Detection => DatasetContent.Boxes,
            _ => DatasetContent.Masks,
        };
        return (dataset.Content & needed) != 0
            ? dataset
            : throw new FoveaException($"{dataset.Name}: found a data set ({dataset.Format.Name()}) with {dataset.Content.ToString().ToLowerInvariant()}, expected one with {needed.ToString().ToLowerInvariant().Replace(", ", " or ", StringComparison.Ordinal)}, which this network needs{(task == ModelTask.Classification && dataset.Content.HasFlag(DatasetContent.Labels) ? "; task: multi_label trains with several labels an image" : "")}");
    }
}
