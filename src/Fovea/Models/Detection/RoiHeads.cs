using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Detection;

/// <summary>
/// What an R-CNN does with its proposals: boxes and classes always, masks when there is a branch for them.
/// </summary>
/// <remarks>Keys <c>box_head</c>, <c>box_predictor</c>, <c>mask_head</c>, <c>mask_predictor</c>.</remarks>
public sealed class RoiHeads : Module
{
    private readonly BoxBranch boxes;
    private readonly MaskBranch? masks;
    private readonly RegionSampler sampler;

    /// <summary>Puts the branches together.</summary>
    /// <param name="boxes">Classes and boxes.</param>
    /// <param name="sampler">The assigner for training.</param>
    /// <param name="masks">Masks, or null for none.</param>
    public RoiHeads(BoxBranch boxes, RegionSampler sampler, MaskBranch? masks = null)
    {
        this.boxes = boxes;
        this.sampler = sampler;
        this.masks = masks;
        Child("box_head", boxes.Head);
        Child("box_predictor", boxes.Predictor);
        if (masks is null)
            return;
        Child("mask_head", masks.Head);
        Child("mask_predictor", masks.Predictor);
    }

    /// <summary>Whether masks are predicted.</summary>
    public bool HasMasks => masks is not null;

    /// <summary>The losses of the branches, appended to <paramref name="terms"/> in the caller's scope.</summary>
    /// <param name="terms">Gets <c>loss_classifier</c>, <c>loss_box_reg</c> and with masks <c>loss_mask</c>.</param>
    /// <param name="levels">Levels of the pyramid.</param>
    /// <param name="proposals">For each image <c>[K, 4]</c>.</param>
    /// <param name="targets">For each image the true objects, with masks when there is a branch for them.</param>
    public void Loss(LossTerms terms, IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> proposals, IReadOnlyList<DetectionTarget> targets)
    {
        using var scope = new TensorScope();
        var samples = proposals.Zip(targets, sampler.Sample).ToList();
        var (classes, moved) = boxes.Loss(boxes.Forward(levels, [.. samples.Select(sample => sample.Regions)]), samples);
        terms.Add("loss_classifier", scope.Keep(classes)).Add("loss_box_reg", scope.Keep(moved));
        if (masks is not null)
            terms.Add("loss_mask", scope.Keep(masks.Loss(levels, samples, targets)));
    }

    /// <summary>The scores of regions before the softmax, <c>[ΣK, classes]</c>, background first; in the caller's scope.</summary>
    /// <param name="levels">Levels of the pyramid.</param>
    /// <param name="regions">For each image <c>[K, 4]</c>.</param>
    internal Tensor Classify(IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> regions) => boxes.Forward(levels, regions).Logits;

    /// <summary>The objects of each image, in the caller's scope.</summary>
    /// <param name="levels">Levels of the pyramid.</param>
    /// <param name="proposals">For each image <c>[K, 4]</c>.</param>
    /// <param name="sizes">Sizes of the images without padding.</param>
    /// <param name="phaseBegins">Told when decoding begins and, with masks, when layers run again; null for nobody.</param>
    public RawDetections[] Detect(
        IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> proposals, IReadOnlyList<ImageSize> sizes, Action<PredictionPhase>? phaseBegins = null)
    {
        using var scope = new TensorScope();
        var outputs = boxes.Forward(levels, proposals);
        phaseBegins?.Invoke(PredictionPhase.OutputDecoding);
        var found = boxes.Decode(outputs, proposals, sizes);
        if (masks is not null)
        {
            phaseBegins?.Invoke(PredictionPhase.Network);
            found = masks.Decode(levels, found);
        }

        foreach (var image in found)
            image.KeepIn(scope);
        return found;
    }
}
