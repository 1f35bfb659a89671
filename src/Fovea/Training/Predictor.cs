using System.Diagnostics;
using Fovea.Data;
using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;
using Fovea.Transforms;

namespace Fovea.Training;

/// <summary>
/// A trained network put to use: reads the network, its classes and what is done to a picture from the weights file, and
/// guesses nothing.
/// </summary>
/// <example><code>
/// using var predictor = Predictor.Load("runs/cells/best.safetensors");
/// var image = Image.Load("slide.jpg");
/// foreach (var found in predictor.Predict(image).Detections!)
///     Console.WriteLine($"{predictor.Labels[found.Label]} {found.Score:0.00} {found.Box}");
/// </code></example>
public sealed class Predictor : IDisposable
{
    private readonly InferencePlan? plan;
    private long phaseStart;
    private PredictionPhase phase;
    private CrfSection? crf;

    private Predictor(VisionModel model, ModelCard card, Arithmetic arithmetic)
    {
        Model = model;
        Card = card;
        Labels = new LabelSpace(card.Labels);
        Transforms = TransformBuilder.Create(card.Transforms);
        Arithmetic = arithmetic;
        Views = card.Views ?? new TestViews();
        if (card.Crf is { } crf)
            Crf = crf;
        model.To(arithmetic.Device);
        // Otherwise the plan has kernels of its own in that layout.
        if (arithmetic.ChannelsLast && arithmetic.Lowered is null)
            model.ToChannelsLast();
        model.Eval();
        plan = arithmetic.Plan(model);
        model.PhaseBegins = Begin;
    }

    /// <summary>The network.</summary>
    public VisionModel Model { get; }

    /// <summary>What came with the weights.</summary>
    public ModelCard Card { get; }

    /// <summary>The classes.</summary>
    public LabelSpace Labels { get; }

    /// <summary>What is done to a picture before the preprocessing, in evaluation and prediction alike.</summary>
    public Pipeline Transforms { get; }

    /// <summary>Device and precision.</summary>
    public Arithmetic Arithmetic { get; }

    /// <summary>Test-time augmentation: the views of a picture that predictions are averaged over; those that came with the weights unless set.</summary>
    public TestViews Views { get; set; }

    /// <summary>The random field that sharpens the maps of a semantic network, or null for none; that which came with the weights unless set.</summary>
    /// <exception cref="FoveaException">Set on a network that gives no maps.</exception>
    public CrfSection? Crf
    {
        get => crf;
        set
        {
            if (value is not null && Model is not Segmenter)
                throw new FoveaException($"crf: found with {Card.Model}, a network of {Card.Task.ToString().ToLowerInvariant()}, expected one that gives the class of every pixel");
            crf = value;
            if (Model is Segmenter segmenter)
                segmenter.Crf = value?.ToCrf();
        }
    }

    /// <summary>Name of the folder of depth that lies beside a folder of pictures, where there are several; that of the training data unless set.</summary>
    public string? DepthFolder { get; set; }

    /// <summary>Where the time of all predictions so far went.</summary>
    public PredictionTimes Times { get; } = new();

