using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Models.Detection;
using Fovea.Models.Segmentation;
using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>The number that is explained: what a network says about one thing, before the softmax or sigmoid.</summary>
/// <param name="Label">The class, a number of the label space.</param>
public abstract record ScoreTarget(int Label)
{
    /// <summary>The score of each image, <c>[N]</c>, differentiable by the images; in the caller's scope.</summary>
    /// <param name="model">The network.</param>
    /// <param name="images"><c>[N, C, H, W]</c>, versions of one picture.</param>
    /// <param name="origin">Where the picture came from.</param>
    /// <exception cref="FoveaException">The network does another task or has fewer classes.</exception>
    internal abstract Tensor Score(VisionModel model, Tensor images, ImageOrigin origin);

    /// <summary>How sure the network is, <c>[N]</c>: a probability where there is one, else the score.</summary>
    internal virtual Tensor Confidence(VisionModel model, Tensor images, ImageOrigin origin) => Score(model, images, origin);

    private protected FoveaException Unfit(VisionModel model, string expected) =>
        new($"explain: found {model.GetType().Name}, a network of {model.Task}, expected {expected}");

    private protected void CheckLabel(long classes)
    {
        if (Label < 0 || Label >= classes)
            throw new FoveaException($"explain: found class {Label}, expected 0 to {classes - 1}, the classes of the network");
    }
}

/// <summary>A class of a classifier.</summary>
/// <param name="Label">The class.</param>
public sealed record ClassTarget(int Label) : ScoreTarget(Label)
{
    internal override Tensor Score(VisionModel model, Tensor images, ImageOrigin origin)
    {
        using var scope = new TensorScope();
        return scope.Keep(Logits(model, images).Select(1, Label));
    }

    internal override Tensor Confidence(VisionModel model, Tensor images, ImageOrigin origin)
    {
        using var scope = new TensorScope();
        var logits = Logits(model, images);
        return scope.Keep((model.Task == ModelTask.MultiLabel ? logits.Sigmoid() : logits.Softmax(1)).Select(1, Label));
    }

    private Tensor Logits(VisionModel model, Tensor images)
    {
        if (model is not ImageClassifier classifier)
            throw Unfit(model, "a classifier; ask a detector about a box and a segmenter about a region");
        var logits = classifier.Logits(images);
        CheckLabel(logits.Shape[1]);
        return logits;
    }
}

/// <summary>A class in a box of a detector.</summary>
/// <param name="Box">The box in network pixels.</param>
/// <param name="Label">The class.</param>
public sealed record BoxTarget(Box Box, int Label) : ScoreTarget(Label)
{
    internal override Tensor Score(VisionModel model, Tensor images, ImageOrigin origin) => model is IScoresBoxes detector
        ? detector.BoxScores(images, Box, Label)
        : throw Unfit(model, "a detector that can be asked about a box, such as Faster R-CNN, Mask R-CNN or RetinaNet");
}

/// <summary>A class summed over a region of a segmenter.</summary>
/// <param name="Label">The class.</param>
/// <param name="Region">Row-major, whether each pixel of the network's picture belongs to it.</param>
/// <param name="Size">Size of the region's map.</param>
public sealed record RegionTarget(int Label, IReadOnlyList<bool> Region, ImageSize Size) : ScoreTarget(Label)
{
    /// <summary>The pixels that the network itself gives to a class.</summary>
    /// <param name="model">The network.</param>
    /// <param name="batch">The picture, as a batch of one.</param>
    /// <param name="label">The class, or null for the most frequent but the first, which is the background.</param>
    /// <param name="within">A box in network pixels that the region is cut to, or null.</param>
    /// <exception cref="FoveaException">No pixel is of the class.</exception>
    public static RegionTarget Predicted(Segmenter model, Batch batch, int? label = null, Box? within = null)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var classes = model.Scores(batch).Argmax(1)[0];
        var (height, width) = ((int)classes.Shape[0], (int)classes.Shape[1]);
        var values = classes.To(Dtype.Int64).ToArray<long>();
        var limit = within ?? new Box(0, 0, width, height);
        bool IsWithin(int i) => i % width + 0.5f is var x && i / width + 0.5f is var y && x >= limit.X1 && x < limit.X2 && y >= limit.Y1 && y < limit.Y2;
        var most = Enumerable.Range(0, values.Length).Where(i => values[i] > 0 && IsWithin(i)).GroupBy(i => values[i]).OrderByDescending(static group => group.Count()).FirstOrDefault();
        var wanted = label ?? (int?)most?.Key ?? throw new FoveaException($"{batch.Origins[0].Path}: found background alone, expected pixels of another class; name one with --target");
        var region = Array.ConvertAll([.. Enumerable.Range(0, values.Length)], i => values[i] == wanted && IsWithin(i));
        if (!region.Contains(true))
            throw new FoveaException($"{batch.Origins[0].Path}: found no pixel that the network gives to class {wanted}, expected some; name another class with --target");
        return new RegionTarget(wanted, region, new ImageSize(height, width));
    }

    internal override Tensor Score(VisionModel model, Tensor images, ImageOrigin origin)
    {
        if (model is not Segmenter segmenter)
            throw Unfit(model, "a network that gives a class for every pixel");
        using var scope = new TensorScope();
        var batch = new Batch { Images = images, Origins = [.. Enumerable.Repeat(origin, (int)images.Shape[0])] };
        var scores = segmenter.Scores(batch);
        CheckLabel(scores.Shape[1]);
        var mask = Tensor.FromArray([.. Region.Select(static inside => inside ? 1f : 0)], [1, Size.Height, Size.Width]).To(images.Device, scores.Dtype);
        return scope.Keep((scores.Select(1, Label) * mask).Sum([1, 2]));
    }
}
