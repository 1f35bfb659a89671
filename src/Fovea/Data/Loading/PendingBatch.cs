using System.Runtime.ExceptionServices;

namespace Fovea.Data.Loading;

/// <summary>A batch in the making: its samples come in from several threads in any order.</summary>
internal sealed class PendingBatch(int[] indices)
{
    private readonly LoadedSample?[] samples = new LoadedSample?[indices.Length];
    private int missing = indices.Length;
    private Batch? batch;

    /// <summary>The images it is made of, by index in the data set.</summary>
    public int[] Indices => indices;

    /// <summary>How many images a thread has taken up; guarded by the epoch's lock.</summary>
    public int Taken { get; set; }

    /// <summary>Whether nothing is missing any more; guarded by the epoch's lock.</summary>
    public bool IsReady { get; set; }

    /// <summary>What went wrong with the first image at fault, or null.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Objects dropped by augmentations.</summary>
    public int DroppedObjects { get; private set; }

    /// <summary>Images in the finished batch.</summary>
    public int Count => batch?.Count ?? 0;

    /// <summary>Stores a sample; true for the caller that brings the last one and must finish the batch.</summary>
    public bool Put(int position, LoadedSample? sample, Exception? fault)
    {
        samples[position] = sample;
        if (fault is not null)
        {
            lock (samples)
                Fault ??= fault;
        }

        return Interlocked.Decrement(ref missing) == 0;
    }

    /// <summary>Makes the tensors.</summary>
    public void Finish(Func<IReadOnlyList<LoadedSample>, Batch> collate)
    {
        var whole = samples.OfType<LoadedSample>().ToList();
        DroppedObjects = whole.Sum(static sample => sample.Scene.DroppedObjects);
        try
        {
            if (Fault is null && whole.Count > 0)
                batch = collate(whole);
        }
        catch (Exception e)
        {
            Fault = e;
        }

        Array.Clear(samples);
    }

    /// <summary>Hands the batch over: null when all its images were left out.</summary>
    /// <exception cref="FoveaException">An image was at fault.</exception>
    public Batch? Take()
    {
        if (Fault is not null)
            ExceptionDispatchInfo.Throw(Fault);
        var taken = batch;
        batch = null;
        return taken;
    }

    /// <summary>Frees a batch that nobody took.</summary>
    public void Discard() => batch?.Dispose();
}
