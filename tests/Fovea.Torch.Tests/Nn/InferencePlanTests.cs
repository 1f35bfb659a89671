using Fovea.Torch.Nn;

namespace Fovea.Torch.Tests.Nn;

[LeakCheck]
public class InferencePlanTests
{
    [Fact]
    public void Computes_norms_into_convolutions_without_changing_the_outcome()
    {
        using var scope = new TensorScope();
        using var network = Network();
        network.Eval();
        var x = Tensor.Randn([2, 3, 9, 9]);
        var expected = network.Forward(x).Detach();
        var keys = network.StateDict().Select(t => (t.Key, t.Value.ToBytes())).ToList();
        using (var plan = InferencePlan.Create(network))
        {
            Assert.Equal(3, plan.FoldedNorms);
            var found = network.Forward(x);
            Assert.NotEqual(expected.ToArray<float>(), found.ToArray<float>());
            AssertClose(expected, found, 1e-5);
            Assert.Equal(keys, network.StateDict().Select(t => (t.Key, t.Value.ToBytes())));
            // Hooks see the layers one by one, still with the same outcome.
            var calls = 0;
            using (network[1].OnForward((_, _) =>
            {
                calls++;
                return null;
            }))
                AssertClose(expected, network.Forward(x), 1e-5);
            Assert.Equal(1, calls);
        }

        Assert.Equal(expected.ToArray<float>(), network.Forward(x).Detach().ToArray<float>());
    }

    [Fact]
    public void Makes_no_copy_of_a_matrix_that_is_most_of_the_memory()
    {
        using var scope = new TensorScope();
        using var network = new Sequential(new Linear(64, 17000), new ReLU(inPlace: true), new Linear(17000, 1000));
        network.Eval();
        var x = Tensor.Randn([2, 64]);
        var expected = network.Forward(x).Detach();
        using var plan = InferencePlan.Create(network, Dtype.BFloat16);
        Assert.Equal(Dtype.BFloat16, ((Linear)network[0]).Planned!.Weight.Dtype);
        Assert.Same(((Linear)network[2]).Weight, ((Linear)network[2]).Planned!.Weight);
        AssertClose(expected, network.Forward(x), 0.02);
        using var cast = new Autocast(Device.Cpu);
        var found = network.Forward(x);
        Assert.Equal(Dtype.Float32, found.Dtype);
        AssertClose(expected, found, 0.02);
        Assert.Equal(Dtype.BFloat16, Aten.Linear(x, Tensor.Ones([3, 64])).Dtype);
    }

    [Fact]
    public void Computes_in_bfloat16_to_its_precision()
    {
        using var scope = new TensorScope();
        using var network = Network();
        network.Eval();
        var x = Tensor.Randn([2, 3, 9, 9]);
        var expected = network.Forward(x).Detach();
        using var plan = InferencePlan.Create(network, Dtype.BFloat16);
        var found = network.Forward(x);
        Assert.Equal(Dtype.BFloat16, found.Dtype);
        AssertClose(expected, found.To(Dtype.Float32), 0.03);
    }

    [Fact]
    public void Ends_when_training_begins()
    {
        using var scope = new TensorScope();
        using var network = Network();
        network.Eval();
        using var plan = InferencePlan.Create(network);
        Assert.Contains("prepared already", Assert.Throws<FoveaException>(() => InferencePlan.Create(network)).Message, StringComparison.Ordinal);
        network.Train();
        var statistics = ((BatchNorm2d)network[1]).RunningMean!.ToArray<float>();
        network.Forward(Tensor.Randn([2, 3, 9, 9]));
        Assert.NotEqual(statistics, ((BatchNorm2d)network[1]).RunningMean!.ToArray<float>());
        Assert.Contains("Eval()", Assert.Throws<FoveaException>(() => InferencePlan.Create(network)).Message, StringComparison.Ordinal);
        network.Eval();
        Assert.Throws<FoveaException>(() => InferencePlan.Create(network, Dtype.Int64));
    }

    [Fact]
    public void A_convolution_with_two_norms_keeps_them()
    {
        using var scope = new TensorScope();
        using var network = new TwoNorms();
        Disturb(network);
        network.Eval();
        var x = Tensor.Randn([1, 2, 3, 3]);
        var expected = network.Forward(x).Detach();
        using var plan = InferencePlan.Create(network);
        Assert.Equal(0, plan.FoldedNorms);
        AssertClose(expected, network.Forward(x), 1e-5);
    }

