using System.Collections;
using System.Diagnostics;

namespace Fovea.Data.Loading;

/// <summary>The batches of an epoch, made ahead by threads of its own and handed out in order.</summary>
/// <remarks>To be enumerated once. Batches that nobody took are freed when the epoch is disposed.</remarks>
public sealed class LoaderEpoch : IEnumerable<Batch>, IDisposable
{
    private readonly ReadOnlyMemory<int[]> plan;
    private readonly int prefetch;
    private readonly Func<int, LoadedSample?> load;
    private readonly Func<int, string> name;
    private readonly Func<IReadOnlyList<LoadedSample>, Batch> collate;
    private readonly CancellationToken cancellation;
    private CancellationTokenRegistration registration;

    private readonly object gate = new();
    private readonly Queue<PendingBatch> pending = new();
    private readonly Thread?[] threads;
    private readonly Stopwatch elapsed = new();
    private readonly Stopwatch waited = new();
    private int planned;
    private int images;
    private long droppedObjects;
    private bool stopped;
    private bool enumerated;

    internal LoaderEpoch(
        ReadOnlyMemory<int[]> plan, int workers, int prefetch, Func<int, LoadedSample?> load, Func<int, string> name,
        Func<IReadOnlyList<LoadedSample>, Batch> collate, CancellationToken cancellation)
    {
        (this.plan, this.prefetch, this.load, this.name, this.collate, this.cancellation) = (plan, prefetch, load, name, collate, cancellation);
        threads = new Thread[workers];
    }

    /// <summary>Batches in what is left of the epoch.</summary>
    public int BatchCount => plan.Length;

    /// <summary>What happened so far.</summary>
    public LoaderReport Report => new(images, waited.Elapsed, elapsed.Elapsed, droppedObjects);

    /// <summary>The batches in order; the consumer disposes each.</summary>
    /// <exception cref="FoveaException">An image is broken; the message names it, and the original exception is inside where it was of another type.</exception>
    /// <exception cref="OperationCanceledException">The epoch was cancelled.</exception>
    public IEnumerator<Batch> GetEnumerator()
    {
        if (enumerated)
            throw new InvalidOperationException("the batches of an epoch can be enumerated once; start the epoch again");
        enumerated = true;
        return Batches();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Stops the threads and frees the batches that nobody took.</summary>
    public void Dispose()
    {
        registration.Dispose();
        Stop();
        foreach (var thread in threads)
            thread?.Join();
        elapsed.Stop();
        while (pending.TryDequeue(out var batch))
            batch.Discard();
    }

    private IEnumerator<Batch> Batches()
    {
        using (this)
        {
            Start();
            for (var i = 0; i < plan.Length; i++)
            {
                var next = Next();
                droppedObjects += next.DroppedObjects;
                images += next.Count;
                if (next.Take() is { } batch)
                    yield return batch;
            }
        }
    }

    private void Start()
    {
        elapsed.Start();
        registration = cancellation.Register(Stop);
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work) { IsBackground = true, Name = $"loader {i}" };
            threads[i]!.Start();
        }
    }

    private PendingBatch Next()
    {
        waited.Start();
        try
        {
            lock (gate)
            {
                while (!stopped && !(pending.TryPeek(out var first) && first.IsReady))
                    Monitor.Wait(gate);
                cancellation.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(stopped, this);
                var next = pending.Dequeue();
                Monitor.PulseAll(gate);
                return next;
            }
        }
        finally
        {
            waited.Stop();
        }
    }

    private void Stop()
    {
        lock (gate)
        {
            stopped = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Work()
    {
        while (TakeJob() is var (batch, position))
        {
            LoadedSample? sample = null;
            Exception? fault = null;
            try
            {
                sample = load(batch.Indices[position]);
            }
            catch (Exception e)
            {
                // Whatever it is, it belongs to the consumer's thread: a dead thread would leave it waiting for ever.
                fault = Named(e, batch.Indices[position]);
            }

            if (!batch.Put(position, sample, fault))
                continue;
            batch.Finish(collate);
            lock (gate)
            {
                batch.IsReady = true;
                Monitor.PulseAll(gate);
            }
        }
    }

    private FoveaException Named(Exception fault, int index)
    {
        var path = $"image {index}";
        try
        {
            path = name(index);
        }
        catch (FoveaException)
        {
            // The path could not be had either; the fault itself says why.
        }

        // The fault may be that of a mask or of depth, which then is the file to name.
        return fault is FoveaException known && (known is DataException || known.Message.Contains(path, StringComparison.Ordinal)) ? known : new FoveaException($"{path}: {fault.Message}", fault);
    }

    private (PendingBatch Batch, int Position)? TakeJob()
    {
        lock (gate)
        {
            while (!stopped)
            {
                foreach (var batch in pending)
                {
                    if (batch.Taken < batch.Indices.Length)
                        return (batch, batch.Taken++);
                }

                if (planned == plan.Length)
                    return null;
                if (pending.Count < prefetch)
                    pending.Enqueue(new PendingBatch(plan.Span[planned++]));
                else
                    Monitor.Wait(gate);
            }

            return null;
        }
    }
}
