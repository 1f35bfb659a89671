using System.Runtime.ExceptionServices;

namespace Fovea.Data;

/// <summary>Loops over all cores whose errors are those of a plain loop.</summary>
internal static class AllCores
{
    /// <summary>Runs an action for 0 to <paramref name="count"/> - 1, telling the share that is done.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void For(int count, Action<int> action, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var done = 0;
        try
        {
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            {
                action(i);
                progress?.Report((double)Interlocked.Increment(ref done) / count);
            });
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }
}
