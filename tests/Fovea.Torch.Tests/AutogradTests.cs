using System.Runtime.CompilerServices;

namespace Fovea.Torch.Tests;

[LeakCheck]
public class AutogradTests
{
    [Fact]
    public void Backward_gives_the_derivative()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray<float>([1, 2, 3]);
        x.RequiresGrad = true;
        (x * x).Sum().Backward();
        Assert.Equal([2f, 4, 6], x.Gradient!.ToArray<float>());
        using (Autograd.NoGrad())
            Assert.False((x * 2).RequiresGrad);
        using (Autograd.Inference())
            Assert.False((x * 2).RequiresGrad);
        Assert.True((x * 2).RequiresGrad);
    }

    [Fact]
    public void A_managed_function_runs_its_backward()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray<double>([0.5, -1, 2]);
        x.RequiresGrad = true;
        GradientCheck.Verify(inputs => new Cube().Apply(inputs)[0], [x]);
        var y = new Cube().Apply(x)[0];
        y.Sum().Backward();
        Assert.Equal([0.75, 3, 12], x.Gradient!.ToArray<double>());
    }

    [Fact]
    public void A_wrong_backward_is_found_by_the_gradient_check()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray<double>([0.5, -1, 2]);
        x.RequiresGrad = true;
        Assert.Throws<FoveaException>(() => GradientCheck.Verify(inputs => new Cube { Factor = 2 }.Apply(inputs)[0], [x]));
    }

    [Fact]
    public void An_exception_in_a_backward_comes_out_as_it_was()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray<double>([1]);
        x.RequiresGrad = true;
        var y = new Cube { Factor = double.NaN }.Apply(x)[0];
        var error = Assert.Throws<TorchException>(() => y.Sum().Backward());
        Assert.IsType<InvalidOperationException>(error.InnerException);
        Assert.Contains("factor is not a number", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_managed_function_saved_is_freed_with_its_backward()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray<double>([0.5, -1, 2]);
        x.RequiresGrad = true;
        var y = new Cube().Apply(x)[0];
        y.Sum().Backward(retainGraph: true);
        y.Sum().Backward();
        Assert.Equal([1.5, 6, 24], x.Gradient!.ToArray<double>());
        Assert.Contains("second time", Assert.Throws<TorchException>(() => y.Sum().Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_derivative_through_a_managed_function_is_an_error()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray<double>([2]);
        x.RequiresGrad = true;
        var y = new Cube().Apply(x)[0];
        var error = Assert.Throws<TorchException>(() => Autograd.Grad([y], [x], createGraph: true));
        Assert.Contains("no second derivatives", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hooks_see_and_change_gradients()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray<float>([1, 2]);
        x.RequiresGrad = true;
        var y = x * 3;
        float[]? seen = null;
        y.OnGradient(gradient =>
        {
            seen = gradient.ToArray<float>();
            return gradient * 10;
        });
        y.Sum().Backward();
        Assert.Equal([1f, 1], seen!);
        Assert.Equal([30f, 30], x.Gradient!.ToArray<float>());
    }

    [Fact]
    public void A_hook_goes_with_its_graph()
    {
        var hook = Hooked();
        GC.Collect();
        Assert.False(hook.IsAlive);

        // In a method of its own, so that no local of the test holds the hook.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Hooked()
        {
            using var scope = new TensorScope();
            var x = Tensor.FromArray<float>([1, 2]);
            x.RequiresGrad = true;
            var y = x * 3;
            var made = 0;
            Func<Tensor, Tensor?> hook = gradient => gradient * ++made;
            y.OnGradient(hook);
            y.Sum().Backward();
            Assert.Equal(1, made);
            return new WeakReference(hook);
        }
    }

    [Fact]
    public void Grad_differentiates_twice()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray<double>([2]);
        x.RequiresGrad = true;
        var first = Autograd.Grad([x * x * x], [x], createGraph: true)[0]!;
        var second = Autograd.Grad([first], [x])[0]!;
        Assert.Equal(12, first.ToDouble());
        Assert.Equal(12, second.ToDouble());
        Assert.Null(x.Gradient);
    }

    [Fact]
    public void Autocast_computes_in_bfloat16()
    {
        using var scope = new TensorScope();
        var x = Tensor.Rand([4, 4]);
        using (new Autocast(Device.Cpu))
            Assert.Equal(Dtype.BFloat16, x.Matmul(x).Dtype);
        Assert.Equal(Dtype.Float32, x.Matmul(x).Dtype);
        Assert.Throws<FoveaException>(() => new Autocast(Device.Cpu, Dtype.Float16));
    }

    private sealed class Cube : AutogradFunction
    {
        private Tensor? input;

        public double Factor { get; init; } = 3;

        protected override Tensor[] Forward(IReadOnlyList<Tensor> inputs)
        {
            input = Save(inputs[0]);
            return [inputs[0].Pow(3)];
        }

        protected override Tensor?[] Backward(IReadOnlyList<Tensor?> gradients) => double.IsNaN(Factor)
            ? throw new InvalidOperationException("factor is not a number")
            : [input!.Pow(2) * Factor * gradients[0]!];
    }
}
