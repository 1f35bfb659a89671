using System.Globalization;
using Fovea.Data;
using Fovea.Data.Splitting;

namespace Fovea.Training;

/// <summary>The data that a run trains on and the data that it is measured on.</summary>
/// <param name="Training">To train on.</param>
/// <param name="Validation">To measure on.</param>
public sealed record DataParts(IDataset Training, IDataset Validation)
{
    private const string WithTraining = "all images of the folder, those of the training among them; without --data only those that were set aside are measured on";

    private static readonly string[] UsualValidation = ["val", "test"];

    /// <summary>Opens the data of a recipe: its splits where it has them, otherwise a stratified part is set aside.</summary>
    /// <param name="section">What the recipe says; its folder must be given.</param>
    /// <param name="task">What the data must hold.</param>
    /// <param name="seed">Seed of the part that is set aside.</param>
    /// <exception cref="FoveaException">The folder, a split or what the task needs is not there, or an annotation is at fault.</exception>
    public static DataParts Open(DataSection section, ModelTask task, int seed)
    {
        var (folder, options) = Options(section);
        if (section.SplitFile is { } file)
            return Planned(SplitPlan.Load(file), Fit(Dataset.Open(folder, options), task), section);
        var splits = Dataset.Splits(folder, options.Format);
        var train = section.TrainSplit ?? splits.FirstOrDefault(static name => SplitNames.Canonical(name) == "train");
        var validation = section.ValidationSplit
            ?? (train is null ? null : Usual(splits));
        var training = Usable(Fit(Dataset.Open(folder, options with { Split = train }), task), section);
        if (validation is null)
            return SetAside(training, section, seed);
        // The classes are those of the training data: a class that only the validation data knows is a fault.
        return new DataParts(training, Usable(Fit(Dataset.Open(folder, options with { Split = validation, Labels = RawLabels(options, folder, train) }), task), section));
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
        var whole = Fit(Dataset.Open(folder, options with { Split = section.SplitFile is null ? section.TrainSplit : null }), task);
        if (section.SplitFile is null)
            whole = Usable(whole, section);
        var made = section.SplitFile is { } file ? FoldsOf(file, folds) : MakeFolds(whole, section, folds, seed);
        plan = made;
        return [.. made.Parts.Select(part => new DataParts(Usable(made.Except(whole, part), section), Usable(made.Part(whole, part), section)))];
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
        var isOwn = section.Folder is { } own && Path.GetFullPath(own) == Path.GetFullPath(folder);
        if (isOwn && section.SplitFile is { } file)
        {
            var plan = SplitPlan.Load(file);
            var whole = Whole(folder, null, labels, options, task);
            return (split ?? Usual(plan.Parts)) is { } part ? plan.Part(whole, part) : whole.WithNotes([WithTraining]);
        }

        // Other data than that of the training may lie there in another form.
        if (options.Format is { } format && !Dataset.Holds(folder, format))
            options = options with { Format = null };
        split ??= Usual(Dataset.Splits(folder, options.Format));
        var found = Whole(folder, split, labels, options, task);
        return isOwn && split is null ? found.WithNotes([WithTraining]) : found;
    }

    /// <summary>A split, or everything, with the classes of a network.</summary>
    private static IDataset Whole(string folder, string? split, LabelSpace labels, DatasetOptions options, ModelTask task)
    {
        // Maps painted from masks have a background class that the files know nothing of.
        var raw = Dataset.Open(folder, options with { Split = split, Labels = null });
        var painted = task == ModelTask.Semantic && !raw.Content.HasFlag(DatasetContent.Maps);
        var expected = painted ? new LabelSpace(labels.Names.Skip(1)) : labels;
        return Fit(raw.Labels.Equals(expected) ? raw : Dataset.Open(folder, options with { Split = split, Labels = expected }), task);
    }

    /// <summary>The split that is usually measured on, among those there are.</summary>
    private static string? Usual(IReadOnlyList<string> splits) =>
        UsualValidation.Select(usual => splits.FirstOrDefault(name => SplitNames.Canonical(name) == usual)).FirstOrDefault(static name => name is not null);

    private static DataParts Planned(SplitPlan plan, IDataset whole, DataSection section)
    {
        var validation = section.ValidationSplit ?? Usual(plan.Parts) ?? throw new FoveaException(
            $"{section.SplitFile}: found the parts {string.Join(", ", plan.Parts)}, expected one to measure on; say which with data.validation_split, or train on each in turn with --folds {plan.Parts.Count}");
        var train = section.TrainSplit ?? plan.Parts.FirstOrDefault(static name => SplitNames.Canonical(name) == "train");
        return new DataParts(Usable(train is null ? plan.Except(whole, validation) : plan.Part(whole, train), section), Usable(plan.Part(whole, validation), section));
    }

    private static SplitPlan MakeFolds(IDataset whole, DataSection section, int? folds, int seed)
    {
        var groupBy = GroupBy(section);
        var count = folds ?? (groupBy is null ? whole.Count : Enumerable.Range(0, whole.Count).Select(i => groupBy(whole[i])).Distinct(StringComparer.Ordinal).Count());
        return DatasetSplitter.Folds(whole, count, seed, groupBy);
    }

    private static SplitPlan FoldsOf(string file, int? folds)
    {
        var plan = SplitPlan.Load(file);
        return folds == plan.Parts.Count ? plan : throw new FoveaException(
            $"{file}: found {Counted.Of(plan.Parts.Count, "part")} ({string.Join(", ", plan.Parts)}), expected {(folds is { } count ? $"the {count} of --folds" : "no split file with --folds all")}");
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

    /// <summary>Without the images whose masks cannot be used, when the recipe skips what is broken: the masks are counted before the first step.</summary>
    private static IDataset Usable(IDataset dataset, DataSection section)
    {
        if (!section.SkipBroken || (dataset.Content & (DatasetContent.Maps | DatasetContent.Masks)) == 0)
            return dataset;
        var faults = new string?[dataset.Count];
        AllCores.For(dataset.Count, i => faults[i] = FaultOf(dataset, i));
        var found = faults.OfType<string>().ToList();
        if (found.Count == dataset.Count)
            throw new FoveaException($"{dataset.Name}: found no image with a mask that can be used; the first: {found[0]}");
        return found.Count == 0
            ? dataset
            : dataset.Subset(Enumerable.Range(0, dataset.Count).Where(i => faults[i] is null)).WithNotes([$"left out {Counted.Of(found.Count, "image")} whose masks cannot be used, such as {found[0]}"]);
    }

    private static string? FaultOf(IDataset dataset, int index)
    {
        try
        {
            dataset.Load(index);
            return null;
        }
        catch (FoveaException fault)
        {
            return fault.Message;
        }
    }

    private static IDataset Fit(IDataset dataset, ModelTask task)
    {
        if (dataset.Count == 0)
            throw new FoveaException($"{dataset.Name}: found no images, expected at least one");
        if (dataset.Labels.Count == 0)
            throw new FoveaException($"{dataset.Name}: classes: found none, expected at least one; where no object is labelled on purpose, name the classes (--set data.classes=[...])");
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
