using Fovea.Imaging;

namespace Fovea.Data.Loading;

/// <summary>What a loader does with an image that cannot be decoded or whose annotation cannot be read.</summary>
public enum BrokenImages
{
    /// <summary>An error that names it.</summary>
    Error,

    /// <summary>The next image of the data set that is whole takes its place, so that batches keep their size; for training.</summary>
    Replace,

    /// <summary>It is left out and its batch is smaller; for evaluation.</summary>
    LeaveOut,
}

/// <summary>How batches are made. Threads and prefetching change the speed and nothing else.</summary>
public sealed record LoaderOptions
{
    /// <summary>Images in a batch.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Whether every epoch has an order of its own; otherwise that of the data set.</summary>
    public bool Shuffle { get; init; }

    /// <summary>
    /// Whether every class is drawn as often as the others (Shen, Lin and Huang 2016): an epoch has as many images as the data set,
    /// but those of rare classes come again, each time with other augmentations. For data sets with a class for every image.
    /// </summary>
    public bool BalanceClasses { get; init; }

    /// <summary>Start of every random stream.</summary>
    public long Seed { get; init; }

    /// <summary>Whether a last batch that is not full is left out.</summary>
    public bool DropLast { get; init; }

    /// <summary>Whether images of similar aspect share a batch, so that less of it is padding; sizes are read from all images once.</summary>
    public bool GroupByAspect { get; init; }

    /// <summary>Whether the size rule of the preprocessing follows the augmentations; false when they end at the network's size themselves.</summary>
    public bool ApplySizeRule { get; init; } = true;

    /// <summary>Whether the channels of a pixel lie together in memory, which some networks compute faster on.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>Weights of pixels to compute from the objects of maps, or null for none.</summary>
    public BorderWeights? BorderWeights { get; init; }

    /// <summary>What happens with images that cannot be read.</summary>
    public BrokenImages Broken { get; init; }

    /// <summary>Threads that load images; 0 for one per core.</summary>
    public int Workers { get; init; }

    /// <summary>Batches that may be ready or in the making before the consumer asks for them; 0 to keep every thread busy.</summary>
    public int Prefetch { get; init; }

    internal int WorkerCount => Workers > 0 ? Workers : Environment.ProcessorCount;

    internal int PrefetchCount => Prefetch > 0 ? Prefetch : Math.Max(2, 1 + (2 * WorkerCount + BatchSize - 1) / BatchSize);

    internal void Check()
    {
        Require(BatchSize >= 1, "batch size", BatchSize, "at least 1");
        Require(Workers is >= 0 and <= 1024, "workers", Workers, "0 (one per core) to 1024");
        Require(Prefetch is >= 0 and <= 1024, "prefetch", Prefetch, "0 (chosen by itself) to 1024");
    }

    private static void Require(bool met, string name, int found, string expected)
    {
        if (!met)
            throw new FoveaException($"loader: {name}: found {found}, expected {expected}");
    }
}
