using Fovea.Torch;

namespace Fovea.Gpu.Tests;

/// <summary>Tensors on the device: moves, errors of mixed devices, random streams, gradients.</summary>
[LeakCheck]
public class GpuTensorTests
{
    [Fact]
    public void Values_go_there_and_back()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray([1f, 2, 3, 4], [2, 2]).To(Gpu.Device);
        Assert.Equal(Device.Cuda(), x.Device);
        Assert.Equal([2f, 4, 6, 8], (x + x).ToArray<float>());
        Assert.Equal([3f, 4], x[1].To(Device.Cpu).ToArray<float>());
        Assert.Equal(10, x.Sum().ToDouble());
        x.MulInPlace(2);
        Assert.Equal([2f, 6, 4, 8], x.T().Contiguous().ToArray<float>());
        Assert.Equal(Device.Cuda(), Tensor.Zeros([2], device: Gpu.Device).Device);
    }

    [Fact]
    public void Its_memory_is_out_of_reach_without_a_copy()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([3], device: Gpu.Device);
        Assert.Contains("cuda:0", Assert.Throws<InvalidOperationException>(() => x.Span<float>()[0]).Message, StringComparison.Ordinal);
        Assert.Contains("cuda:0", Assert.Throws<InvalidOperationException>(() => x.DataPointer).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_the_processor_among_its_own_is_refused()
    {
        using var scope = new TensorScope();
        var (there, here) = (Tensor.Ones([2, 3], device: Gpu.Device), Tensor.Ones([2, 3]));
        foreach (var mixed in new Func<Tensor>[] { () => there + here, () => here * there, () => Aten.Cat([there, here]), () => there.AddInPlace(here), () => there.Mm(here.T()) })
            Assert.Contains("same device", Assert.Throws<TorchException>(mixed).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_random_stream_is_saved_and_restored()
    {
        using var scope = new TensorScope();
        RandomState.Seed(7);
        var state = RandomState.Get(Gpu.Device);
        Assert.Equal(Device.Cpu, state.Device);
        RandomState.Set(state, Gpu.Device);
        Assert.Equal(state.ToBytes(), RandomState.Get(Gpu.Device).ToBytes());
    }

    [Fact]
    public void Gradients_stay_on_the_device_through_a_backward_written_here()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray([1f, -2, 3]).To(Gpu.Device);
        x.RequiresGrad = true;
        new Cube().Apply(x)[0].Sum().Backward();
        Assert.Equal(Device.Cuda(), x.Gradient!.Device);
        Assert.Equal([3f, 12, 27], x.Gradient.ToArray<float>());
    }

    private sealed class Cube : AutogradFunction
    {
        private Tensor? input;

        protected override Tensor[] Forward(IReadOnlyList<Tensor> inputs)
        {
            input = Save(inputs[0]);
            return [inputs[0] * inputs[0] * inputs[0]];
        }

        protected override Tensor?[] Backward(IReadOnlyList<Tensor?> gradients) => [input! * input! * 3 * gradients[0]!];
    }
}
