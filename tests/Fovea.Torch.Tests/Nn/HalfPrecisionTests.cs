using Fovea.Torch.Nn;

namespace Fovea.Torch.Tests.Nn;

/// <summary>
/// Layers in bfloat16 give what they give in single precision for the same numbers, to bfloat16's 8 bits, in both layouts and on
/// maps large enough for sums and coordinates to outgrow them.
/// </summary>
[LeakCheck]
public class HalfPrecisionTests
{
    private const double Tolerance = 0.02;

    private static readonly (string Name, Func<Layer> Make)[] Layers =
    [
        ("Conv2d", () => new Conv2d(32, 16, 3, padding: 1)), ("Conv2d dilated", () => new Conv2d(32, 16, 3, padding: 2, dilation: 2)),
        ("Conv2d strided", () => new Conv2d(32, 16, 3, 2, 1)), ("Conv2d depthwise", () => new Conv2d(32, 32, 3, padding: 1, groups: 32)),
        ("ConvTranspose2d", () => new ConvTranspose2d(32, 16, 2, 2)),
        ("BatchNorm2d", () => new BatchNorm2d(32)), ("InstanceNorm2d", () => new InstanceNorm2d(32)), ("LayerNorm", () => new LayerNorm([90])),
        ("GroupNorm 8", () => new GroupNorm(8, 32)), ("GroupNorm 1", () => new GroupNorm(1, 32)), ("LocalResponseNorm", () => new LocalResponseNorm(5)),
        ("MaxPool2d", () => new MaxPool2d(3, 2, 1)), ("AvgPool2d", () => new AvgPool2d(3, 2, 1)),
        ("AdaptiveAvgPool2d 1", () => new AdaptiveAvgPool2d(1)), ("AdaptiveAvgPool2d 6", () => new AdaptiveAvgPool2d(6)), ("AdaptiveMaxPool2d", () => new AdaptiveMaxPool2d(6)),
        ("nearest to a size", () => Upsample.ToSize(new Extent(300, 333))), ("nearest twice", () => Upsample.By(2)),
        ("bilinear to a size", () => Upsample.ToSize(new Extent(300, 333), UpsampleMode.Linear)), ("bilinear smaller", () => Upsample.ToSize(new Extent(71, 67), UpsampleMode.Linear)),
        ("bilinear with corners", () => Upsample.ToSize(new Extent(300, 333), UpsampleMode.Linear, alignCorners: true)), ("bilinear twice", () => Upsample.By(2, UpsampleMode.Linear)),
        ("bicubic", () => Upsample.ToSize(new Extent(300, 333), UpsampleMode.Cubic)),
        ("ReLU", () => new ReLU()), ("LeakyReLU", () => new LeakyReLU()), ("SiLU", () => new SiLU()), ("GELU", () => new GELU()), ("Mish", () => new Mish()),
        ("Hardswish", () => new Hardswish()), ("Sigmoid", () => new Sigmoid()), ("Tanh", () => new Tanh()), ("PReLU", () => new PReLU()), ("PReLU of channels", () => new PReLU(32)),
        ("Softmax", () => new Softmax(1)),
    ];

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            // Where the processor has no instructions for it, libtorch has no transposed convolutions in bfloat16, and nobody asks for it.
            foreach (var (name, _) in Layers.Where(static layer => Processor.HasBFloat16 || !layer.Name.StartsWith("Conv", StringComparison.Ordinal)))
            {
                cases.Add(name, false);
                cases.Add(name, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equals_single_precision(string name, bool channelsLast)
    {
        using var scope = new TensorScope();
        RandomState.Seed(7);
        using var layer = Layers.First(l => l.Name == name).Make();
        // Smooth maps, as networks have them: a cell read from the wrong place differs by a little, not by chance.
        var rough = Tensor.Randn([2, 32, 30, 30]);
        var x = (Upsample.ToSize(new Extent(110, 90), UpsampleMode.Linear).Forward(rough) * 2 + 0.5).To(Dtype.BFloat16);
        if (channelsLast)
        {
            x = x.Contiguous(MemoryFormat.ChannelsLast);
            layer.ToChannelsLast();
        }

        var (expected, expectedGradient) = Run(layer, x.To(Dtype.Float32));
        using var cast = new Autocast(Device.Cpu);
        var (found, gradient) = Run(layer, x);
        Assert.True(Difference(found, expected) < Tolerance, $"{name}: the output differs by {Difference(found, expected):0.000} of its norm");
        Assert.True(Difference(gradient, expectedGradient) < Tolerance, $"{name}: the gradient differs by {Difference(gradient, expectedGradient):0.000} of its norm");
    }

    private static (Tensor Output, Tensor Gradient) Run(Layer layer, Tensor images)
    {
        var x = images.Detach();
        x.RequiresGrad = true;
        var y = layer.Forward(x);
        RandomState.Seed(8);
        var direction = Tensor.Randn(y.Shape.ToArray());
        (y.To(Dtype.Float32) * direction).Sum().Backward();
        return (y.Detach().To(Dtype.Float32), x.Gradient!.To(Dtype.Float32));
    }

    private static double Difference(Tensor found, Tensor expected)
    {
        var norm = expected.Flatten().Mul(expected.Flatten()).Sum().Sqrt().ToDouble();
        var difference = (found - expected).Flatten();
        return difference.Mul(difference).Sum().Sqrt().ToDouble() / Math.Max(norm, 1e-6);
    }
}
