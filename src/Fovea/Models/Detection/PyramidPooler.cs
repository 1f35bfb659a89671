using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Models.Detection;

/// <summary>
/// RoIAlign over a pyramid: every region is read from the level that suits its size. Lin et al. 2017, Feature Pyramid
/// Networks, equation 1: level ⌊4 + log2(√(w·h) / 224)⌋, limited to the levels there are.
/// </summary>
/// <param name="strides">Image pixels for each cell of the levels that are read, finest first, each twice the one before.</param>
/// <param name="bins">Bins along either side of a region.</param>
public sealed class PyramidPooler(IReadOnlyList<int> strides, int bins)
{
    private const int SamplingRatio = 2;
    private const int CanonicalLevel = 4;
    private const double CanonicalSize = 224;

    /// <summary>Bins along either side of a region.</summary>
    public int Bins => bins;

    /// <summary>Pools the boxes of all images.</summary>
    /// <param name="levels">At least as many levels as there are strides, <c>[N, C, H, W]</c> each.</param>
    /// <param name="boxes">For each image its boxes, <c>[R_i, 4]</c>.</param>
    /// <returns><c>[ΣR_i, C, bins, bins]</c>, image after image; in the caller's scope.</returns>
    public Tensor Pool(IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> boxes)
    {
        using var scope = new TensorScope();
        var regions = Regions.Join(boxes);
        var bySize = new Tensor[strides.Count];
        var members = new Tensor[strides.Count];
        var chosen = LevelsOf(regions.Narrow(1, 1, 4));
        for (var level = 0; level < strides.Count; level++)
        {
            members[level] = chosen.Eq(level).Nonzero().Squeeze(1);
            bySize[level] = RoiAlign.Run(
                levels[level], regions.IndexSelect(0, members[level]), new ImageSize(bins, bins), 1.0 / strides[level], SamplingRatio, aligned: false);
        }

        var places = Aten.Cat(members).Argsort();
        var pooled = Aten.Cat(bySize);
        // A thousand pooled regions take 50 MB: no copy lives longer than it must.
        foreach (var part in bySize)
            part.Dispose();
        return scope.Keep(pooled.IndexSelect(0, places));
    }

    /// <summary>The level that each box is read from: <c>[R]</c> int64, 0 the finest.</summary>
    internal Tensor LevelsOf(Tensor boxes)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var (finest, coarsest) = (Math.Log2(strides[0]), Math.Log2(strides[^1]));
        // In single precision and in the reference's order, so that sizes at a boundary fall to the same side.
        var level = (BoxOps.Area(boxes).Sqrt() / CanonicalSize).Log2() + CanonicalLevel + 1e-6;
        return scope.Keep(level.Floor().Clamp(finest, coarsest).To(Dtype.Int64) - (long)finest);
    }
}
