using Fovea.Losses;
using Fovea.Torch;

namespace Fovea.Tests.Losses;

/// <summary>Losses of one foreground class against values and slopes worked out by hand in double precision.</summary>
[LeakCheck]
public class BinaryLossTests
{
    private static readonly double[] Margins = [2, -1, .5, -3];
    private static readonly long[] Truth = [1, 0, 1, 1];

    public static TheoryData<string, double, double[]> ByMargin => new()
    {
        { "bce", .9907135, [-.0298007, .0672354, -.0943852, -.2381435] },
        { "bce weighted 3", 2.8155097, [-.0894022, .0672354, -.2831555, -.7144306] },
        { "focal .25", .1814770, [-.0003044, .0098590, -.0086211, -.0704219] },
        { "focal .25 sum", .7259079, [-.0012177, .0394358, -.0344842, -.2816875] },
        { "focal", .7145789, [-.0012177, .0131453, -.0344842, -.2816875] },
        { "dice 1", .2952526, [-.0233680, .0238094, -.0523039, -.0100548] },
        { "bce + dice", 1.2859661, [-.0531688, .0910448, -.1466891, -.2481983] },
        { "bce - log jaccard", 1.7364847, [-.0975087, .1273808, -.2459338, -.2672769] },
        { "focal .25 + dice", .4767296, [-.0236725, .0336684, -.0609250, -.0804767] },
        { "lovasz", 1.5, [0, 0, -.3333333, -.3333333] },
    };

    public static TheoryData<string, double, double[]> ByProbability => new()
    {
        { "clipped focal sum", .7259079, [-.0115982, .2005771, -.1467392, -6.2352434] },
        { "dice 0", .3565131, [-.2814562, .1335139, -.2814562, -.2814562] },
        { "dice 1", .2952526, [-.2225664, .1210984, -.2225664, -.2225664] },
        { "squared 0", .2681729, [-.1677312, .0928863, -.2569553, -.4555589] },
        { "squared 1", .2169737, [-.1184889, .0804104, -.1957289, -.3676572] },
        { "jaccard 0", .5256317, [-.3059094, .1451137, -.3059094, -.3059094] },
        { "jaccard 1", .4025024, [-.2342501, .1399639, -.2342501, -.2342501] },
        { "tversky", .4139273, [-.3114941, .0664510, -.3114941, -.3114941] },
        { "hardness", .4457060, [-.0814577, .1304072, -.2273507, -.5520938] },
        { "hardness detached", .4457060, [-.2219051, .1012910, -.2948516, -.4572232] },
        { "generalised", .5137872, [-.1761116, .4219207, -.1761116, -.1761116] },
    };

    public static TheoryData<string, double, double> OfNothing => new()
    {
        { "dice 1", .2857143, .5102041 },
        { "dice 0", 1, 0 },
        { "squared 0", 1, 0 },
        { "squared 1", .0384615, .1849112 },
        { "jaccard 1", .2857143, .5102041 },
        { "tversky", .9999992, 2.1e-6 },
        { "dice 1e-5", .9999750, 6.25e-5 },
    };

    [Theory]
    [MemberData(nameof(ByMargin))]
    public void Values_and_slopes_by_the_margin(string name, double expected, double[] slopes) => Check(name, Margins, expected, slopes);

    [Theory]
    [MemberData(nameof(ByProbability))]
    public void Values_and_slopes_by_the_probability(string name, double expected, double[] slopes) =>
        Check(name, Margins, expected, [.. slopes.Zip(Margins, static (slope, z) => slope * Slope(z))]);

    /// <summary>Four pixels of probability 0.1 where there is nothing.</summary>
    [Theory]
    [MemberData(nameof(OfNothing))]
    public void Nothing_to_find(string name, double expected, double slope)
    {
        using var scope = new TensorScope();
        var margin = Math.Log(0.1 / 0.9);
        var (z, value) = Compute(name, [margin, margin, margin, margin], [0, 0, 0, 0]);
        Assert.Equal(expected, value.ToDouble(), 1e-6);
        value.Backward();
        Assert.All(z.Gradient!.ToArray<double>(), found => Assert.Equal(slope * Slope(margin), found, 1e-7));
    }

    [Fact]
    public void Nothing_to_find_and_nothing_found()
    {
        using var scope = new TensorScope();
        foreach (var name in new[] { "dice 1", "dice 0", "squared 0", "jaccard 0", "tversky", "hardness", "bce - log jaccard" })
        {
            // So surely nothing that probabilities are 0.
            var (z, value) = Compute(name, [-800, -800, -800, -800], [0, 0, 0, 0]);
            Assert.Equal(0, value.ToDouble());
            value.Backward();
            Assert.All(z.Gradient!.ToArray<double>(), static slope => Assert.Equal(0, slope));
        }

        Lovasz(Margins, 3, [1, 0, 0, 0]);
        Lovasz([-1, -2, -1.5, -9], 0, [0, 0, 0, 0]);

        static void Lovasz(double[] margins, double expected, double[] slopes)
        {
            var (z, value) = Compute("lovasz", margins, [0, 0, 0, 0]);
            Assert.Equal(expected, value.ToDouble(), 1e-9);
            value.Backward();
            Assert.Equal(slopes, z.Gradient!.ToArray<double>());
        }
    }

