using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>Branches whose joined outputs a 1x1 convolution, without norm, brings to the channels of the input, to which a part of them is added. Keys <c>branchN</c>, <c>conv2d</c>.</summary>
internal sealed class InceptionResidual : Layer
{
    private readonly InceptionBranches branches;
    private readonly Conv2d conv2d;
    private readonly ReLU relu = new(inPlace: true);
    private readonly double scale;

    /// <param name="channels">Channels of the input.</param>
    /// <param name="inner">Channels of all branches together.</param>
    /// <param name="scale">The part that is added.</param>
    /// <param name="branches">The branches.</param>
    public InceptionResidual(int channels, int inner, double scale, params IEnumerable<(string Name, Layer Branch)> branches)
    {
        this.scale = scale;
        this.branches = Child("", new InceptionBranches(branches));
        conv2d = Child("conv2d", new Conv2d(inner, channels, 1));
    }

    /// <summary>Whether no ReLU follows the sum.</summary>
    public bool IsLast { get; init; }

    protected override Tensor Compute(Tensor input)
    {
        var main = conv2d.Consume(branches.Forward(input));
        var sum = HasHooks ? main.Mul(scale).Add(input) : main.MulInPlace(scale).AddInPlace(input);
        return IsLast ? sum : relu.Consume(sum);
    }
}