    /// <summary>Loads a checkpoint, or a run's best one.</summary>
    /// <param name="path">A weights file with a model card, or the folder of a run.</param>
    /// <param name="device">Where to compute; the processor when not given.</param>
    /// <param name="precision">Arithmetic; auto as in training.</param>
    /// <exception cref="FoveaException">The file cannot be read, has no card or weights that are no numbers, or the catalogue lacks its network.</exception>
    public static Predictor Load(string path, Device device = default, RecipePrecision precision = RecipePrecision.Auto)
    {
        using var file = WeightsFile.Open(FileOf(path));
        var card = ModelCard.Of(file) ?? throw new FoveaException(
            $"{path}: found weights without a model card, expected a checkpoint that 'fovea train' wrote; for other weights say which network they are of with --model NAME");
        var arithmetic = Arithmetic.Choose(precision, null, device);
        var depthFolder = card.Preprocessing.Channels == ImageChannels.Rgbd ? Checkpoint.RecipeOf(file)?.Data.DepthFolder : null;
        var model = card.Build(file);
        try
        {
            CheckFinite(model, file.Path);
            return new Predictor(model, card, arithmetic) { DepthFolder = depthFolder };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Loads weights that came without a card, such as published ones; the network's usual preprocessing is taken.</summary>
    /// <param name="entry">The network.</param>
    /// <param name="path">Safetensors, <c>.pth</c> or <c>.pt</c>.</param>
    /// <param name="labels">The class names, or null to number them.</param>
    /// <param name="device">Where to compute; the processor when not given.</param>
    /// <param name="precision">Arithmetic; auto as in training.</param>
    /// <exception cref="FoveaException">The file cannot be read, is of another network, or has another number of classes.</exception>
    public static Predictor Load(ModelEntry entry, string path, LabelSpace? labels = null, Device device = default, RecipePrecision precision = RecipePrecision.Auto)
    {
        var (model, options) = WeightedModel.LoadWithOptions(entry, path);
        try
        {
            CheckFinite(model, path);
            var classes = options.Outputs - entry.OutputsFor(0);
            labels ??= new LabelSpace(Enumerable.Range(0, classes).Select(static i => FormattableString.Invariant($"class {i}")));
            if (labels.Count != classes)
                throw new FoveaException($"{path}: found weights for {Counted.Of(classes, "class")}, expected {labels.Count}, as many as there are names; {HeadShape.Remedy(path)}");
            var card = new ModelCard { Model = entry.Name, Task = entry.Task, Options = options, Labels = labels.Names, Preprocessing = model.Preprocessing };
            return new Predictor(model, card, Arithmetic.Choose(precision, null, device));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Reads a picture as the network takes it: in its channels, with the depth that lies beside it where the network takes depth.</summary>
    /// <param name="path">The picture.</param>
    /// <exception cref="FoveaException">The picture or its depth cannot be read or found, or their sizes differ.</exception>
    public Scene Read(string path)
    {
        var channels = Model.Preprocessing.Channels;
        var scene = Scene.Of(Image.Load(path, channels), name: path);
        return channels == ImageChannels.Rgbd ? scene with { Depth = DepthPicture.Load(DepthPicture.Beside(path, DepthFolder), scene.Image.Size) } : scene;
    }

    /// <summary>What the network says about a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="name">What to call it in errors.</param>
    public Prediction Predict(Image image, string name = "image") => Predict([(name, image)])[0];

    /// <summary>What the network says about pictures, as one batch.</summary>
    /// <param name="images">The pictures with their paths.</param>
    /// <returns>One prediction for each, in pixels of the pictures.</returns>
    /// <exception cref="FoveaException">The network does not go with the <see cref="Views"/>.</exception>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<(string Path, Image Image)> images) =>
        Predict([.. images.Select(static item => Scene.Of(item.Image, name: item.Path))]);

    /// <summary>What the network says about pictures, as one batch.</summary>
    /// <param name="pictures">The pictures; with their depth for a network that takes colour and depth.</param>
    /// <returns>One prediction for each, in pixels of the pictures.</returns>
    /// <exception cref="DataException">A picture has no depth and the network takes it.</exception>
    /// <exception cref="FoveaException">The network does not go with the <see cref="Views"/>.</exception>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<Scene> pictures)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var start = Stopwatch.GetTimestamp();
        if (!Views.IsPlain)
        {
            var averaged = pictures.Select(picture => ViewPrediction.Predict(Model, Arithmetic, Views, Transforms.ApplyFixed(WithChannels(picture)))).ToList();
            Times.Network += Stopwatch.GetElapsedTime(start).TotalSeconds;
            Times.Images += pictures.Count;
            return averaged;
        }

        using var batch = Collation.ForPrediction([.. pictures.Select(WithChannels)], Model.Preprocessing, Arithmetic.ChannelsLast, Transforms);
        var placed = Arithmetic.Place(batch);
        Times.Preprocessing += Stopwatch.GetElapsedTime(start).TotalSeconds;
        using var lowered = Arithmetic.Enter();
        (phase, phaseStart) = (PredictionPhase.Network, Stopwatch.GetTimestamp());
        var predictions = SmallImages.Guard(placed, () => Model.Predict(placed));
        Begin(PredictionPhase.Network);
        Times.Images += pictures.Count;
        return predictions;
    }

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        plan?.Dispose();
        Model.Dispose();
    }

    /// <summary>The weights file that a path means: the best of a run's folder, or the file itself.</summary>
    /// <exception cref="FoveaException">The folder holds no weights.</exception>
    public static string FileOf(string path)
    {
        if (!Directory.Exists(path))
            return path;
        var folder = new RunFolder(path);
        return File.Exists(folder.Best) ? folder.Best
            : File.Exists(folder.Last) ? folder.Last
            : throw new FoveaException($"{path}: found a folder without best.safetensors or last.safetensors, expected the folder of a run or a weights file");
    }

    // A detector that computes with what is no number finds nothing, and a segmenter only the first class: both look like answers.
    private static void CheckFinite(VisionModel model, string path)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        foreach (var (name, tensor) in model.StateDict().Where(static entry => entry.Value.Dtype.IsFloatingPoint() && entry.Value.Count > 0))
        {
            var (least, greatest) = tensor.Aminmax();
            if (!double.IsFinite(least.ToDouble()) || !double.IsFinite(greatest.ToDouble()))
                throw new DataException(path, name, "values that are no finite numbers", "weights; the training that they come from has diverged, or the file is damaged");
        }
    }

    private Scene WithChannels(Scene picture)
    {
        var channels = Model.Preprocessing.Channels == ImageChannels.Rgbd ? ImageChannels.Rgb.Count() : Model.Preprocessing.Mean.Count;
        return picture.Image.Channels == channels ? picture : picture with { Image = picture.Image.ConvertTo(Model.Preprocessing.Channels) };
    }

    private void Begin(PredictionPhase next)
    {
        TorchRuntime.Synchronize(Arithmetic.Device);
        var now = Stopwatch.GetTimestamp();
        var seconds = Stopwatch.GetElapsedTime(phaseStart, now).TotalSeconds;
        if (phase == PredictionPhase.Network)
            Times.Network += seconds;
        else
            Times.OutputDecoding += seconds;
        (phase, phaseStart) = (next, now);
    }
}

/// <summary>Seconds of predictions by what they were spent on.</summary>
public sealed class PredictionTimes
{
    /// <summary>Pictures predicted.</summary>
    public int Images { get; set; }

    /// <summary>Reading and decoding picture files.</summary>
    public double Decoding { get; set; }

    /// <summary>Sizing and normalising.</summary>
    public double Preprocessing { get; set; }

    /// <summary>The layers of the network.</summary>
    public double Network { get; set; }

    /// <summary>From raw outputs to predictions; for an R-CNN also from raw outputs to proposals, suppression included.</summary>
    public double OutputDecoding { get; set; }

    /// <summary>Drawing and saving pictures.</summary>
    public double Drawing { get; set; }
}
