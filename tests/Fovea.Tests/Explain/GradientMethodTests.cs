using Fovea.Explain;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Explain;

[LeakCheck]
public class GradientMethodTests
{
    [Fact]
    public void Saliency_of_a_linear_network_is_the_size_of_its_weights()
    {
        using var scope = new TensorScope();
        using var network = new SmallClassifier(new Flatten(), new Linear(3 * 4 * 5, 2));
        var subject = network.Ask(Tensor.Randn([1, 3, 4, 5], Dtype.Float64), 1);
        var weight = ((Linear)network.Find("layers.1")).Weight[1].Reshape([3, 4, 5]).Abs().Amax([0]);
        Near(weight, Saliency.Map(subject));
    }

    [Fact]
    public void Rules_agree_where_nothing_is_negative()
    {
        using var scope = new TensorScope();
        using var network = SmallClassifier.WithCells(9);
        foreach (var parameter in network.Parameters())
            parameter.SetData(parameter.Detach().Abs());
        var subject = network.Ask(Tensor.Rand([1, 3, 12, 12], Dtype.Float64), 2);
        var guided = GuidedBackpropagation.Gradient(subject);
        Near(guided, DeconvNet.Gradient(subject));
        Near(guided.Abs().Amax([0]), Saliency.Map(subject));
        Assert.True(guided.Max().ToDouble() > 0);
    }

    [Fact]
    public void The_rule_is_the_explicit_deconvnet()
    {
        using var scope = new TensorScope();
        RandomState.Seed(5);
        using var network = SmallClassifier.WithCells(9);
        var images = Tensor.Randn([1, 3, 12, 12], Dtype.Float64);
        var subject = network.Ask(images, 3);
        var (first, second, linear) = ((Conv2d)network.Find("layers.0"), (Conv2d)network.Find("layers.3"), (Linear)network.Find("layers.6"));
        var pool = new MaxPool2d(3, stride: 2);
        var (pooled, switches) = pool.ForwardWithIndices(first.Forward(images).Relu());
        // Down again: only the unit itself, then transposed kernels, rectified signals, values back at the switches.
        var signal = linear.Weight[3].Reshape([1, 5, 3, 3]).ClampMin(0);
        signal = Aten.ConvTranspose2d(signal, second.Weight, null, [1, 1], [0, 0], [0, 0], 1, [1, 1]);
        Assert.Equal(pooled.Shape, signal.Shape);
        // Windows overlap, so that several values may meet at a switch; they add up.
        signal = Tensor.Zeros([1, 6, 144], Dtype.Float64).ScatterAdd(2, switches.Flatten(2), signal.Flatten(2)).Reshape([1, 6, 12, 12]);
        signal = Aten.ConvTranspose2d(signal.ClampMin(0), first.Weight, null, [1, 1], [1, 1], [0, 0], 1, [1, 1]);
        Near(signal[0], DeconvNet.Gradient(subject));
        Assert.True((DeconvNet.Gradient(subject) - GuidedBackpropagation.Gradient(subject)).Abs().Max().ToDouble() > 1e-6);
    }

    [Fact]
    public void Unpooling_puts_maxima_back_at_the_switches()
    {
        using var scope = new TensorScope();
        var images = Tensor.Randn([1, 2, 8, 8]);
        var (pooled, switches) = new MaxPool2d(2).ForwardWithIndices(images);
        using var unpool = new MaxUnpool2d(2);
        var restored = unpool.Forward(pooled, switches);
        var isMaximum = restored.Ne(0);
        Assert.Equal(2 * 16, isMaximum.Sum().ToInt64());
        Near(images.MaskedFill(~isMaximum, 0), restored);
    }

