using Fovea.Torch.Nn;

namespace Fovea.Torch.Tests.Nn;

[LeakCheck]
public class ModuleTests
{
    [Fact]
    public void Names_are_those_of_the_path_and_an_empty_one_adds_nothing()
    {
        using var outer = new Outer();
        Assert.Equal(["scale", "body.0.weight", "body.0.bias", "body.1.weight", "body.1.bias", "body.1.running_mean", "body.1.running_var",
            "body.1.num_batches_tracked", "weight", "bias"], outer.StateDict().Select(t => t.Key));
        Assert.Equal(1 + 2 * 9 * 3 + 3 + 6 + 12 + 4, outer.ParameterCount());
        Assert.IsType<BatchNorm2d>(outer.Find("body.1"));
        Assert.Contains("body", Assert.Throws<FoveaException>(() => outer.Find("boddy")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => outer.AddAgain());
    }

    [Fact]
    public void Freezing_and_modes_reach_everything_below()
    {
        using var outer = new Outer();
        outer.Eval();
        Assert.All(outer.NamedModules(), m => Assert.False(m.Value.IsTraining));
        outer.Train();
        Assert.All(outer.NamedModules(), m => Assert.True(m.Value.IsTraining));
        outer.Find("body").Freeze();
        Assert.Equal(1 + 12 + 4, outer.ParameterCount());
        outer.Freeze(false);
        Assert.Equal(80, outer.ParameterCount());
    }

    [Fact]
    public void Conversion_keeps_the_tensors_and_the_counter()
    {
        using var outer = new Outer();
        var parameter = outer.Parameters().First();
        outer.To(dtype: Dtype.Float64);
        Assert.Equal(Dtype.Float64, parameter.Dtype);
        Assert.True(parameter.RequiresGrad && parameter.IsLeaf);
        Assert.Equal(Dtype.Int64, outer.StateDict().Single(t => t.Key.EndsWith("tracked", StringComparison.Ordinal)).Value.Dtype);
        outer.ToChannelsLast();
        Assert.True(((Conv2d)outer.Find("body.0")).Weight.IsContiguous(MemoryFormat.ChannelsLast));
    }

    [Fact]
    public void Hooks_see_and_replace_outputs_and_keep_layers_from_overwriting()
    {
        using var scope = new TensorScope();
        using var chain = new Sequential(new Linear(2, 2), new ReLU(inPlace: true));
        using (Autograd.NoGrad())
        {
            ((Linear)chain[0]).Weight.CopyInPlace(Tensor.FromArray(new float[,] { { -1, 0 }, { 0, 1 } }));
            ((Linear)chain[0]).Bias!.FillInPlace(0);
        }

        var x = Tensor.FromArray<float>([1, 2]);
        Tensor? seen = null;
        using (chain[0].OnForward((_, output) =>
        {
            seen = output.Share().Escape();
            return null;
        }))
        {
            Assert.Equal([0f, 2], chain.Forward(x).Detach().ToArray<float>());
            Assert.Equal([-1f, 2], seen!.Detach().ToArray<float>());
        }

        seen.Dispose();
        using (chain[0].OnForward((_, output) => output * 10))
            Assert.Equal([0f, 20], chain.Forward(x).Detach().ToArray<float>());
        Assert.Equal([0f, 2], chain.Forward(x).Detach().ToArray<float>());
        using var relu = new ReLU(inPlace: true);
        var y = Tensor.FromArray<float>([-1, 1]);
        Assert.Same(y, relu.Forward(y));
        Assert.Equal([0f, 1], y.ToArray<float>());
    }

    [Fact]
    public void A_chain_frees_what_is_behind_it()
    {
        using var chain = new Sequential(new Linear(3, 3), new ReLU(inPlace: true), new Identity(), new Linear(3, 3), new Dropout());
        chain.Eval();
        using var noGrad = Autograd.NoGrad();
        using var x = Tensor.Rand([4, 3]);
        var before = TorchRuntime.LiveTensors;
        chain.Forward(x).Dispose();
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.False(x.IsDisposed);
    }

    [Fact]
    public void Norms_say_what_they_cannot_normalise()
    {
        using var scope = new TensorScope();
        using var batch = new BatchNorm2d(3);
        Assert.Contains("[2, 4, 5, 5]", Assert.Throws<FoveaException>(() => batch.Forward(Tensor.Rand([2, 4, 5, 5]))).Message, StringComparison.Ordinal);
        Assert.Contains("4 dimensions", Assert.Throws<FoveaException>(() => batch.Forward(Tensor.Rand([2, 3]))).Message, StringComparison.Ordinal);
        Assert.Contains("one value a channel", Assert.Throws<LoneValueException>(() => batch.Forward(Tensor.Rand([1, 3, 1, 1]))).Message, StringComparison.Ordinal);
        batch.Eval();
        Assert.Equal([1, 3, 1, 1], batch.Forward(Tensor.Rand([1, 3, 1, 1])).Shape);
        using var instance = new InstanceNorm2d(3);
        Assert.Contains("one value a channel", Assert.Throws<FoveaException>(() => instance.Forward(Tensor.Rand([2, 3, 1, 1]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_are_one_for_all_or_one_for_each()
    {
        Extent one = 3, two = (1, 7);
        Assert.Equal([3, 3, 3], one.ToArray(3));
        Assert.Equal([1, 7], two.ToArray(2));
        Assert.Throws<ArgumentException>(() => two.ToArray(3));
        Assert.Equal("(1, 7)", two.ToString());
        Assert.True(two == (1, 7) && two != one && one == 3);
        Assert.Throws<ArgumentException>(() => new Conv2d(3, 4, 3, groups: 2));
    }

    private sealed class Outer : Module
    {
        public Outer()
        {
            Parameter("scale", Tensor.Ones([1]));
            Child("body", new Sequential(new Conv2d(2, 3, 3), new BatchNorm2d(3)));
            Child("", new Linear(3, 4));
        }

        public void AddAgain() => Child("body", new Identity());
    }
}
