using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Models.Detection;

/// <summary>What the mask branch should say: the true mask of each region, cut out by its box and resampled.</summary>
/// <remarks>Values between 0 and 1 where a bin lies on an edge, as torchvision trains; detectron2 rounds them.</remarks>
internal static class MaskTargets
{
    /// <summary>The targets of some regions of one image.</summary>
    /// <param name="masks"><c>[M, h, w]</c> uint8 of 0 and 1.</param>
    /// <param name="boxes">The regions, <c>[P, 4]</c>.</param>
    /// <param name="matches">The mask of each region, <c>[P]</c> int64.</param>
    /// <param name="bins">Side of a target.</param>
    /// <returns><c>[P, bins, bins]</c> float32, in the caller's scope.</returns>
    public static Tensor Of(Tensor masks, Tensor boxes, Tensor matches, int bins)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var result = Tensor.Empty([boxes.Shape[0], bins, bins], Dtype.Float32, boxes.Device);
        // One mask after another, for all of them in float32 would be the largest thing in memory.
        foreach (var mask in matches.ToArray<long>().Distinct())
        {
            using var inner = new TensorScope();
            var members = matches.Eq(mask).Nonzero().Squeeze(1);
            var regions = Regions.Join([boxes.IndexSelect(0, members)]);
            var map = masks.Narrow(0, mask, 1).Unsqueeze(1).To(Dtype.Float32);
            var pooled = RoiAlign.Run(map, regions, new ImageSize(bins, bins), 1, samplingRatio: 0, aligned: false);
            result.IndexCopyInPlace(0, members, pooled.Squeeze(1));
        }

        return scope.Keep(result);
    }
}
