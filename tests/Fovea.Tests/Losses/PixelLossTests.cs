using Fovea.Losses;
using Fovea.Torch;

namespace Fovea.Tests.Losses;

/// <summary>Losses of pixels against values and gradients worked out by hand in double precision, and against finite differences.</summary>
[LeakCheck]
public class PixelLossTests
{
    private static readonly double[] Margins = [2, -1, .5, -3];

    [Fact]
    public void Half_and_half_makes_Tversky_Dice()
    {
        using var scope = new TensorScope();
        var (z, y) = Multi();
        Assert.Equal(new Dice { Smooth = 0 }.Compute(z, y).ToDouble(), new Tversky { MissWeight = 0.5, FalseAlarmWeight = 0.5, Smooth = 0 }.Compute(z, y).ToDouble(), 1e-9);
    }

    [Fact]
    public void A_class_without_pixels_is_judged_by_what_was_found()
    {
        using var scope = new TensorScope();
        var z = Aten.Cat([Tensor.Zeros([1, 1, 4], Dtype.Float64), Tensor.Full([1, 1, 4], Math.Log(0.1 / 0.9), Dtype.Float64)], 1);
        var none = Tensor.Zeros([1, 4], Dtype.Int64);
        Assert.Equal(.2857143, new Jaccard { IncludesBackground = false }.Compute(z, none).ToDouble(), 1e-6);
        Assert.Equal(.9999992, new Tversky { IncludesBackground = false }.Compute(z, none).ToDouble(), 1e-6);
        Assert.Equal(0, new Tversky { IncludesBackground = false, SkipsAbsentClasses = true }.Compute(z, none).ToDouble());
        var (binary, _) = Binary();
        var hinge = new LovaszHinge();
        Assert.Equal(3, hinge.Compute(binary, none).ToDouble(), 1e-9);
        Assert.Equal(0, hinge.Compute(Tensor.FromArray<double>([-1, -2, -1.5, -9], [1, 1, 4]), none).ToDouble());
    }

