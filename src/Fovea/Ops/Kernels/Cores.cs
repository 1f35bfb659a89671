using Fovea.Torch;

namespace Fovea.Ops.Kernels;

/// <summary>Spreads the work of a kernel over the cores.</summary>
internal static class Cores
{
    /// <summary>Threads to use: as many as libtorch does, or one a core where it is not loaded.</summary>
    public static int Count => TorchRuntime.IsLoaded ? TorchRuntime.Threads : Environment.ProcessorCount;

    /// <summary>
    /// Calls <paramref name="body"/> with consecutive ranges [from, to) that cover 0 to <paramref name="count"/>: on the calling
    /// thread alone when there is less work than two ranges of <paramref name="smallest"/>, otherwise on all cores.
    /// </summary>
    public static void For(int count, int smallest, Action<int, int> body)
    {
        var cores = Count;
        var tasks = Math.Min(cores * 4, count / Math.Max(1, smallest));
        if (tasks < 2 || cores == 1)
        {
            if (count > 0)
                body(0, count);
            return;
        }

        Parallel.For(0, tasks, new ParallelOptions { MaxDegreeOfParallelism = cores }, task => body((int)((long)count * task / tasks), (int)((long)count * (task + 1) / tasks)));
    }

    /// <summary>The smallest multiple of <paramref name="step"/> that is not below the value.</summary>
    public static int RoundUp(this int value, int step) => (value + step - 1) / step * step;
}
