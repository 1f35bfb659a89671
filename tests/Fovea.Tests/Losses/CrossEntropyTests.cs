using Fovea.Losses;
using Fovea.Torch;

namespace Fovea.Tests.Losses;

[LeakCheck]
public class CrossEntropyTests
{
    [Fact]
    public void Equals_the_hand_calculated_values()
    {
        using var scope = new TensorScope();
        var (logits, labels) = Fixture();
        var loss = new CrossEntropy { IgnoreIndex = 255 }.Compute(logits, labels);
        Assert.Equal(1.2862133, loss.ToDouble(), 1e-6);
        loss.Backward();
        double[] gradient =
        [
            -.0714677, .0584301, .0130375, .0706472, -.1412944, .0706472, .0057159, -.3177958, .3120799, 0, 0, 0,
        ];
        Assert.All(logits.Gradient!.ToArray<double>().Zip(gradient), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        Assert.Equal(3.8586399, new CrossEntropy { IgnoreIndex = 255, Reduction = LossReduction.Sum }.Compute(logits, labels).ToDouble(), 1e-6);
        Assert.Equal(
            [.2413113, .5514447, 3.0658839, 0],
            Enumerable.Range(0, 4).Select(i => Math.Round(new CrossEntropy { IgnoreIndex = 255 }.Compute(logits.Detach()[i..(i + 1)], labels[i..(i + 1)]).ToDouble(), 7)));
        Assert.Equal(1.4951937, new CrossEntropy { IgnoreIndex = 255, ClassWeights = [1, 2, 4] }.Compute(logits, labels).ToDouble(), 1e-6);
        // RedNet's: the weighted losses of the three pixels that count, divided by three.
        Assert.Equal((.2413113 + 2 * .5514447 + 2 * 3.0658839) / 3, new CrossEntropy { IgnoreIndex = 255, ClassWeights = [1, 2, 4], Reduction = LossReduction.PixelMean }.Compute(logits, labels).ToDouble(), 1e-6);
        Assert.Equal(1.2862133, new CrossEntropy { IgnoreIndex = 255, Reduction = LossReduction.PixelMean }.Compute(logits, labels).ToDouble(), 1e-6);
    }

    [Fact]
    public void Equals_PyTorch_on_pixels_with_weights_smoothing_and_soft_targets()
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        var logits = Tensor.Randn([2, 4, 3, 5]);
        logits.RequiresGrad = true;
        var labels = Aten.Randint(4, [2, 3, 5], Dtype.Int64);
        labels[0, 1].FillInPlace(255);
        var soft = Tensor.Rand([2, 4, 3, 5]).Softmax(1);
        float[] weights = [1, 0.5f, 2, 3];
        var answer = PythonReference.Run(
            """
            import torch; import torch.nn.functional as F
            z, y, s, w = T(z).requires_grad_(True), T(y), T(s), T(w)
            for name, loss in dict(plain=F.cross_entropy(z, y, ignore_index=255), weighted=F.cross_entropy(z, y, w, ignore_index=255),
                                   smooth=F.cross_entropy(z, y, w, ignore_index=255, label_smoothing=0.1), soft=F.cross_entropy(z, s, w, label_smoothing=0.1)).items():
                z.grad = None; loss.backward(); out[name] = loss; out['d' + name] = z.grad
            """,
            ("z", new NdArray(logits.Detach().ToArray<float>(), 2, 4, 3, 5)), ("y", new NdArray(labels.ToArray<long>(), 2, 3, 5)),
            ("s", new NdArray(soft.ToArray<float>(), 2, 4, 3, 5)), ("w", weights));
        Check("plain", new CrossEntropy { IgnoreIndex = 255 }, labels);
        Check("weighted", new CrossEntropy { IgnoreIndex = 255, ClassWeights = weights }, labels);
        Check("smooth", new CrossEntropy { IgnoreIndex = 255, ClassWeights = weights, LabelSmoothing = 0.1 }, labels);
        Check("soft", new CrossEntropy { ClassWeights = weights, LabelSmoothing = 0.1 }, soft);

        void Check(string name, CrossEntropy criterion, Tensor targets)
        {
            logits.Gradient = null;
            var loss = criterion.Compute(logits, targets);
            loss.Backward();
            Assert.Equal(answer.Floats(name)[0], loss.ToSingle(), 1e-6);
            Assert.All(logits.Gradient!.ToArray<float>().Zip(answer.Floats("d" + name)), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        }
    }

    [Fact]
    public void No_label_at_all_is_a_loss_of_zero_without_gradient()
    {
        using var scope = new TensorScope();
        var (logits, _) = Fixture();
        var loss = new CrossEntropy { IgnoreIndex = 255 }.Compute(logits, Tensor.Full([4], 255, Dtype.Int64));
        loss.Backward();
        Assert.Equal(0, loss.ToDouble());
        Assert.All(logits.Gradient!.ToArray<double>(), g => Assert.Equal(0, g));
    }

    [Fact]
    public void Class_255_counts_where_nothing_is_ignored()
    {
        using var scope = new TensorScope();
        Assert.Equal(Math.Log(300), new CrossEntropy().Compute(Tensor.Zeros([1, 300]), Tensor.FromArray<long>([255])).ToDouble(), 1e-5);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        using var scope = new TensorScope();
        var (logits, labels) = Fixture();
        var error = Assert.Throws<FoveaException>(() => new CrossEntropy().Compute(logits, labels[..3]));
        Assert.Contains("found targets [3] for logits [4, 3], expected [4]", error.Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => new CrossEntropy { ClassWeights = [1, 2] }.Compute(logits, labels));
    }

    internal static (Tensor Logits, Tensor Labels) Fixture()
    {
        var logits = Tensor.FromArray(new double[,] { { 2, .5, -1 }, { 0, 1, 0 }, { -1, 0, 3 }, { 1, 1, 1 } });
        logits.RequiresGrad = true;
        return (logits, Tensor.FromArray<long>([0, 1, 1, 255]));
    }
}
