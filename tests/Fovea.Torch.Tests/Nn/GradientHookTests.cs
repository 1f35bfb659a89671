using System.Runtime.CompilerServices;
using Fovea.Torch.Nn;

namespace Fovea.Torch.Tests.Nn;

[LeakCheck]
public class GradientHookTests
{
    [Fact]
    public void Gradients_of_output_and_input_are_those_by_hand()
    {
        // y = Wx, loss = sum(c * y): dloss/dy = c, dloss/dx = Wᵀc.
        using var scope = new TensorScope();
        using var linear = Map();
        var x = Leaf([1, 2]);
        List<float[]> ofOutput = [], ofInput = [];
        using (linear.OnGradient(Note(ofOutput)))
        using (linear.OnInputGradient(Note(ofInput)))
            (linear.Forward(x) * Tensor.FromArray<float>([5, 7])).Sum().Backward();

        Assert.Equal([5f, 7], Assert.Single(ofOutput));
        Assert.Equal([1f * 5 + 3 * 7, 2f * 5 + 4 * 7], Assert.Single(ofInput));
        Assert.Equal([26f, 38], x.Gradient!.ToArray<float>());
        Assert.Equal([5f, 10, 7, 14], linear.Weight.Gradient!.ToArray<float>());
    }

    [Fact]
    public void A_module_used_twice_tells_of_each_call_alone()
    {
        // y = W(Wx): of the second call dloss/dy = 1 and dloss/dinput = Wᵀ1, which is what the first call's output gets.
        using var scope = new TensorScope();
        using var linear = Map();
        var x = Leaf([1, 2]);
        List<float[]> ofOutput = [], ofInput = [];
        using (linear.OnGradient(Note(ofOutput)))
        using (linear.OnInputGradient(Note(ofInput)))
            linear.Forward(linear.Forward(x)).Sum().Backward();

        Assert.Equal(2, ofOutput.Count);
        Assert.Equal([1f, 1], ofOutput[0]);
        Assert.Equal([4f, 6], ofOutput[1]);
        Assert.Equal([4f, 6], ofInput[0]);
        Assert.Equal([1f * 4 + 3 * 6, 2f * 4 + 4 * 6], ofInput[1]);
    }