    /// <summary>One pixel of the class with probability p: 2 / (p + 1)² and 2 (1 − p²) / (p² + 1)² of the Dice coefficient, p − 1 of the cross entropy.</summary>
    [Theory]
    [InlineData(.02)]
    [InlineData(.5)]
    [InlineData(.97)]
    public void Slopes_of_a_single_pixel(double p)
    {
        using var scope = new TensorScope();
        var ofLogit = p * (1 - p);
        foreach (var (name, expected) in new[] { ("dice 0", -2 / Math.Pow(p + 1, 2) * ofLogit), ("squared 0", -2 * (1 - p * p) / Math.Pow(p * p + 1, 2) * ofLogit), ("bce", p - 1) })
        {
            var (z, value) = Compute(name, [Math.Log(p / (1 - p))], [1]);
            value.Backward();
            Assert.Equal(expected, z.Gradient!.ToDouble(), 1e-9);
        }
    }

    [Fact]
    public void Clipped_probabilities_have_no_slope()
    {
        using var scope = new TensorScope();
        double[] probabilities = [.9999, .0001, .5, .0001];
        var margins = probabilities.Select(static p => Math.Log(p / (1 - p))).ToArray();
        var (z, value) = Compute("clipped focal sum", margins, Truth);
        Assert.Equal(1.7668084, value.ToDouble(), 1e-6);
        value.Backward();
        Assert.Equal([0, 0, -.2982868 / 4, 0], z.Gradient!.ToArray<double>().Select(static slope => Math.Round(slope, 7)));
    }

    [Fact]
    public void Each_class_against_all_others()
    {
        using var scope = new TensorScope();
        var (scores, labels) = CrossEntropyTests.Fixture();
        var (z, y) = (scores.T().Unsqueeze(0), labels.Unsqueeze(0));
        var hot = Tensor.FromArray<double>([1, 0, 0, 0, 1, 0, 0, 1, 0], [3, 3]);
        var one = scores.Detach()[..3].BinaryCrossEntropyWithLogits(hot, reduction: 1).ToDouble();
        Assert.Equal(one, new BinaryCrossEntropy().Compute(z, y).ToDouble(), 1e-9);
        Assert.Equal(one, new Focal { IsSigmoid = true, Gamma = 0 }.Compute(z, y).ToDouble(), 1e-9);
    }

    private static void Check(string name, double[] margins, double expected, double[] slopes)
    {
        using var scope = new TensorScope();
        var (z, value) = Compute(name, margins, Truth);
        Assert.Equal(expected, value.ToDouble(), 1e-6);
        value.Backward();
        Assert.All(z.Gradient!.ToArray<double>().Zip(slopes), static pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }

    /// <summary>The loss of two classes whose scores are 0 and a margin.</summary>
    private static (Tensor Margins, Tensor Value) Compute(string name, double[] margins, long[] truth)
    {
        var z = Tensor.FromArray(margins, [1, 1, margins.Length]);
        z.RequiresGrad = true;
        var (logits, labels) = (Aten.Cat([z.ZerosLike(), z], 1), Tensor.FromArray(truth, [1, truth.Length]));
        return (z, Losses(name).Select(loss => loss.Compute(logits, labels)).Aggregate(static (a, b) => a + b));
    }

    private static IEnumerable<IPixelLoss> Losses(string name) => name switch
    {
        "bce" => [new BinaryCrossEntropy()],
        "bce weighted 3" => [new BinaryCrossEntropy { PositiveWeight = 3 }],
        "focal .25" => [new Focal { IsSigmoid = true, Alpha = .25 }],
        "focal .25 sum" => [new Focal { IsSigmoid = true, Alpha = .25, Reduction = LossReduction.Sum }],
        "focal" => [new Focal { IsSigmoid = true }],
        "clipped focal sum" => [new Focal { IsSigmoid = true, Alpha = .25, Clip = 1e-3, Reduction = LossReduction.Sum }],
        "dice 0" => [new Dice { Smooth = 0, IncludesBackground = false }],
        "dice 1" => [new Dice { IncludesBackground = false }],
        "dice 1e-5" => [new Dice { Smooth = 1e-5, IncludesBackground = false }],
        "squared 0" => [new Dice { Smooth = 0, IsSquared = true, IncludesBackground = false }],
        "squared 1" => [new Dice { IsSquared = true, IncludesBackground = false }],
        "jaccard 0" => [new Jaccard { Smooth = 0, IncludesBackground = false }],
        "jaccard 1" => [new Jaccard { IncludesBackground = false }],
        "tversky" => [new Tversky { IncludesBackground = false }],
        "hardness" => [new HardnessDice { IncludesBackground = false }],
        "hardness detached" => [new HardnessDice { IncludesBackground = false, DetachesWeights = true }],
        "generalised" => [new GeneralizedDice()],
        "lovasz" => [new LovaszHinge()],
        "bce + dice" => [new BinaryCrossEntropy(), new Dice { IncludesBackground = false }],
        "bce - log jaccard" => [new BinaryCrossEntropy(), new Jaccard { Smooth = 0, IncludesBackground = false, IsLogarithmic = true }],
        _ => [new Focal { IsSigmoid = true, Alpha = .25 }, new Dice { IncludesBackground = false }],
    };

    private static double Slope(double margin) => Math.Exp(-margin) / Math.Pow(1 + Math.Exp(-margin), 2);
}
