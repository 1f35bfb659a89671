using Fovea.Models;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>
/// Everything that decides how a network is trained, read from YAML. Keys are the property names in snake case
/// (<c>batch_size</c>); a key that does not exist, is of another type or out of its range is an error that says where.
/// </summary>
public sealed record Recipe
{
    /// <summary>Free text: what the recipe is for, where it comes from, and the score to expect.</summary>
    public string? Description { get; init; }

    /// <summary>What the network is for: <c>classification</c>, <c>detection</c>, <c>instance</c> (segmentation) or <c>semantic</c> (segmentation). It is the network's own; written here, it is checked against it. <c>multi_label</c> makes a classifier answer for each class by itself, so that none, one or several may be true.</summary>
    public ModelTask? Task { get; init; }

    /// <summary>The network.</summary>
    public required ModelSection Model { get; init; }

    /// <summary>The loss of a semantic network: a name with its settings (<c>loss: {name: dice}</c>), or a list of several that are added; left out, the network's own, cross entropy. Of a classifier <c>cross_entropy</c>, for class weights and label smoothing.</summary>
    public IReadOnlyList<LossSection> Loss { get; init; } = [];

    /// <summary>The data set.</summary>
    public DataSection Data { get; init; } = new();

    /// <summary>What is done to every image before it enters the network, in training and ever after; it travels with the weights. Left out, the network's own.</summary>
    public PreprocessingSection? Preprocessing { get; init; }

    /// <summary>What is done to images and their labels before the preprocessing.</summary>
    public TransformSection Transforms { get; init; } = new();

    /// <summary>Whether the pictures of a batch are mixed (mixup, CutMix; classification); left out, they are not.</summary>
    public MixingSection? Mixing { get; init; }

    /// <summary>Images in a batch.</summary>
    [Within(1, 65536)]
    public int BatchSize { get; init; } = 16;

    /// <summary>Whether the last batch of an epoch is left out where it is not full, for networks that cannot be trained on a single picture. Other pictures are left out in every epoch.</summary>
    public bool DropLast { get; init; }

    /// <summary>Batches whose gradients are summed before the optimizer takes a step; the step then sees <c>batch_size</c> times this many images.</summary>
    [Within(1, 4096)]
    public int Accumulation { get; init; } = 1;

    /// <summary>Passes over the training data.</summary>
    [Within(1, 1000000)]
    public int Epochs { get; init; } = 10;

    /// <summary>Start of every random stream: weights, order, transforms, dropout. The same seed gives the same numbers.</summary>
    [Within(0, int.MaxValue)]
    public int Seed { get; init; }

    /// <summary>Arithmetic: <c>auto</c> (bfloat16 where the machine computes it natively, else float32), <c>fp32</c>, <c>bf16</c>, or <c>fp16</c> (CUDA, with loss scaling).</summary>
    public RecipePrecision Precision { get; init; } = RecipePrecision.Auto;

    /// <summary>Whether images are laid out channels-last; left out, where it pays.</summary>
    public bool? ChannelsLast { get; init; }

    /// <summary>How weights follow their gradients.</summary>
    public required OptimizerSection Optimizer { get; init; }

    /// <summary>How the learning rate moves over time.</summary>
    public ScheduleSection Schedule { get; init; } = new();

    /// <summary>A running average of the weights that is evaluated and saved in their place; left out, there is none.</summary>
    public EmaSection? Ema { get; init; }

    /// <summary>A limit on gradients; left out, there is none.</summary>
    public ClippingSection? Clipping { get; init; }

    /// <summary>A limit on the weights of every filter; left out, there is none.</summary>
    public FilterLimitSection? FilterLimit { get; init; }

    /// <summary>Names of parameters that stay as they are, as patterns (<c>backbone.*</c>, <c>*.bn?.weight</c>); batch normalisation whose parameters all stay keeps its statistics too.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>Stages of transfer learning, one after the other (head first, then everything); each begins with a fresh optimizer. Left out, there is one.</summary>
    public IReadOnlyList<StageSection> Stages { get; init; } = [];

    /// <summary>Weights to start from; left out, the network starts from its own initialisation.</summary>
    public FineTuningSection? FineTuning { get; init; }

