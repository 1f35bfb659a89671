using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>
/// Picks the anchors or proposals of an image that a loss is computed on: a fixed number at random, at most a given share of
/// them positive (Ren et al. 2015, section 3.1.3).
/// </summary>
public sealed class BalancedSampler
{
    private readonly Func<long, Tensor> permute;

    /// <summary>Creates a sampler.</summary>
    /// <param name="size">Candidates to pick per image; fewer if the image has fewer.</param>
    /// <param name="positiveShare">Largest share of positives, 0 to 1. Negatives take what positives leave.</param>
    /// <param name="permute">
    /// Gives a permutation [n], Int64, of 0 to n - 1; asked for one of the positives, then one of the negatives. By default
    /// libtorch's, from its global random stream: the same picks as torchvision's after the same seed.
    /// </param>
    /// <exception cref="ArgumentException">The size is not positive or the share not within 0 to 1.</exception>
    public BalancedSampler(int size, double positiveShare, Func<long, Tensor>? permute = null)
    {
        if (size < 1 || !(positiveShare is >= 0 and <= 1))
            throw new ArgumentException($"found size {size} and share {positiveShare}, expected at least 1 and 0 to 1", nameof(size));
        Size = size;
        PositiveShare = positiveShare;
        this.permute = permute ?? (static count => Aten.Randperm(count));
    }

    /// <summary>Candidates to pick per image.</summary>
    public int Size { get; }

    /// <summary>Largest share of positives.</summary>
    public double PositiveShare { get; }

    /// <summary>Picks candidates of one image.</summary>
    /// <param name="labels">[N]: above 0 positive, 0 negative, below 0 never picked.</param>
    /// <returns>Indices of the picked positives and negatives, Int64, each ascending.</returns>
    /// <exception cref="ArgumentException">The labels are not [N].</exception>
    public (Tensor Positive, Tensor Negative) Sample(Tensor labels)
    {
        if (labels.Rank != 1)
            throw new ArgumentException($"found labels {labels.Shape}, expected [N]", nameof(labels));
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var positive = (labels >= 1).Nonzero().Squeeze(1);
        var negative = labels.Eq(0).Nonzero().Squeeze(1);
        var positives = Math.Min(positive.Shape[0], (long)(Size * PositiveShare));
        var negatives = Math.Min(negative.Shape[0], Size - positives);
        var picked = Pick(positive, positives);
        return (scope.Keep(picked), scope.Keep(Pick(negative, negatives)));
    }

    private Tensor Pick(Tensor candidates, long count)
    {
        var order = permute(candidates.Shape[0]).Narrow(0, 0, count).To(candidates.Device);
        return candidates.IndexSelect(0, order).Sort(0).Values;
    }
}