    [Fact]
    public void The_focal_loss_equals_the_hand_calculated_values()
    {
        using var scope = new TensorScope();
        Check(new Focal { ClassWeights = [0.75f, 0.25f] }, .1814770, [-.0003044, .0098590, -.0086211, -.0704219]);
        Check(new Focal(), .7145789, [-.0012177, .0131453, -.0344842, -.2816875]);
        Check(new Focal { Gamma = 0 }, .9907135, [-.0298007, .0672354, -.0943852, -.2381435]);
        var (logits, labels) = Multi();
        Assert.Equal(.9656340, new Focal().Compute(logits, labels).ToDouble(), 1e-6);

        static void Check(Focal loss, double expected, double[] slopes)
        {
            using var inner = new TensorScope();
            var (z, y) = Binary();
            var value = loss.Compute(z, y);
            Assert.Equal(expected, value.ToDouble(), 1e-6);
            value.Backward();
            Assert.All(z.Gradient![0, 1].ToArray<double>().Zip(slopes), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        }
    }

    [Fact]
    public void The_Lovasz_extensions_equal_the_hand_calculated_values()
    {
        using var scope = new TensorScope();
        var margin = Tensor.FromArray(Margins, [1, 1, 4]);
        margin.RequiresGrad = true;
        var labels = Tensor.FromArray<long>([1, 0, 1, 1], [1, 4]);
        var value = new LovaszHinge().Compute(margin, labels);
        Assert.Equal(1.5, value.ToDouble(), 1e-9);
        value.Backward();
        double[] slopes = [0, 0, -1.0 / 3, -1.0 / 3];
        Assert.All(margin.Gradient!.ToArray<double>().Zip(slopes), pair => Assert.Equal(pair.Second, pair.First, 1e-7));
        // Two classes are told apart by the difference of their scores, and ignored pixels change nothing.
        var (binary, _) = Binary();
        var padded = Aten.Cat([binary, Tensor.FromArray<double>([1, 5, 7, -9], [1, 2, 2])], 2);
        Assert.Equal(1.5, new LovaszHinge().Compute(padded, Tensor.FromArray<long>([1, 0, 1, 1, 255, 255], [1, 6])).ToDouble(), 1e-9);
        var (z, y) = Multi();
        Assert.Equal(.4515191, new LovaszSoftmax().Compute(z, y).ToDouble(), 1e-6);
        Assert.Equal(.6130926, new LovaszSoftmax { IncludesAbsentClasses = true }.Compute(z, y).ToDouble(), 1e-6);
        // Picture by picture: the mean of each one's loss.
        var second = Tensor.FromArray<long>([2, 2, 255, 0], [1, 4]);
        var both = new LovaszSoftmax { IsOverBatch = false }.Compute(Aten.Cat([z, z]), Aten.Cat([y, second]));
        Assert.Equal((.4515191 + new LovaszSoftmax().Compute(z, second).ToDouble()) / 2, both.ToDouble(), 1e-6);
    }

    [Fact]
    public void Hard_pixels_are_chosen_by_threshold_or_by_rank()
    {
        using var scope = new TensorScope();
        var (z, y) = Multi();
        Assert.Equal(1.8086643, new HardPixelCrossEntropy().Compute(z, y).ToDouble(), 1e-6);
        Assert.Equal(3.0658839, new HardPixelCrossEntropy { Threshold = 0.05 }.Compute(z, y).ToDouble(), 1e-6);
        // None is that hard: the hardest one, or as many as there are.
        Assert.Equal(3.0658839, new HardPixelCrossEntropy { Threshold = 0.001 }.Compute(z, y).ToDouble(), 1e-6);
        Assert.Equal(1.2862133, new HardPixelCrossEntropy { Threshold = 0.001, MinimumKept = 100 }.Compute(z, y).ToDouble(), 1e-6);
        // A fixed number of every picture; a picture without labels is none.
        Assert.Equal(1.8086643, new TopPixelCrossEntropy { Kept = 2 }.Compute(z, y).ToDouble(), 1e-6);
        Assert.Equal(1.2862133, new TopPixelCrossEntropy { Kept = 10 }.Compute(z, y).ToDouble(), 1e-6);
        Assert.Equal(1.8086643, new TopPixelCrossEntropy { Kept = 2 }.Compute(Aten.Cat([z, z]), Aten.Cat([y, Tensor.Full([1, 4], 255, Dtype.Int64)])).ToDouble(), 1e-6);
        // Both pixels of class 1, and of the background as many as the ratio says.
        Assert.Equal(1.8086643, new HardNegativeCrossEntropy { Ratio = 0.4, MinimumNegatives = 0 }.Compute(z, y).ToDouble(), 1e-6);
        Assert.Equal(1.2862133, new HardNegativeCrossEntropy().Compute(z, y).ToDouble(), 1e-6);
        Assert.Equal(.2413113, new HardNegativeCrossEntropy { MinimumNegatives = 1 }.Compute(z, Tensor.FromArray<long>([0, 255, 255, 255], [1, 4])).ToDouble(), 1e-6);
    }

    [Fact]
    public void Weights_of_pixels_keep_the_scale_or_the_emphasis()
    {
        using var scope = new TensorScope();
        var (z, y) = Multi();
        var map = Tensor.FromArray<float>([1, 5, 2, 7], [1, 4]);
        Assert.Equal(1.1412878, new CrossEntropy { IgnoreIndex = 255 }.Compute(z, y, map).ToDouble(), 1e-6);
        Assert.Equal(3.0434342, new CrossEntropy { IgnoreIndex = 255, Reduction = LossReduction.PixelMean }.Compute(z, y, map).ToDouble(), 1e-6);
        var ones = Tensor.Ones([1, 4]);
        Assert.Equal(1.4951937, new CrossEntropy { IgnoreIndex = 255, ClassWeights = [1, 2, 4] }.Compute(z, y, ones).ToDouble(), 1e-6);
        Assert.Equal(0, new CrossEntropy { IgnoreIndex = 255 }.Compute(z, y, Tensor.Zeros([1, 4])).ToDouble());
        var error = Assert.Throws<FoveaException>(() => new CrossEntropy().Compute(z, y, Tensor.Ones([1, 3])));
        Assert.Contains("pixel weights [1, 3] for labels [1, 4]", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Losses => [.. All().Keys];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Gradients_are_right_and_leave_ignored_pixels_alone(string name)
    {
        using var scope = new TensorScope();
        var loss = All()[name];
        RandomState.Seed(6);
        var logits = Tensor.Randn([2, 2, 2, 3], Dtype.Float64);
        logits.RequiresGrad = true;
        var labels = Tensor.FromArray<long>([0, 1, 255, 1, 1, 0, 0, 255, 0, 0, 1, 1], [2, 2, 3]);
        GradientCheck.Verify(inputs => loss.Compute(inputs[0], labels), [logits]);
        loss.Compute(logits, labels).Backward();
        var gradient = logits.Gradient!;
        Assert.Equal([0.0, 0, 0, 0], new[] { gradient[0, .., 0, 2], gradient[1, .., 0, 1] }.SelectMany(g => g.ToArray<double>()));
        Assert.True(gradient.Abs().Max().ToDouble() > 1e-3);
        // Where every pixel is ignored there is nothing to learn.
        logits.Gradient = null;
        var empty = loss.Compute(logits, Tensor.Full([2, 2, 3], 255, Dtype.Int64));
        empty.Backward();
        Assert.Equal(0, empty.ToDouble(), 1e-9);
        Assert.All(logits.Gradient!.ToArray<double>(), g => Assert.Equal(0, g));
        // In half precision sums are had in single.
        var low = loss.Compute(logits.Detach().To(Dtype.BFloat16), labels);
        Assert.Equal(Dtype.Float32, low.Dtype);
        Assert.Equal(loss.Compute(logits.Detach(), labels).ToDouble(), low.ToDouble(), 0.05);
        Assert.Throws<FoveaException>(() => loss.Compute(logits, labels[..1]));
    }

    private static Dictionary<string, IPixelLoss> All() => new()
    {
        ["cross entropy"] = new CrossEntropy { IgnoreIndex = 255 },
        ["dice"] = new Dice { IsOverBatch = false },
        ["jaccard"] = new Jaccard(),
        ["jaccard of the present"] = new Jaccard { SkipsAbsentClasses = true, IsOverBatch = false, Smooth = 0 },
        ["tversky"] = new Tversky(),
        ["focal tversky"] = new Tversky { Exponent = 0.75, Smooth = 1 },
        ["focal"] = new Focal { ClassWeights = [1, 3], Gamma = 1.5 },
        ["lovasz softmax"] = new LovaszSoftmax(),
        ["lovasz softmax each"] = new LovaszSoftmax { IsOverBatch = false, IncludesAbsentClasses = true },
        ["lovasz hinge"] = new LovaszHinge(),
        ["hard pixels"] = new HardPixelCrossEntropy { MinimumKept = 4 },
        ["top pixels"] = new TopPixelCrossEntropy { Kept = 3 },
        ["hard negatives"] = new HardNegativeCrossEntropy { Ratio = 0.5, MinimumNegatives = 1 },
        ["binary cross entropy"] = new BinaryCrossEntropy { PositiveWeight = 3 },
        ["focal of sigmoids"] = new Focal { IsSigmoid = true, Alpha = 0.25 },
        ["summed focal"] = new Focal { Reduction = LossReduction.Sum },
        ["logarithm of jaccard"] = new Jaccard { IsLogarithmic = true, Smooth = 0, IncludesBackground = false },
        ["generalised dice"] = new GeneralizedDice(),
        ["hardness dice"] = new HardnessDice(),
        ["boundary"] = new BoundaryLoss(),
        ["hausdorff"] = new HausdorffLoss { IncludesBackground = true },
    };

    private static (Tensor Logits, Tensor Labels) Binary()
    {
        var logits = Aten.Cat([Tensor.Zeros([1, 1, 4], Dtype.Float64), Tensor.FromArray(Margins, [1, 1, 4])], 1);
        logits.RequiresGrad = true;
        return (logits, Tensor.FromArray<long>([1, 0, 1, 1], [1, 4]));
    }

    private static (Tensor Logits, Tensor Labels) Multi()
    {
        var (logits, labels) = CrossEntropyTests.Fixture();
        return (logits.T().Unsqueeze(0), labels.Unsqueeze(0));
    }
}
