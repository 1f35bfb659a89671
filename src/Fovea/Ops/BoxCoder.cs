using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>
/// Writes boxes as offsets from reference boxes (anchors, proposals) and back: the centre's shift in units of the reference's
/// size, and the logarithm of the growth (Girshick et al. 2014, appendix C; Ren et al. 2015, eq. 2).
/// </summary>
/// <param name="weights">What the offsets are multiplied by.</param>
/// <param name="clip">Largest logarithm of a growth in size when decoding, so that an untrained network does not overflow.</param>
public sealed class BoxCoder(BoxWeights weights, double clip = BoxCoder.DefaultClip)
{
    /// <summary>ln(1000 / 16): a 16-pixel reference grows to 1000 pixels at most.</summary>
    public const double DefaultClip = 4.135166556742356;

    /// <summary>What the offsets are multiplied by.</summary>
    public BoxWeights Weights => weights;

    /// <summary>Offsets of each box from the reference of its row. Differentiable.</summary>
    /// <param name="boxes">[N, 4], <see cref="BoxFormat.Xyxy"/>, of positive size (the logarithm of 0 is -∞).</param>
    /// <param name="references">[N, 4], of positive size.</param>
    /// <returns>[N, 4]: dx, dy, dw, dh.</returns>
    /// <exception cref="ArgumentException">The shapes differ or are not [N, 4].</exception>
    public Tensor Encode(Tensor boxes, Tensor references)
    {
        BoxOps.CheckBoxes(boxes, nameof(boxes));
        BoxOps.CheckBoxes(references, nameof(references));
        BoxOps.CheckSameType(boxes, references);
        if (boxes.Shape != references.Shape)
            throw new ArgumentException($"found {boxes.Shape} boxes and {references.Shape} references, expected as many", nameof(references));
        using var scope = new TensorScope();
        if (!OpsPath.HasKernel(boxes) || OpsPath.IsRecorded(boxes, references))
            return scope.Keep(ComposedEncode(boxes, references));
        var codes = Tensor.Empty(boxes.Shape, boxes.Dtype);
        var (plainBoxes, plainReferences) = (OpsPath.Plain(boxes, boxes.Dtype), OpsPath.Plain(references, boxes.Dtype));
        if (boxes.Dtype == Dtype.Float64)
            BoxCodingKernel.Encode<double>(plainBoxes.Memory<double>(), plainReferences.Memory<double>(), weights, codes.Memory<double>());
        else
            BoxCodingKernel.Encode<float>(plainBoxes.Memory<float>(), plainReferences.Memory<float>(), weights, codes.Memory<float>());
        return scope.Keep(codes);
    }

    /// <summary>The boxes that offsets stand for. Differentiable.</summary>
    /// <param name="codes">[N, 4 K]: four offsets for each of K classes.</param>
    /// <param name="references">[N, 4], <see cref="BoxFormat.Xyxy"/>.</param>
    /// <returns>[N, K, 4], <see cref="BoxFormat.Xyxy"/>; [N, 4] for K = 1.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public Tensor Decode(Tensor codes, Tensor references)
    {
        BoxOps.CheckBoxes(references, nameof(references));
        if (codes.Rank != 2 || codes.Shape[0] != references.Shape[0] || codes.Shape[1] == 0 || codes.Shape[1] % 4 != 0)
            throw new ArgumentException($"found codes {codes.Shape} for references {references.Shape}, expected [{references.Shape[0]}, 4 K]", nameof(codes));
        using var scope = new TensorScope();
        Shape shape = codes.Shape[1] == 4 ? codes.Shape : [codes.Shape[0], codes.Shape[1] / 4, 4];
        var dtype = OpsPath.ComputeType(codes);
        var offsets = codes.To(dtype);
        if (!OpsPath.HasKernel(offsets) || OpsPath.IsRecorded(offsets, references))
            return scope.Keep(ComposedDecode(offsets, references.To(dtype)).Reshape(shape));
        var boxes = Tensor.Empty(shape, dtype);
        var (plainCodes, plainReferences) = (OpsPath.Plain(offsets, dtype), OpsPath.Plain(references, dtype));
        if (dtype == Dtype.Float64)
            BoxCodingKernel.Decode<double>(plainCodes.Memory<double>(), plainReferences.Memory<double>(), weights, clip, boxes.Memory<double>());
        else
            BoxCodingKernel.Decode<float>(plainCodes.Memory<float>(), plainReferences.Memory<float>(), weights, clip, boxes.Memory<float>());
        return scope.Keep(boxes);
    }

    private Tensor ComposedEncode(Tensor boxes, Tensor references)
    {
        var (size, centre) = SizeAndCentre(references);
        var (boxSize, boxCentre) = SizeAndCentre(boxes);
        var shift = (boxCentre - centre) / size;
        var growth = (boxSize / size).Log();
        return Aten.Cat([shift, growth], 1) * WeightsLike(boxes);
    }

    private Tensor ComposedDecode(Tensor codes, Tensor references)
    {
        var (size, centre) = SizeAndCentre(references);
        var offsets = codes.Reshape([codes.Shape[0], codes.Shape[1] / 4, 4]) / WeightsLike(codes);
        var middle = offsets.Narrow(2, 0, 2) * size.Unsqueeze(1) + centre.Unsqueeze(1);
        var half = offsets.Narrow(2, 2, 2).ClampMax(clip).Exp() * size.Unsqueeze(1) * 0.5;
        return Aten.Cat([middle - half, middle + half], 2);
    }

    private Tensor WeightsLike(Tensor like) =>
        Tensor.FromArray([weights.X, weights.Y, weights.Width, weights.Height]).To(like.Device, like.Dtype);

    private static (Tensor Size, Tensor Centre) SizeAndCentre(Tensor boxes)
    {
        var size = ComposedOverlap.Corner(boxes, 1) - ComposedOverlap.Corner(boxes, 0);
        return (size, ComposedOverlap.Corner(boxes, 0) + size * 0.5);
    }
}