    [Fact]
    public void Guided_backpropagation_stops_where_the_rectifier_or_the_gradient_is_closed()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray([-1.0, 2, 3]);
        x.RequiresGrad = true;
        using var relu = new ReLU(inPlace: true);
        using (new RectifierScope(RectifierRule.Guided))
            Assert.Equal([0, 0, 5], Grad(relu.Forward(x * 1), x));
        using (new RectifierScope(RectifierRule.Deconvolution))
            Assert.Equal([7, 0, 5], Grad(relu.Forward(x * 1), x));
        Assert.Equal([0, -2, 5], Grad(relu.Forward(x * 1), x));
        using var leaky = new LeakyReLU(0.5);
        using (new RectifierScope(RectifierRule.Guided))
            Assert.Equal([3.5, 0, 5], Grad(leaky.Forward(x), x));

        static double[] Grad(Tensor output, Tensor x) => Autograd.Grad([output], [x], [Tensor.FromArray([7.0, -2, 5])])[0]!.ToArray<double>();
    }

    [Fact]
    public void Gradient_times_input_adds_up_to_the_score_without_biases()
    {
        using var scope = new TensorScope();
        using var network = SmallClassifier.WithCells(9, hasBias: false);
        var images = Tensor.Randn([1, 3, 12, 12], Dtype.Float64);
        var subject = network.Ask(images, 1);
        Assert.Equal(network.Logits(images)[0, 1].ToDouble(), GradientTimesInput.Shares(subject).Sum().ToDouble(), 1e-10);
    }

    [Fact]
    public void Integrated_gradients_are_complete()
    {
        using var scope = new TensorScope();
        RandomState.Seed(2);
        using var network = SmallClassifier.WithCells(9);
        var (images, baseline) = (Tensor.Randn([1, 3, 12, 12], Dtype.Float64), Tensor.Randn([1, 3, 12, 12], Dtype.Float64));
        var subject = network.Ask(images, 0);
        var difference = (network.Logits(images) - network.Logits(baseline))[0, 0].ToDouble();
        var error = Math.Abs(IntegratedGradients.Shares(subject, 200, baseline).Sum().ToDouble() - difference);
        Assert.True(error < 2e-3 * (1 + Math.Abs(difference)), $"{error}");
        // Finer steps come nearer.
        Assert.True(Math.Abs(IntegratedGradients.Shares(subject, 2, baseline).Sum().ToDouble() - difference) > error);
    }

    [Fact]
    public void SmoothGrad_without_noise_is_saliency()
    {
        using var scope = new TensorScope();
        using var network = SmallClassifier.WithMeans();
        var subject = network.Ask(Tensor.Randn([1, 3, 8, 8], Dtype.Float64), 0);
        Near(Saliency.Map(subject), SmoothGrad.Map(subject, samples: 3, noise: 0));
        Assert.True((Saliency.Map(subject) - SmoothGrad.Map(subject, samples: 3, noise: 0.5)).Abs().Max().ToDouble() > 1e-6);
    }

    [Fact]
    public void A_network_without_rectifiers_is_refused()
    {
        using var scope = new TensorScope();
        using var network = ModelCatalog.Find("lenet5").Build(new ModelOptions { Outputs = 10, InChannels = 1 });
        network.Eval();
        var subject = new Subject(network, SmallClassifier.BatchOf(Tensor.Rand([1, 1, 28, 28])), new ClassTarget(3));
        Assert.Contains("no rectifier in LeNet5", Assert.Throws<FoveaException>(() => GuidedBackpropagation.Gradient(subject)).Message, StringComparison.Ordinal);
        Assert.True(Saliency.Map(subject).Max().ToDouble() > 0);
        var beyond = new Subject(network, SmallClassifier.BatchOf(subject.Images), new ClassTarget(10));
        Assert.Contains("0 to 9", Assert.Throws<FoveaException>(() => Saliency.Map(beyond)).Message, StringComparison.Ordinal);
    }

    internal static void Near(Tensor expected, Tensor actual, double tolerance = 1e-10)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(0, (expected - actual).Abs().Max().ToDouble(), tolerance * (1 + expected.Abs().Max().ToDouble()));
    }
}
