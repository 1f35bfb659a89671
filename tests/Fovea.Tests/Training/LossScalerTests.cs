using System.Runtime.CompilerServices;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Tests.Training;

[LeakCheck]
public class LossScalerTests
{
    [Fact]
    public void Finite_gradients_lose_the_scale()
    {
        if (!HasGpu())
            return;
        using var scope = new TensorScope();
        var gradient = Tensor.FromArray([65536f, -32768f]).To(Device.Cuda());
        Assert.True(new LossScaler().Unscale([gradient]));
        Assert.Equal([1f, -0.5f], gradient.ToArray<float>());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void An_overflow_skips_the_step_and_halves_the_scale(float broken)
    {
        if (!HasGpu())
            return;
        using var scope = new TensorScope();
        var good = Tensor.FromArray([1f]).To(Device.Cuda());
        var bad = Tensor.FromArray([1f, broken]).To(Device.Cuda());
        var scaler = new LossScaler();
        Assert.False(scaler.Unscale([good, bad]));
        Assert.Equal((32768.0, 0), (scaler.Scale, scaler.StepsSinceChange));
    }

    [Fact]
    public void The_scale_doubles_after_two_thousand_finite_steps_and_an_overflow_begins_the_count_anew()
    {
        var scaler = new LossScaler();
        for (var i = 0; i < 1999; i++)
            scaler.Adapt(gradientsWereFinite: true);
        Assert.Equal(65536, scaler.Scale);
        scaler.Adapt(gradientsWereFinite: false);
        for (var i = 0; i < 2000; i++)
            scaler.Adapt(gradientsWereFinite: true);
        Assert.Equal((65536.0, 0), (scaler.Scale, scaler.StepsSinceChange));
    }

    [Fact]
    public void A_restored_scale_goes_on_where_it_was()
    {
        var scaler = new LossScaler();
        scaler.Restore(1024, 1999);
        scaler.Adapt(gradientsWereFinite: true);
        Assert.Equal((2048.0, 0), (scaler.Scale, scaler.StepsSinceChange));
    }

    /// <summary>libtorch has the operator that takes the scale off for GPUs alone.</summary>
    private static bool HasGpu([CallerMemberName] string test = "")
    {
        if (TorchRuntime.CudaDeviceCount > 0)
            return true;
        Console.WriteLine($"SKIPPED: {test}: no CUDA device");
        return false;
    }
}
