using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Gpu.Tests;

/// <summary>Every loss of a recipe gives the same value and gradient on the device as on the processor.</summary>
[LeakCheck]
public class LossTests
{
    public static TheoryData<LossKind> Kinds => [.. Enum.GetValues<LossKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_value_and_gradient_are_the_same(LossKind kind)
    {
        using var scope = new TensorScope();
        RandomState.Seed(3);
        var section = new LossSection { Name = kind, ClassWeights = kind is LossKind.CrossEntropy or LossKind.Focal ? [1.0, 2.0] : null };
        var loss = LossFactory.Create([section], 2)[0].Loss;
        var (logits, classes) = (Tensor.Randn([2, 2, 12, 10]), Tensor.Rand([2, 12, 10]).Gt(0.6).To(Dtype.Int64));
        classes[0, ..3].FillInPlace(255);
        var (value, gradient) = Measure(Device.Cpu);
        var (valueThere, gradientThere) = Measure(Gpu.Device);
        Assert.Equal(value, valueThere, 1e-5 * Math.Max(1, Math.Abs(value)));
        foreach (var (expected, actual) in gradient.Zip(gradientThere))
            Assert.Equal(expected, actual, 1e-5f);

        (double, float[]) Measure(Device device)
        {
            var input = logits.To(device).Clone();
            input.RequiresGrad = true;
            var result = loss.Compute(input, classes.To(device));
            Assert.Equal(device, result.Device);
            result.Backward();
            return (result.ToDouble(), input.Gradient!.ToArray<float>());
        }
    }
}