    [Fact]
    public void Only_what_comes_through_the_module_is_heard_even_where_it_gives_its_input()
    {
        using var scope = new TensorScope();
        using var identity = new Identity();
        using var flatten = new Flatten();
        var x = Leaf([1, 2]);
        List<float[]> seen = [];
        using (identity.OnGradient(Note(seen)))
        using (identity.OnInputGradient(Note(seen)))
        using (flatten.OnGradient(Note(seen)))
            (identity.Forward(x) * 3 + x * 10 + flatten.Forward(x.View([1, 2])).View([2]) * 4).Sum().Backward();

        Assert.Equal(3, seen.Count);
        Assert.Equal(2, seen.Count(static g => g.SequenceEqual([3f, 3])));
        Assert.Single(seen, static g => g.SequenceEqual([4f, 4]));
        Assert.Equal([17f, 17], x.Gradient!.ToArray<float>());

        // Nothing stays on the leaf.
        (x * 2).Sum().Backward();
        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public void What_a_hook_returns_takes_the_gradients_place_and_later_hooks_see_it()
    {
        using var scope = new TensorScope();
        using var linear = Map();
        var x = Leaf([1, 2]);
        List<float[]> seen = [];
        using (linear.OnGradient(static gradient => gradient * 10))
        using (linear.OnGradient(Note(seen)))
        using (linear.OnInputGradient(static gradient => gradient.Neg()))
            linear.Forward(x).Sum().Backward();

        Assert.Equal([10f, 10], Assert.Single(seen));
        Assert.Equal([-40f, -60], x.Gradient!.ToArray<float>());
    }

    [Fact]
    public void A_removed_hook_is_silent_even_for_a_call_that_was_recorded_before()
    {
        using var scope = new TensorScope();
        using var linear = Map();
        List<float[]> seen = [];
        var registration = linear.OnGradient(Note(seen));
        var output = linear.Forward(Leaf([1, 2]));
        registration.Dispose();
        registration.Dispose();
        output.Sum().Backward();
        linear.Forward(Leaf([1, 2])).Sum().Backward();
        Assert.Empty(seen);

        // Layers overwrite their input again, so no hook is left anywhere.
        using var relu = new ReLU(inPlace: true);
        var y = Tensor.FromArray<float>([-1, 1]);
        Assert.Same(y, relu.Forward(y));
    }

    [Fact]
    public void Passes_without_recording_have_no_gradient_to_tell_of()
    {
        using var scope = new TensorScope();
        using var linear = Map();
        List<float[]> seen = [];
        using var ofOutput = linear.OnGradient(Note(seen));
        using var ofInput = linear.OnInputGradient(Note(seen));
        using (Autograd.NoGrad())
            Assert.False(linear.Forward(Leaf([1, 2])).RequiresGrad);
        using (Autograd.Inference())
            Assert.False(linear.Forward(Leaf([1, 2])).RequiresGrad);
        linear.Freeze();
        Assert.False(linear.Forward(Tensor.FromArray<float>([1, 2])).RequiresGrad);
        linear.Freeze(false);

        // The weights want a gradient, the picture does not.
        linear.Forward(Tensor.FromArray<float>([1, 2])).Sum().Backward();
        Assert.Equal([1f, 1], Assert.Single(seen));
    }

    [Fact]
    public void Layers_that_would_overwrite_their_input_are_heard_as_they_are()
    {
        using var scope = new TensorScope();
        using var chain = new Sequential(Map(), new ReLU(inPlace: true), new Linear(2, 1, hasBias: false));
        using (Autograd.NoGrad())
            ((Linear)chain[2]).Weight.CopyInPlace(Tensor.FromArray(new float[,] { { 2, 3 } }));
        List<float[]> ofMap = [], ofRectifier = [];
        using (chain[0].OnGradient(Note(ofMap)))
        using (chain[1].OnGradient(Note(ofRectifier)))
            chain.Forward(Leaf([-3, 2])).Sum().Backward(); // the map gives (1, -1)

        Assert.Equal([2f, 3], Assert.Single(ofRectifier));
        Assert.Equal([2f, 0], Assert.Single(ofMap));
    }

    [Fact]
    public void A_module_of_several_inputs_tells_of_its_output()
    {
        using var scope = new TensorScope();
        using var product = new Product();
        List<float[]> seen = [];
        var x = Leaf([2, 3]);
        using (product.OnGradient(Note(seen)))
            (product.Forward(x, x) * Tensor.FromArray<float>([5, 7])).Sum().Backward();
        Assert.Equal([5f, 7], Assert.Single(seen));
        Assert.Equal([20f, 42], x.Gradient!.ToArray<float>());
    }

    [Fact]
    public void An_exception_in_a_hook_comes_out_of_backward_as_it_was()
    {
        using var scope = new TensorScope();
        using var linear = Map();
        using var registration = linear.OnGradient(static _ => throw new InvalidOperationException("the hook said no"));
        var error = Assert.Throws<TorchException>(() => linear.Forward(Leaf([1, 2])).Sum().Backward());
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    [Fact]
    public void Many_passes_leave_neither_tensors_nor_hooks_behind()
    {
        using var chain = new Sequential(new Linear(4, 4), new ReLU(inPlace: true), new Linear(4, 2));
        var before = TorchRuntime.LiveTensors;
        var calls = 0;
        var (listener, registration) = Listen(chain[0], () => calls++);
        for (var i = 0; i < 200; i++)
        {
            using (new TensorScope())
                chain.Forward(Tensor.Rand([3, 4])).Sum().Backward();
            chain.ZeroGradients();
            Assert.Equal(before, TorchRuntime.LiveTensors);
        }

        Assert.Equal(200, calls);
        registration.Dispose();
        GC.Collect();
        Assert.False(listener.IsAlive);
    }

    // In a method of its own, so that no local of the test holds the hook.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Listener, IDisposable Registration) Listen(Layer layer, Action tell)
    {
        Func<Tensor, Tensor?> hook = gradient =>
        {
            tell();
            return gradient * 1;
        };
        return (new WeakReference(hook), layer.OnGradient(hook));
    }

    private static Func<Tensor, Tensor?> Note(List<float[]> into) => gradient =>
    {
        into.Add(gradient.ToArray<float>());
        return null;
    };

    // Weights { { 1, 2 }, { 3, 4 } }, no bias.
    private static Linear Map()
    {
        var linear = new Linear(2, 2, hasBias: false);
        using var noGrad = Autograd.NoGrad();
        using var weight = Tensor.FromArray(new float[,] { { 1, 2 }, { 3, 4 } });
        linear.Weight.CopyInPlace(weight);
        return linear;
    }

    private sealed class Product : SingleOutputModule
    {
        public Tensor Forward(Tensor a, Tensor b) => Observed(a, _ => a * b);
    }

    private static Tensor Leaf(float[] values)
    {
        var leaf = Tensor.FromArray<float>(values);
        leaf.RequiresGrad = true;
        return leaf;
    }
}
