using Fovea.Losses;
using Fovea.Torch;

namespace Fovea.Tests.Losses;

[LeakCheck]
public class DiceTests
{
    [Fact]
    public void Equals_the_hand_calculated_multi_class_values()
    {
        using var scope = new TensorScope();
        var (logits, labels) = CrossEntropyTests.Fixture();
        var (z, y) = (logits.T().Unsqueeze(0), labels.Unsqueeze(0));
        Assert.Equal(.5916694, new Dice { Smooth = 0 }.Compute(z, y).ToDouble(), 1e-6);
        var skipping = new Dice { Smooth = 0, SkipsAbsentClasses = true }.Compute(z, y);
        Assert.Equal(.2583360, skipping.ToDouble(), 1e-6);
        Assert.Equal(.7774340, new Dice { Smooth = 1e-5, IncludesBackground = false }.Compute(z, y).ToDouble(), 1e-6);
        // An absent class adds a constant, so both have the same gradient, and none reaches the ignored pixel.
        skipping.Backward();
        var gradient = logits.Gradient!.ToArray<double>();
        logits.Gradient = null;
        new Dice { Smooth = 0 }.Compute(z, y).Backward();
        Assert.All(logits.Gradient!.ToArray<double>().Zip(gradient), pair => Assert.Equal(pair.Second, pair.First, 1e-9));
        Assert.All(gradient[9..], g => Assert.Equal(0, g));
        Assert.Contains(gradient, g => Math.Abs(g) > 0.01);
    }

    [Fact]
    public void Gradients_equal_finite_differences()
    {
        using var scope = new TensorScope();
        foreach (var dice in new[] { new Dice(), new Dice { IsSquared = true, IsOverBatch = false }, new Dice { SkipsAbsentClasses = true, IncludesBackground = false } })
        {
            var input = Tensor.Randn([2, 3, 2, 2], Dtype.Float64);
            input.RequiresGrad = true;
            var labels = Tensor.FromArray<long>([0, 1, 255, 1, 2, 0, 0, 255], [2, 2, 2]);
            GradientCheck.Verify(inputs => dice.Compute(inputs[0], labels), [input]);
        }
    }

    [Fact]
    public void A_picture_without_the_class_is_told_from_one_with_it()
    {
        using var scope = new TensorScope();
        var p = Tensor.Full([1, 1, 4], Math.Log(0.1 / 0.9), Dtype.Float64);
        var z = Aten.Cat([Tensor.Zeros([1, 1, 4], Dtype.Float64), p], 1);
        var none = Tensor.Zeros([1, 4], Dtype.Int64);
        Assert.Equal(.2857143, new Dice { IncludesBackground = false }.Compute(z, none).ToDouble(), 1e-6);
        Assert.Equal(1, new Dice { IncludesBackground = false, Smooth = 0 }.Compute(z, none).ToDouble(), 1e-6);
        Assert.Equal(.0384615, new Dice { IncludesBackground = false, IsSquared = true }.Compute(z, none).ToDouble(), 1e-6);
        // Nothing counts: neither pixel nor probability.
        Assert.Equal(0, new Dice { Smooth = 0 }.Compute(z, Tensor.Full([1, 4], 255, Dtype.Int64)).ToDouble());
        // Over the batch the sums come first, for each picture the mean of the losses.
        var (binary, y) = Binary();
        var both = (Aten.Cat([z, binary]), Aten.Cat([none, y]));
        var each = new Dice { IncludesBackground = false, IsOverBatch = false }.Compute(both.Item1, both.Item2).ToDouble();
        Assert.Equal((.2857143 + .2952526) / 2, each, 1e-6);
        Assert.NotEqual(each, new Dice { IncludesBackground = false }.Compute(both.Item1, both.Item2).ToDouble(), 1e-2);
        Assert.Throws<FoveaException>(() => new Dice().Compute(z, Tensor.Zeros([1, 5], Dtype.Int64)));
    }

    private static (Tensor Logits, Tensor Labels) Binary()
    {
        var foreground = Tensor.FromArray<double>([2, -1, .5, -3], [1, 1, 4]);
        return (Aten.Cat([Tensor.Zeros([1, 1, 4], Dtype.Float64), foreground], 1), Tensor.FromArray<long>([1, 0, 1, 1], [1, 4]));
    }
}
