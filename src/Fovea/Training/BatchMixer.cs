using Fovea.Torch;
using Fovea.Transforms;

namespace Fovea.Training;

/// <summary>
/// Mixes every picture of a batch with the one before it, by mixup (Zhang et al., "mixup: beyond empirical risk minimization",
/// 2018) or CutMix (Yun et al., "CutMix", 2019): labels become soft targets <c>[N, K]</c> that sum to 1. What is drawn depends
/// on seed, epoch and batch alone.
/// </summary>
/// <param name="section">What the recipe says.</param>
/// <param name="classes">Number of classes, K.</param>
/// <param name="seed">Seed of the run.</param>
public sealed class BatchMixer(MixingSection section, int classes, long seed)
{
    /// <summary>Mixes a batch.</summary>
    /// <param name="batch">The batch, on any device; it stays as it is.</param>
    /// <param name="epoch">Epoch, from 0.</param>
    /// <param name="number">Number of the batch in its epoch, from 0.</param>
    /// <returns>The mixed batch, made in the open scope, or the batch itself when it is none of those that are mixed.</returns>
    /// <exception cref="FoveaException">The batch has no labels.</exception>
    public Batch Mix(Batch batch, int epoch, int number)
    {
        var labels = batch.Labels ?? throw new FoveaException("mixing: found a batch without labels, expected the class of every picture");
        var random = RandomStream.ForBatch(seed, epoch, number);
        var hasBoth = section is { Mixup: > 0, Cutmix: > 0 };
        var (isMixed, isCut) = (random.NextBool(section.Probability), hasBoth ? random.NextBool(0.5) : section.Cutmix > 0);
        var share = random.NextBeta(isCut ? section.Cutmix : section.Mixup);
        if (!isMixed || (section.Mixup == 0 && section.Cutmix == 0))
            return batch;
        using var noGrad = Autograd.NoGrad();
        var others = batch.Images.Roll([1], [0]);
        var images = isCut ? Cut(batch.Images, others, ref share, random) : batch.Images * share + others * (1 - share);
        var targets = (labels.Dtype.IsFloatingPoint() ? labels : labels.OneHot(classes)).To(Dtype.Float32);
        return new Batch
        {
            Images = images,
            Labels = targets * share + targets.Roll([1], [0]) * (1 - share),
            Origins = batch.Origins,
            Samples = batch.Samples,
        };
    }

    // One rectangle for the whole batch, as the published code has it; at the edge it is clipped and the share follows its area.
    private static Tensor Cut(Tensor images, Tensor others, ref double share, RandomStream random)
    {
        var (height, width) = ((int)images.Shape[2], (int)images.Shape[3]);
        var (x, y) = (random.NextInt(width), random.NextInt(height));
        var half = 0.5 * Math.Sqrt(1 - share);
        var (halfHeight, halfWidth) = ((int)(half * height), (int)(half * width));
        var (top, bottom) = (Math.Max(0, y - halfHeight), Math.Min(height, y + halfHeight));
        var (left, right) = (Math.Max(0, x - halfWidth), Math.Min(width, x + halfWidth));
        share = 1 - (double)(bottom - top) * (right - left) / ((double)height * width);
        var mixed = images.Clone();
        if (bottom > top && right > left)
            Window(mixed, top, bottom, left, right).CopyInPlace(Window(others, top, bottom, left, right));
        return mixed;
    }

    private static Tensor Window(Tensor images, int top, int bottom, int left, int right) =>
        images.Narrow(2, top, bottom - top).Narrow(3, left, right - left);
}
