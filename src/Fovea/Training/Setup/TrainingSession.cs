using Fovea.Data;
using Fovea.Data.Loading;
using Fovea.Data.Statistics;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>A recipe put to work: data opened, network built, everything said that is known before the first step.</summary>
public sealed class TrainingSession : IDisposable
{
    private readonly DataLoader training;
    private readonly DataLoader validation;
    private readonly IDisposable hold;

    private TrainingSession(TrainingParts parts, DataParts data, RunFacts facts, IReadOnlyList<string> remarks)
    {
        Data = data;
        Facts = facts;
        Remarks = [.. remarks, .. StageSpan.Of(parts.Recipe).Select(span => span.Remark(parts.Recipe, parts.StepsPerEpoch)).OfType<string>()];
        Folder = parts.Folder!;
        Model = parts.Model;
        training = (DataLoader)parts.Training;
        validation = (DataLoader)parts.Validation!;
        hold = Folder.Hold();
        try
        {
            Trainer = new Trainer(parts);
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>Trains.</summary>
    public Trainer Trainer { get; }

    /// <summary>The network.</summary>
    public VisionModel Model { get; }

    /// <summary>The data.</summary>
    public DataParts Data { get; }

    /// <summary>Where the run writes.</summary>
    public RunFolder Folder { get; }

    /// <summary>What is known before the first step.</summary>
    public RunFacts Facts { get; }

    /// <summary>What was done with weights to start from, and what is odd about the recipe for this data; empty when there is nothing to say.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <summary>Images skipped so far because they cannot be read, with the reason.</summary>
    public IEnumerable<SkippedImage> Skipped => training.Skipped.Concat(validation.Skipped);

    /// <summary>Starts a run in a new folder.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="name">Name of the run, usually the recipe's.</param>
    /// <param name="folder">The folder, which must hold no run.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="data">The data, or null to open what the recipe names.</param>
    /// <exception cref="FoveaException">Something of the recipe cannot be had; nothing has been trained.</exception>
    public static TrainingSession Start(Recipe recipe, string name, string folder, Device device, DataParts? data = null)
    {
        var parts = Prepare(recipe, null, device, ref data, out var remarks);
        TrainingSession? session = null;
        try
        {
            parts = parts with { Folder = RunFolder.Create(folder) };
            var facts = Describe(parts, data!, name);
            session = new TrainingSession(parts, data!, facts, remarks);
            facts.Save(session.Folder.Facts);
            // The recipe comes last: a folder with one can be continued.
            Torch.Serialization.AtomicFile.WriteText(session.Folder.Recipe, parts.Recipe.ToYaml());
            return session;
        }
        catch
        {
            ((IDisposable?)session ?? parts.Model).Dispose();
            throw;
        }
    }

    /// <summary>Continues the run of a folder from its last checkpoint, or from its start when it was stopped before the first.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="data">The data, or null to open what the recipe names.</param>
    /// <exception cref="FoveaException">There is no run, or its checkpoint is damaged.</exception>
    public static TrainingSession Continue(RunFolder folder, DataParts? data = null)
    {
        var recipe = Recipe.Load(folder.Recipe);
        var facts = RunFacts.Load(folder.Facts);
        TorchRuntime.Threads = facts.Threads;
        var parts = Prepare(recipe, folder, Device.Parse(facts.Device), ref data, out var remarks);
        TrainingSession? session = null;
        try
        {
            session = new TrainingSession(parts, data!, facts, remarks);
            if (File.Exists(folder.Last))
                session.Trainer.Resume(folder.Last);
            return session;
        }
        catch
        {
            ((IDisposable?)session ?? parts.Model).Dispose();
            throw;
        }
    }

    /// <summary>Frees the network and what training keeps.</summary>
    public void Dispose()
    {
        Trainer.Dispose();
        Model.Dispose();
        hold.Dispose();
    }

    /// <summary>Opens the data of a recipe and builds its network.</summary>
    internal static TrainingParts Prepare(Recipe recipe, RunFolder? folder, Device device, ref DataParts? data, out IReadOnlyList<string> remarks)
    {
        var entry = ModelCatalog.Find(recipe.Model.Name);
        var task = recipe.TaskOf(entry);
        LossFactory.CheckTask(recipe.Loss, entry, task);
        CheckTask(recipe, entry, task);
        if (recipe.Preprocessing?.SizeRule == SizeRule.ShorterSideThenCrop && entry.Task != ModelTask.Classification)
        {
            throw new FoveaException(
                $"preprocessing.size_rule: found shorter_side_then_crop, which cuts pixels off, expected keep, exact, letterbox or shorter_longer for {entry.Task.ToString().ToLowerInvariant()}, "
                + "where the whole picture is judged");
        }

        if (recipe.Transforms.Eval.FirstOrDefault(static step => step.Name == "centre_crop") is { } crop && entry.Task != ModelTask.Classification)
            throw new FoveaException($"{crop.Origin}: transforms.eval: found centre_crop, which cuts pixels off, expected none for {entry.Task.ToString().ToLowerInvariant()}, where the whole picture is judged");

        var arithmetic = Arithmetic.Choose(recipe.Precision, recipe.ChannelsLast, device);
        var trainTransforms = TransformBuilder.Create(recipe.Transforms.Train);
        var evalTransforms = TransformBuilder.Create(recipe.Transforms.Eval);
        data ??= DataParts.Open(recipe.Data, task, recipe.Seed);
        // What cannot be measured is known before the first step, not after the first epoch.
        TaskJudge.For(task, data.Training.Labels, recipe.Evaluation);
        var training = data.Training;
        trainTransforms = TransformBuilder.Fit(trainTransforms, training, recipe.Data.SkipBroken);
        recipe = recipe with { Data = recipe.Data.WithFullPaths() };
        var labels = data.Training.Labels;
        var preprocessing = recipe.Preprocessing?.ToPreprocessing();
        var channels = preprocessing is null ? entry.DefaultInChannels : preprocessing.Channels.Count();
        RandomState.Seed((ulong)recipe.Seed);
        var wanted = ModelOptionsBinder.Bind(entry, recipe.Model, labels.Count, channels) with { MultiLabel = task == ModelTask.MultiLabel };
        var options = recipe.FineTuning is { } start ? FineTuning.Fit(entry, wanted, start) : wanted;
        var model = entry.Build(options);
        try
        {
            model.Preprocessing = preprocessing ?? (recipe.FineTuning is { } weights ? FineTuning.PreprocessingOf(entry, weights) : null)?.Adapt(channels) ?? model.Preprocessing;
            if (recipe.Preprocessing?.ZcaEpsilon is { } epsilon)
                model.Preprocessing = model.Preprocessing with { Whitening = Whiten(recipe, folder, training, model, epsilon) };
            recipe.Views?.Check(task, Math.Max(1, model.Preprocessing.SizeMultiple));
            var remarked = Changed(entry, wanted, options).ToList();
            var losses = LossFactory.Weighted(recipe.Loss, weighting => Weigh(training, task, weighting, remarked));
            LossFactory.Apply(losses, model, options.Outputs);
            if (folder is not null && File.Exists(folder.Last))
                Checkpoint.MatchLayers(model, folder.Last);
            else if (recipe.FineTuning is { } tuning)
                remarked.AddRange(FineTuning.Load(entry, model, labels, tuning));
            remarks = remarked;
            var loading = new LoaderOptions
            {
                BatchSize = recipe.BatchSize,
                Seed = recipe.Seed,
                Workers = recipe.Data.Workers ?? 0,
                ChannelsLast = arithmetic.ChannelsLast,
            };
            return new TrainingParts
            {
                Recipe = recipe,
                Model = model,
                Options = options,
                Labels = labels,
                Arithmetic = arithmetic,
                Folder = folder,
                Training = Batches(data.Training, task, model, trainTransforms, loading with
                {
                    Shuffle = true,
                    DropLast = recipe.DropLast,
                    BalanceClasses = recipe.Data.Sampling == SamplingKind.ClassBalanced,
                    BorderWeights = LossFactory.Borders(losses),
                    ApplySizeRule = recipe.Transforms.ResizeInTraining,
                    Broken = recipe.Data.SkipBroken ? BrokenImages.Replace : BrokenImages.Error,
                }),
                Validation = Batches(data.Validation, task, model, evalTransforms, loading with
                {
                    Broken = recipe.Data.SkipBroken ? BrokenImages.LeaveOut : BrokenImages.Error,
                }),
            };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    // A run that goes on takes the whitening it began with: a sum over pictures may differ in its last bit.
    private static Whitening Whiten(Recipe recipe, RunFolder? folder, IDataset training, VisionModel model, double epsilon)
    {
        if (folder is not null && File.Exists(folder.Last))
        {
            using var file = Torch.Serialization.WeightsFile.Open(folder.Last);
            return Checkpoint.WhiteningOf(file) ?? throw new DataException(folder.Last, "preprocessing", "no whitening", "the whitening that the run began with");
        }

        var loader = new DataLoader(training, model.Task, model.Preprocessing, new LoaderOptions
        {
            BatchSize = 256, Workers = recipe.Data.Workers ?? 0, Broken = recipe.Data.SkipBroken ? BrokenImages.LeaveOut : BrokenImages.Error,
        });
        return Whitening.Fit(Images(loader), epsilon);
    }

    private static IEnumerable<Tensor> Images(DataLoader loader)
    {
        foreach (var batch in loader.Epoch(0))
        {
            using (batch)
                yield return batch.Images;
        }
    }

    // What the names in a weights file made of the options.
    private static IEnumerable<string> Changed(ModelEntry entry, ModelOptions wanted, ModelOptions built)
    {
        if (entry.Variation is null || Equals(wanted.Variation, built.Variation))
            yield break;
        var before = ModelOptionNames.Describe(wanted.Variation ?? entry.Variation);
        foreach (var (name, value) in ModelOptionNames.Describe(built.Variation ?? entry.Variation).Except(before))
            yield return $"model.options.{name} is {value}, as the weights to start from ask for";
    }

    private static void CheckTask(Recipe recipe, ModelEntry entry, ModelTask task)
    {
        if (task == ModelTask.MultiLabel && recipe.Data.Sampling == SamplingKind.ClassBalanced)
            throw new FoveaException("data.sampling: found class_balanced with several labels an image, expected shuffled: an image of a rare label is one of common labels too; weigh what is true of each by loss.class_weighting: negative_ratio");
        if (recipe.Crf is not null && entry.Task != ModelTask.Semantic)
            throw new FoveaException($"crf: found with {entry.Name}, expected it with networks that give the class of every pixel; leave it out");
        if (entry.Task == ModelTask.Classification)
            return;
        var key = recipe.Mixing is not null ? "mixing" : recipe.Data.Sampling == SamplingKind.ClassBalanced ? "data.sampling: class_balanced" : null;
        if (key is not null)
            throw new FoveaException($"{key}: found with {entry.Name}, expected it with classifiers only, whose images have one class each; leave it out");
    }

    private static float[] Weigh(IDataset training, ModelTask task, ClassWeighting weighting, List<string> remarks)
    {
        var frequencies = task switch
        {
            ModelTask.Classification => ClassFrequencies.OfImages(training),
            ModelTask.MultiLabel => ClassFrequencies.OfLabels(training),
            _ => ClassFrequencies.Compute(training),
        };
        var weights = frequencies.Weights(weighting);
        var each = training.Labels.Names.Select((name, i) => FormattableString.Invariant($"{name} {weights[i]:0.###}"));
        remarks.Add($"class weights by {RecipeShape.SnakeCase(weighting.ToString())}: {string.Join(", ", each)}");
        return weights;
    }

    private static DataLoader Batches(IDataset dataset, ModelTask task, VisionModel model, Transforms.Pipeline transforms, LoaderOptions options) =>
        new(dataset, task, model.Preprocessing, options, transforms);

    private static RunFacts Describe(TrainingParts parts, DataParts data, string name)
    {
        var (recipe, task) = (parts.Recipe, parts.Model.Task);
        DataFacts[] census = [DataCensus.Count(data.Training, task), DataCensus.Count(data.Validation, task)];
        var all = parts.Model.Parameters().Sum(static p => p.Count);
        var trained = parts.Model.NamedParameters().Where(p => !NamePattern.Matches(p.Key, recipe.Freeze)).Sum(static p => p.Value.Count);
        var metric = recipe.Metric ?? MetricNames.Usual(task);
        return new RunFacts
        {
            Name = name,
            Started = DateTime.UtcNow,
            Device = parts.Arithmetic.Device.ToString(),
            Threads = TorchRuntime.Threads,
            Model = recipe.Model.Name,
            Task = task,
            Parameters = trained,
            Labels = parts.Labels.Names,
            Metric = metric,
            Epochs = recipe.Epochs,
            Data = census,
            Lines =
            [
                .. Machine.Facts(parts.Arithmetic.Device),
                new Fact("precision", parts.Arithmetic.ToString()),
                new Fact("model", FormattableString.Invariant($"{recipe.Model.Name}, {all:N0} parameters, {(trained == all ? "all" : FormattableString.Invariant($"{trained:N0}"))} trained")),
                new Fact("training data", DataCensus.Describe(census[0], parts.Labels.Names)),
                new Fact("validation data", DataCensus.Describe(census[1], parts.Labels.Names)),
                new Fact("training", FormattableString.Invariant($"{Counted.Of(recipe.Epochs, "epoch")} of {Counted.Of(parts.Training.BatchesPerEpoch, "batch")} of {recipe.BatchSize}{(recipe.Accumulation > 1 ? FormattableString.Invariant($", {recipe.Accumulation} batches a step") : "")}; {recipe.Optimizer.Name.ToString().ToLowerInvariant()}, learning rate {recipe.Optimizer.LearningRate}; seed {recipe.Seed}; best by {metric}")),
            ],
        };
    }
}
