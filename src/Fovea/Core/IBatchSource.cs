namespace Fovea;

/// <summary>Where batches come from: a loader over a data set, or anything else that gives the same batches every time it is asked.</summary>
public interface IBatchSource
{
    /// <summary>What it is called in reports.</summary>
    string Name { get; }

    /// <summary>Images of an epoch.</summary>
    int Images { get; }

    /// <summary>Batches of an epoch.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>
    /// The batches of an epoch in order. Whoever takes a batch disposes it. The same epoch gives the same batches, so that a
    /// run can continue in the middle of one.
    /// </summary>
    /// <param name="epoch">Epoch, from 0.</param>
    /// <param name="firstBatch">Batches to leave out at the start, without loading them.</param>
    /// <exception cref="FoveaException">An image cannot be read; the message names it.</exception>
    IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0);
}
