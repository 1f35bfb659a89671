using System.Diagnostics;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Optim;

namespace Fovea.Training;

/// <summary>What a speed test measured.</summary>
/// <param name="MedianMs">Median time of a step, milliseconds.</param>
/// <param name="ImagesPerSecond">Images per second at that time.</param>
/// <param name="PeakMb">Most memory in use, megabytes (10^6): of the process on the cpu, of libtorch on a GPU.</param>
/// <param name="Steps">Steps measured.</param>
public sealed record Speed(double MedianMs, double ImagesPerSecond, double PeakMb, int Steps);

/// <summary>Times steps of a network on made-up pictures.</summary>
public static class SpeedTest
{
    private const int WarmUp = 3, Fewest = 10, Most = 200;
    private const double Seconds = 5;

    /// <summary>Times training steps: loss, gradients and a step of SGD with momentum.</summary>
    /// <param name="model">The network.</param>
    /// <param name="arithmetic">Device and precision.</param>
    /// <param name="batchSize">Pictures in a batch.</param>
    /// <param name="size">Size of the pictures.</param>
    /// <param name="classes">Foreground classes.</param>
    public static Speed Train(VisionModel model, Arithmetic arithmetic, int batchSize, ImageSize size, int classes)
    {
        Prepare(model, arithmetic);
        model.Train();
        using var batch = MadeUpBatch.Create(model, batchSize, size, classes);
        using var optimizer = new Sgd([ParameterGroup.Of(model, 1e-4)], momentum: 0.9);
        var step = new GradientStep(model, optimizer, arithmetic);
        var number = 0L;
        return Measure(arithmetic, batchSize, () =>
        {
            step.Accumulate(batch, 1);
            step.Take(1, ++number);
            step.Clear();
        });
    }

    /// <summary>Times predictions, the decoding of outputs included.</summary>
    /// <param name="model">The network.</param>
    /// <param name="arithmetic">Device and precision.</param>
    /// <param name="batchSize">Pictures in a batch.</param>
    /// <param name="size">Size of the pictures.</param>
    public static Speed Predict(VisionModel model, Arithmetic arithmetic, int batchSize, ImageSize size)
    {
        Prepare(model, arithmetic);
        model.Eval();
        using var plan = arithmetic.Plan(model);
        using var batch = MadeUpBatch.Create(model, batchSize, size, 1);
        return Measure(arithmetic, batchSize, () =>
        {
            using var scope = new TensorScope();
            using var noGrad = Autograd.NoGrad();
            using var lowered = arithmetic.Enter();
            model.Predict(arithmetic.Place(batch));
        });
    }

    private static void Prepare(VisionModel model, Arithmetic arithmetic)
    {
        model.To(arithmetic.Device);
        if (arithmetic.ChannelsLast)
            model.ToChannelsLast();
    }

    private static Speed Measure(Arithmetic arithmetic, int batchSize, Action step)
    {
        for (var i = 0; i < WarmUp; i++)
            step();
        TorchRuntime.Synchronize(arithmetic.Device);
        var times = new List<double>();
        var start = Stopwatch.GetTimestamp();
        while (times.Count < Fewest || (times.Count < Most && Stopwatch.GetElapsedTime(start).TotalSeconds < Seconds))
        {
            var before = Stopwatch.GetTimestamp();
            step();
            TorchRuntime.Synchronize(arithmetic.Device);
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        times.Sort();
        var median = (times[(times.Count - 1) / 2] + times[times.Count / 2]) / 2;
        return new Speed(median, batchSize * 1000 / median, PeakBytes(arithmetic.Device) / 1e6, times.Count);
    }

    private static double PeakBytes(Device device)
    {
        if (device.IsCuda)
            return TorchRuntime.CudaMemory(device.Index).Peak;
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
