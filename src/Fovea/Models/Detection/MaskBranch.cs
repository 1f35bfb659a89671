using Fovea.Ops;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Detection;

/// <summary>
/// Small convolutional network on pooled regions, <c>[R, C, b, b]</c> to <c>[R, D, b, b]</c>. Keys <c>0.0</c>, <c>1.0</c>, ...
/// Weights begin as Kaiming normal over the outputs, biases as 0.
/// </summary>
public sealed class MaskHead : Layer
{
    private readonly List<Layer> layers = [];

    /// <summary>Creates the 3 x 3 convolutions, each with a ReLU.</summary>
    /// <param name="channels">Channels of the input and of every convolution, C = D.</param>
    /// <param name="depth">Number of convolutions.</param>
    public MaskHead(int channels, int depth)
    {
        for (var i = 0; i < depth; i++)
        {
            var convolution = new Conv2d(channels, channels, 3, padding: 1);
            Init.KaimingNormal(convolution.Weight, fanOut: true);
            Init.Constant(convolution.Bias!, 0);
            layers.Add(Child($"{i}", new Sequential(convolution, new ReLU(inPlace: true))));
        }
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) =>
        layers.Skip(1).Aggregate(layers[0].Forward(input), static (hidden, layer) => layer.Consume(hidden));
}

/// <summary>A mask for every class from a region's map, twice as fine. Keys <c>conv5_mask</c>, <c>mask_fcn_logits</c>.</summary>
public sealed class MaskPredictor : Module
{
    private readonly ConvTranspose2d upsample;
    private readonly Conv2d masks;
    private readonly ReLU relu = new(inPlace: true);

    /// <summary>Creates the two layers (weights Kaiming normal over the outputs).</summary>
    /// <param name="channels">Channels of the input, C.</param>
    /// <param name="outputs">Classes with background, K.</param>
    public MaskPredictor(int channels, int outputs)
    {
        upsample = Child("conv5_mask", new ConvTranspose2d(channels, channels, 2, stride: 2));
        masks = Child("mask_fcn_logits", new Conv2d(channels, outputs, 1));
        Init.KaimingNormal(upsample.Weight, fanOut: true);
        Init.KaimingNormal(masks.Weight, fanOut: true);
    }

    /// <summary>The mask of one class for each region: only those are computed, for neither loss nor prediction needs others.</summary>
    /// <param name="regions"><c>[R, C, b, b]</c>.</param>
    /// <param name="labels">The class of each region, <c>[R]</c> int64, from 0 (background) to K - 1.</param>
    /// <returns>Logits <c>[R, 2b, 2b]</c> float32, in the caller's scope.</returns>
    public Tensor Forward(Tensor regions, Tensor labels)
    {
        using var scope = new TensorScope();
        var fine = relu.Consume(upsample.Forward(regions));
        var (count, channels, height, width) = (fine.Shape[0], fine.Shape[1], fine.Shape[2], fine.Shape[3]);
        var weights = masks.Weight.Flatten(1).IndexSelect(0, labels).Unsqueeze(1);
        var logits = weights.Bmm(fine.Reshape([count, channels, height * width])).To(Dtype.Float32);
        var bias = masks.Bias!.IndexSelect(0, labels).Reshape([count, 1, 1]);
        return scope.Keep((logits + bias).Reshape([count, height, width]));
    }
}

/// <summary>
/// The third output of Mask R-CNN: a mask within each box. He, Gkioxari, Dollár, Girshick 2017, Mask R-CNN, section 3 and
/// figure 4 (right).
/// </summary>
/// <remarks>Keys <c>mask_head</c>, <c>mask_predictor</c> under the owner.</remarks>
public sealed class MaskBranch
{
    private readonly PyramidPooler pooler;

    /// <summary>Puts the parts together.</summary>
    /// <param name="pooler">Reads regions from the pyramid.</param>
    /// <param name="head">Convolutions on pooled regions.</param>
    /// <param name="predictor">From those to masks.</param>
    public MaskBranch(PyramidPooler pooler, MaskHead head, MaskPredictor predictor)
    {
        this.pooler = pooler;
        Head = head;
        Predictor = predictor;
    }

    /// <summary>Convolutions on pooled regions.</summary>
    public MaskHead Head { get; }

    /// <summary>From those to masks.</summary>
    public MaskPredictor Predictor { get; }

    /// <summary>Mask logits of boxes whose classes are known.</summary>
    /// <param name="levels">Levels of the pyramid.</param>
    /// <param name="boxes">For each image <c>[R_i, 4]</c>, network pixels.</param>
    /// <param name="labels">Classes of all boxes, image after image, <c>[ΣR_i]</c>, background 0.</param>
    /// <returns><c>[ΣR_i, 2b, 2b]</c> float32, in the caller's scope.</returns>
    public Tensor Forward(IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> boxes, Tensor labels)
    {
        using var scope = new TensorScope();
        return scope.Keep(Predictor.Forward(Head.Consume(pooler.Pool(levels, boxes)), labels));
    }

    /// <summary>Binary cross entropy of the true class's mask over the pixels of the positive regions' maps; 0 without positives.</summary>
    /// <param name="levels">Levels of the pyramid.</param>
    /// <param name="samples">The sampled regions of each image.</param>
    /// <param name="targets">The true objects with masks.</param>
    public Tensor Loss(IReadOnlyList<Tensor> levels, IReadOnlyList<RegionSample> samples, IReadOnlyList<DetectionTarget> targets)
    {
        using var scope = new TensorScope();
        var positives = samples.Select(sample => sample.Positives()).ToList();
        var boxes = samples.Zip(positives, (sample, positive) => sample.Regions.IndexSelect(0, positive)).ToList();
        var labels = Aten.Cat([.. samples.Zip(positives, (sample, positive) => sample.Labels.IndexSelect(0, positive))]);
        var logits = Forward(levels, boxes, labels);
        if (labels.Shape[0] == 0)
            return scope.Keep(logits.Sum());
        var truth = targets.Select((target, image) =>
            MaskTargets.Of(target.Masks!, boxes[image], samples[image].Matches.IndexSelect(0, positives[image]), (int)logits.Shape[-1]));
        return scope.Keep(logits.BinaryCrossEntropyWithLogits(Aten.Cat([.. truth])));
    }

    /// <summary>The probabilities within the boxes that were found: <see cref="RawDetections.Masks"/>.</summary>
    public RawDetections[] Decode(IReadOnlyList<Tensor> levels, IReadOnlyList<RawDetections> found)
    {
        using var scope = new TensorScope();
        var labels = Aten.Cat([.. found.Select(image => image.Labels)]);
        var probabilities = Forward(levels, [.. found.Select(image => image.Boxes)], labels).Sigmoid();
        var (results, first) = (new RawDetections[found.Count], 0L);
        for (var image = 0; image < found.Count; image++)
        {
            var count = found[image].Labels.Shape[0];
            results[image] = found[image] with { Masks = scope.Keep(probabilities.Narrow(0, first, count)) };
            first += count;
        }

        return results;
    }
}
