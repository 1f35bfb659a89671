using Fovea.Data.Loading;

namespace Fovea.Training;

/// <summary>The batches of a loader.</summary>
/// <param name="loader">The loader.</param>
/// <param name="name">What the data is called.</param>
/// <param name="images">Images of the data.</param>
internal sealed class LoaderBatches(DataLoader loader, string name, int images) : IBatchSource
{
    public string Name => name;

    public int Images => images;

    public int BatchesPerEpoch { get; } = loader.BatchesPerEpoch;

    /// <summary>Images skipped because they cannot be read.</summary>
    public IReadOnlyList<SkippedImage> Skipped => loader.Skipped;

    public IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0) => loader.Epoch(epoch, firstBatch);
}
