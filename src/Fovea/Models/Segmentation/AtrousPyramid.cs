using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Atrous spatial pyramid pooling (section 3.3 of the DeepLabV3 paper): a 1x1 convolution, 3x3 convolutions whose taps lie
/// further and further apart, and the mean over the whole map, side by side; then a 1x1 convolution over all of them.
/// Keys <c>convs.0</c> and on, <c>project</c>.
/// </summary>
internal sealed class AtrousPyramid : Layer
{
    private readonly ModuleList<Sequential> branches;
    private readonly Sequential project;

    public AtrousPyramid(int inChannels, int width, ReadOnlySpan<int> rates, bool isSeparable = false)
    {
        branches = Child("convs", new ModuleList<Sequential>());
        branches.Add(new Sequential(new Conv2d(inChannels, width, 1, hasBias: false), new BatchNorm2d(width), new ReLU(inPlace: true)));
        foreach (var rate in rates)
        {
            branches.Add(new Sequential(
                isSeparable ? Separable(inChannels, width, rate) : new Conv2d(inChannels, width, 3, padding: rate, dilation: rate, hasBias: false),
                new BatchNorm2d(width), new ReLU(inPlace: true)));
        }

        branches.Add(new Sequential(
            new AdaptiveAvgPool2d(1), new Conv2d(inChannels, width, 1, hasBias: false), new BatchNorm2d(width), new ReLU(inPlace: true)));
        project = Child("project", new Sequential(
            new Conv2d(width * branches.Count, width, 1, hasBias: false), new BatchNorm2d(width), new ReLU(inPlace: true), new Dropout(0.5)));
    }

    /// <summary>A 3x3 convolution of every channel by itself and a 1x1 one over all of them, without a norm between; keys <c>0</c>, <c>1</c>.</summary>
    public static Sequential Separable(int inChannels, int outChannels, int dilation = 1) => new(
        new Conv2d(inChannels, inChannels, 3, padding: dilation, dilation: dilation, groups: inChannels, hasBias: false),
        new Conv2d(inChannels, outChannels, 1, hasBias: false));

    protected override Tensor Compute(Tensor input) => project.Consume(Join(branches, input));

    /// <summary>The maps of branches side by side; the last of them is the mean over the picture, repeated everywhere.</summary>
    public static Tensor Join(IReadOnlyList<Layer> branches, Tensor input)
    {
        using var scope = new TensorScope();
        var parts = branches.Select(branch => branch.Forward(input)).ToArray();
        // One value for each channel: enlarging it is repeating it.
        parts[^1] = parts[^1].Expand([-1, -1, input.Shape[2], input.Shape[3]]);
        return scope.Keep(Aten.Cat(parts, 1));
    }
}
