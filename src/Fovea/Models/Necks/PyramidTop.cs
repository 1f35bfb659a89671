using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Necks;

/// <summary>Levels above the coarsest one of a feature pyramid.</summary>
public abstract class PyramidTop : Module
{
    /// <summary>Number of levels added.</summary>
    public abstract int Levels { get; }

    /// <summary>The levels added, each half the size of the one before.</summary>
    /// <param name="coarsest">The pyramid's coarsest level, <c>[N, C, H, W]</c>.</param>
    /// <param name="lastStage">The backbone's last stage, <c>[N, C', H, W]</c>.</param>
    /// <returns>Finest first, <c>[N, C, ⌈H/2⌉, ⌈W/2⌉]</c>, ...; in the caller's scope.</returns>
    public abstract Tensor[] Extend(Tensor coarsest, Tensor lastStage);

    /// <summary>The names of the layers that give its levels, finest first; none for levels without one.</summary>
    internal virtual IReadOnlyList<string> LevelNames => [];
}

/// <summary>One level more, every second cell of the coarsest: what a region proposal network reads for its largest anchors.</summary>
/// <remarks>Lin et al. 2017, section 4.1: "P6 is simply a stride two subsampling of P5". It has no parameters.</remarks>
public sealed class SubsampledTop : PyramidTop
{
    /// <inheritdoc/>
    public override int Levels => 1;

    /// <inheritdoc/>
    public override Tensor[] Extend(Tensor coarsest, Tensor lastStage) => [coarsest.MaxPool2d([1, 1], [2, 2])];
}

/// <summary>Two levels more, made by 3 x 3 convolutions with stride 2: P6 and P7 of RetinaNet. Keys <c>p6</c>, <c>p7</c>.</summary>
/// <remarks>
/// Lin et al. 2017, Focal Loss for Dense Object Detection, section 4: P6 from the backbone's last stage, P7 from P6 after a
/// ReLU. Published torchvision models of the first version read P6 from P5 instead; so does this where the input has as many
/// channels as the pyramid.
/// </remarks>
public sealed class ConvolutionTop : PyramidTop
{
    private readonly Conv2d p6;
    private readonly Conv2d p7;
    private readonly ReLU relu = new();
    private readonly bool fromCoarsest;

    /// <summary>Creates the two convolutions (Kaiming uniform with a = 1, biases 0).</summary>
    /// <param name="inChannels">Channels that P6 is made of: the pyramid's to read its coarsest level, the last stage's to read that.</param>
    /// <param name="outChannels">Channels of the pyramid, C.</param>
    public ConvolutionTop(int inChannels, int outChannels)
    {
        p6 = Child("p6", PyramidInit.Apply(new Conv2d(inChannels, outChannels, 3, stride: 2, padding: 1)));
        p7 = Child("p7", PyramidInit.Apply(new Conv2d(outChannels, outChannels, 3, stride: 2, padding: 1)));
        fromCoarsest = inChannels == outChannels;
    }

    /// <inheritdoc/>
    public override int Levels => 2;

    /// <inheritdoc/>
    internal override IReadOnlyList<string> LevelNames => ["p6", "p7"];

    /// <inheritdoc/>
    public override Tensor[] Extend(Tensor coarsest, Tensor lastStage)
    {
        using var scope = new TensorScope();
        var sixth = p6.Forward(fromCoarsest ? coarsest : lastStage);
        var seventh = p7.Consume(relu.Forward(sixth));
        return [scope.Keep(sixth), scope.Keep(seventh)];
    }
}

/// <summary>How the convolutions of a pyramid begin in the reference implementation.</summary>
internal static class PyramidInit
{
    /// <summary>Kaiming uniform with a = 1; bias 0.</summary>
    public static Conv2d Apply(Conv2d convolution)
    {
        Init.KaimingUniform(convolution.Weight, 1);
        if (convolution.Bias is { } bias)
            Init.Constant(bias, 0);
        return convolution;
    }
}
