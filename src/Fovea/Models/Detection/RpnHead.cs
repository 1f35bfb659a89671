using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Detection;

/// <summary>
/// The small network that slides over every level of a pyramid: at each cell, for each anchor, whether it holds an object and
/// how to move it. Ren, He, Girshick, Sun 2015, Faster R-CNN, section 3.1.
/// </summary>
/// <remarks>Keys <c>conv.0.0</c>, <c>cls_logits</c>, <c>bbox_pred</c>. Weights begin as N(0, 0.01), biases as 0.</remarks>
public sealed class RpnHead : Module
{
    private readonly Sequential conv;
    private readonly Conv2d objectness;
    private readonly Conv2d offsets;

    /// <summary>Creates the head.</summary>
    /// <param name="channels">Channels of the levels.</param>
    /// <param name="anchors">Anchors at every cell, A.</param>
    public RpnHead(int channels, int anchors)
    {
        conv = Child("conv", new Sequential(new Sequential(new Conv2d(channels, channels, 3, padding: 1), new ReLU(inPlace: true))));
        objectness = Child("cls_logits", new Conv2d(channels, anchors, 1));
        offsets = Child("bbox_pred", new Conv2d(channels, 4 * anchors, 1));
        DetectionInit.SmallNormal(this);
    }

    /// <summary>Logits and box codes of every anchor of all levels, in the order of <see cref="Ops.AnchorGenerator"/>.</summary>
    /// <param name="levels"><c>[N, C, H, W]</c> each.</param>
    public AnchorOutputs Forward(IReadOnlyList<Tensor> levels)
    {
        using var scope = new TensorScope();
        var logits = new Tensor[levels.Count];
        var codes = new Tensor[levels.Count];
        for (var i = 0; i < levels.Count; i++)
        {
            using var hidden = conv.Forward(levels[i]);
            logits[i] = AnchorOutputs.Flatten(objectness.Forward(hidden), 1).Squeeze(2);
            codes[i] = AnchorOutputs.Flatten(offsets.Forward(hidden), 4);
        }

        return new AnchorOutputs(scope.Keep(Aten.Cat(logits, 1)), scope.Keep(Aten.Cat(codes, 1)), [.. logits.Select(level => (int)level.Shape[1])]);
    }
}

/// <summary>What a region proposal network says about every anchor of a batch.</summary>
/// <param name="Logits">Objectness before the sigmoid, <c>[N, A]</c> float32, level after level.</param>
/// <param name="Codes">Box codes relative to the anchors, <c>[N, A, 4]</c> float32.</param>
/// <param name="Counts">Anchors of every level; they sum to A.</param>
public sealed record AnchorOutputs(Tensor Logits, Tensor Codes, IReadOnlyList<int> Counts)
{
    /// <summary>A map <c>[N, A·k, H, W]</c> of k numbers for each of A anchors as <c>[N, H·W·A, k]</c> float32, cell after cell.</summary>
    internal static Tensor Flatten(Tensor map, int numbers) =>
        map.Permute([0, 2, 3, 1]).Reshape([map.Shape[0], -1, numbers]).To(Dtype.Float32);

    /// <summary>Height and width of maps or images <c>[..., H, W]</c>.</summary>
    internal static ImageSize SizeOf(Tensor map) => new((int)map.Shape[-2], (int)map.Shape[-1]);
}
