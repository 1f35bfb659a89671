using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// A transposed convolution with a kernel of twice its stride that starts as linear interpolation and stays so (Long et al.
/// 2015): side n becomes (n + 1)·stride. Its weight counts among the network's as in the reference, but no gradient reaches it.
/// Key <c>weight</c> [K, K, 2·stride, 2·stride].
/// </summary>
internal sealed class FixedEnlargement : Layer
{
    private readonly long[] stride;
    private readonly Tensor weight;

    public FixedEnlargement(int classes, int stride)
    {
        this.stride = [stride, stride];
        weight = Parameter("weight", Tensor.Empty([classes, classes, 2 * stride, 2 * stride]));
        Init.Bilinear(weight);
    }

    protected override Tensor Compute(Tensor input) =>
        // In the weight's own precision: what it makes are the scores themselves.
        Aten.ConvTranspose2d(input.To(weight.Dtype), weight.Detach(), null, stride, [0, 0], [0, 0], 1, [1, 1]);
}