    /// <summary>The views of a picture that <c>fovea eval</c> and <c>fovea predict</c> average over unless they are told otherwise; they travel with the weights. Evaluations while training see every picture once. Left out, predictions do too.</summary>
    public TestViews? Views { get; init; }

    /// <summary>A fully connected random field that sharpens the maps of a semantic network in <c>fovea eval</c> and <c>fovea predict</c> unless they are told otherwise; it travels with the weights. Evaluations while training do without. Left out, there is none.</summary>
    public CrfSection? Crf { get; init; }

    /// <summary>The figure that decides which checkpoint is the best, such as <c>top1</c>, <c>box_ap50</c>, <c>mean_iu</c> or <c>loss</c>; left out, the task's usual one.</summary>
    public string? Metric { get; init; }

    /// <summary>What is measured beyond the usual figures.</summary>
    public EvaluationSection Evaluation { get; init; } = new();

    /// <summary>When to stop before the last epoch; left out, never.</summary>
    public EarlyStoppingSection? EarlyStopping { get; init; }

    /// <summary>Epochs between evaluations; the last epoch is always evaluated.</summary>
    [Within(1, 1000000)]
    public int EvaluateEvery { get; init; } = 1;

    /// <summary>Epochs between checkpoints; the last epoch is always saved.</summary>
    [Within(1, 1000000)]
    public int CheckpointEvery { get; init; } = 1;

    /// <summary>Steps of the optimizer between checkpoints within an epoch; left out, none are written before its end.</summary>
    [Within(1, int.MaxValue)]
    public int? CheckpointSteps { get; init; }

    /// <summary>Epochs between weights that are kept for good, as <c>epoch-0004.safetensors</c> with the untrained ones as <c>epoch-0000.safetensors</c>, to see how features come about (<c>fovea explain --method evolution</c>); left out, none are.</summary>
    [Within(1, 1000000)]
    public int? KeepEvery { get; init; }

    /// <summary>Reads a recipe from a file.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Assignments such as <c>optimizer.learning_rate=0.01</c> that replace what the file says.</param>
    /// <exception cref="FoveaException">The file cannot be read, or the recipe has faults; the message lists all of them with their lines.</exception>
    public static Recipe Load(string path, IEnumerable<string>? overrides = null)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FoveaException($"{path}: the recipe cannot be read: {e.Message}", e);
        }

        return Parse(text, path, overrides);
    }

    /// <summary>Reads a recipe from text.</summary>
    /// <param name="yaml">The YAML.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="overrides">Assignments such as <c>epochs=3</c> that replace what the text says.</param>
    /// <exception cref="FoveaException">The recipe has faults; the message lists all of them with their lines.</exception>
    public static Recipe Parse(string yaml, string name, IEnumerable<string>? overrides = null)
    {
        var root = (overrides ?? []).Aggregate(YamlReader.Read(yaml, name), RecipeOverrides.Apply);
        return RecipeBinder.Bind(root);
    }

    /// <summary>What the network does in this recipe.</summary>
    /// <param name="entry">The network.</param>
    /// <exception cref="FoveaException">The recipe is for another task than the network.</exception>
    public ModelTask TaskOf(ModelEntry entry)
    {
        var task = Task ?? entry.Task;
        return task == entry.Task || (task == ModelTask.MultiLabel && entry.Task == ModelTask.Classification)
            ? task
            : throw new FoveaException($"task: found {RecipeShape.SnakeCase(task.ToString())}, expected {RecipeShape.SnakeCase(entry.Task.ToString())}, which is what {entry.Name} is for");
    }

    /// <summary>The effective recipe with every default written out; reading it gives an equal recipe.</summary>
    public string ToYaml() => RecipeWriter.Write(this);
}

/// <summary>The arithmetic of a training run.</summary>
public enum RecipePrecision
{
    /// <summary>bfloat16 where the machine computes it natively, else float32.</summary>
    Auto,

    /// <summary>float32 throughout.</summary>
    Fp32,

    /// <summary>Mixed float32 and bfloat16.</summary>
    Bf16,

    /// <summary>Mixed float32 and float16 with loss scaling.</summary>
    Fp16,
}