    [Fact]
    public void Norms_that_stay_take_what_convolutions_give_in_bfloat16()
    {
        using var scope = new TensorScope();
        using var network = new Sequential(new Conv2d(3, 4, 3), new Mish(inPlace: true), new GroupNorm(2, 4), new Conv2d(4, 4, 1), new InstanceNorm2d(4, affine: true),
            new ConvTranspose2d(4, 4, 2, stride: 2), new BatchNorm2d(4), new MaxPool2d(2), new AvgPool2d(2), Upsample.By(2, UpsampleMode.Linear),
            new LocalResponseNorm(3), new LayerNorm([4, 4]), new PReLU(4), new Flatten(), new Linear(64, 3), new Softmax(1));
        Disturb(network);
        network.Eval();
        var x = Tensor.Randn([2, 3, 6, 6]);
        var expected = network.Forward(x).Detach();
        using (InferencePlan.Create(network, Dtype.BFloat16))
            AssertClose(expected, network.Forward(x).To(Dtype.Float32), 0.05);
        using (new Autocast(Device.Cpu))
            AssertClose(expected, network.Forward(x).To(Dtype.Float32), 0.05);
    }

    [Fact]
    public void Frozen_norms_are_computed_into_the_kernels_in_training_too()
    {
        using var scope = new TensorScope();
        using var network = new Sequential(new Conv2d(3, 4, 3), new FrozenBatchNorm2d(4, 0.1), new ReLU(inPlace: true), new Conv2d(4, 2, 1, hasBias: false), new FrozenBatchNorm2d(2));
        Disturb(network);
        var x = Tensor.Randn([2, 3, 5, 5]);
        x.RequiresGrad = true;
        var folded = Gradients();
        float[][] plain;
        // A hook makes every layer run for itself.
        using (network[0].OnForward((_, _) => null))
            plain = Gradients();
        for (var i = 0; i < plain.Length; i++)
        {
            var scale = plain[i].Max(Math.Abs);
            Assert.All(plain[i].Zip(folded[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * Math.Max(1, scale)));
        }

        float[][] Gradients()
        {
            network.ZeroGradients();
            x.Gradient = null;
            var y = network.Forward(x);
            y.Backward((Tensor.Arange(y.Count, Dtype.Float32) * 0.7).Sin().Reshape(y.Shape));
            return [y.Detach().ToArray<float>(), x.Gradient!.ToArray<float>(), .. network.Parameters().Select(p => p.Gradient!.ToArray<float>())];
        }
    }

    private static Sequential Network()
    {
        var network = new Sequential(new Conv2d(3, 8, 3), new BatchNorm2d(8, 1e-2), new ReLU(inPlace: true), new Conv2d(8, 6, 3, 2, 1, groups: 2, hasBias: false),
            new FrozenBatchNorm2d(6), new SiLU(), new Conv2d(6, 4, 1), new BatchNorm2d(4, affine: false), new Flatten(), new Linear(64, 5));
        Disturb(network);
        return network;
    }

    private static void Disturb(Module module)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(6);
        foreach (var (_, tensor) in module.StateDict().Where(t => t.Value.Dtype.IsFloatingPoint()))
            tensor.AddInPlace(Tensor.Rand(tensor.Shape) * 0.5);
    }

    private static void AssertClose(Tensor expected, Tensor found, double tolerance)
    {
        using var scope = new TensorScope();
        Assert.Equal(expected.Shape, found.Shape);
        Assert.Equal(0, (expected - found).Abs().Max().ToDouble(), tolerance * Math.Max(1, expected.Abs().Max().ToDouble()));
    }

    private sealed class TwoNorms : Layer
    {
        private readonly ConvolutionNorm one;
        private readonly ConvolutionNorm other;

        public TwoNorms()
        {
            var convolution = Child("conv", new Conv2d(2, 2, 1));
            one = Pair(convolution, Child("bn1", new BatchNorm2d(2)));
            other = Pair(convolution, Child("bn2", new BatchNorm2d(2)));
        }

        protected override Tensor Compute(Tensor input) => other.Consume(one.Forward(input));
    }
}
