using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models;

/// <summary>
/// Weights and images that follow from names and positions alone, so that the outputs of a network can be compared with
/// recorded ones without any file: a wrong name, layout, stride or epsilon changes them.
/// </summary>
internal static class GoldenFill
{
    private const int Period = 1009;

    public static void Fill(Module module)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (key, tensor) in module.StateDict())
        {
            if (key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                continue;
            using var scope = new TensorScope();
            var count = (int)tensor.Count;
            var period = new float[Period];
            for (var i = 0; i < Period; i++)
            {
                var t = Math.Sin(0.37 * i + 0.11 * key.Length);
                period[i] = (float)(key switch
                {
                    _ when key.EndsWith("running_mean", StringComparison.Ordinal) => 0.05 * t,
                    _ when key.EndsWith("running_var", StringComparison.Ordinal) => 1 + 0.3 * t,
                    _ when key.EndsWith("bias", StringComparison.Ordinal) => 0.1 * t,
                    _ when tensor.Rank == 1 => 1 + 0.2 * t,
                    _ => 2 * t / Math.Sqrt((double)count / tensor.Shape[0]),
                });
            }

            var values = new float[count];
            for (var start = 0; start < count; start += Period)
                period.AsSpan(0, Math.Min(Period, count - start)).CopyTo(values.AsSpan(start));
            tensor.CopyInPlace(Tensor.FromArray(values, tensor.Shape));
        }
    }

    /// <summary>The catalogued figures of an output: its first two numbers and its last, mean, standard deviation, and where the greatest stands.</summary>
    public static void AssertOutput(Tensor output, double first, double second, double last, double mean, double std, int best)
    {
        var y = output.ToArray<float>();
        var tolerance = 1e-4 * std;
        Assert.Equal(first, y[0], tolerance);
        Assert.Equal(second, y[1], tolerance);
        Assert.Equal(last, y[^1], tolerance);
        Assert.Equal(mean, y.Average(), tolerance);
        Assert.Equal(std, Math.Sqrt(y.Average(v => (double)v * v) - Math.Pow(y.Average(v => (double)v), 2)), tolerance);
        Assert.Equal(best, Array.IndexOf(y, y.Max()));
    }

    /// <summary>x[c, y, x] = sin(0.01·(y·S + x) + c), [1, channels, S, S].</summary>
    public static Tensor Image(int channels, int side)
    {
        var values = new float[channels * side * side];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)Math.Sin(0.01 * (i % (side * side)) + i / (side * side));
        return Tensor.FromArray(values, [1, channels, side, side]);
    }
}
