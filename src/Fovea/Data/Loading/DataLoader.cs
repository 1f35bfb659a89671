using Fovea.Transforms;

namespace Fovea.Data.Loading;

/// <summary>
/// Makes batches from a data set on all cores: decodes, augments, sizes, normalises, and keeps a bounded number of batches
/// ready. What a batch holds depends on the data set, the options and the epoch alone, never on the number of threads.
/// </summary>
/// <example><code>
/// var loader = new DataLoader(dataset, ModelTask.Detection, preprocessing, new LoaderOptions { Shuffle = true, BatchSize = 4 });
/// foreach (var batch in loader.Epoch(0))
///     using (batch)
///         Train(batch);
/// </code></example>
public sealed class DataLoader : IBatchSource
{
    private readonly IDataset dataset;
    private readonly ModelTask task;
    private readonly Preprocessing preprocessing;
    private readonly SampleLoader samples;
    private readonly Lazy<int[]?> groups, classes;

    /// <summary>Creates a loader; nothing is read yet.</summary>
    /// <param name="dataset">The images.</param>
    /// <param name="task">Which targets batches have.</param>
    /// <param name="preprocessing">What the network expects.</param>
    /// <param name="options">Batch size, order, threads; null for the defaults.</param>
    /// <param name="augmentations">Applied in original pixels before the size rule; null for none.</param>
    /// <exception cref="FoveaException">An option is out of its range.</exception>
    public DataLoader(IDataset dataset, ModelTask task, Preprocessing preprocessing, LoaderOptions? options = null, Pipeline? augmentations = null)
    {
        Options = options ?? new LoaderOptions();
        Options.Check();
        (this.dataset, this.task, this.preprocessing) = (dataset, task, preprocessing);
        samples = new SampleLoader(dataset, task, preprocessing, augmentations ?? Pipeline.Empty, Options);
        groups = new Lazy<int[]?>(() => Options.GroupByAspect ? BatchPlan.AspectGroups(dataset) : null);
        classes = new Lazy<int[]?>(() => Options.BalanceClasses ? Classes() : null);
    }

    /// <summary>How batches are made.</summary>
    public LoaderOptions Options { get; }

    /// <inheritdoc/>
    public string Name => dataset.Name;

    /// <inheritdoc/>
    public int Images => dataset.Count;

    /// <inheritdoc/>
    public int BatchesPerEpoch => Options.DropLast && !Options.GroupByAspect
        ? dataset.Count / Options.BatchSize
        : Plan(0).Length;

    /// <summary>The images skipped so far because they are broken, each once.</summary>
    public IReadOnlyList<SkippedImage> Skipped => samples.Skipped;

    /// <summary>Starts an epoch.</summary>
    /// <param name="epoch">The epoch, from 0: with the seed it decides the order and every random choice.</param>
    /// <param name="firstBatch">Batches to pass over, when a run goes on in the middle of an epoch.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The batches, once; the consumer disposes each batch. Disposing the epoch (as <c>foreach</c> does) stops the threads.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="firstBatch"/> is not within the epoch.</exception>
    public LoaderEpoch Epoch(int epoch, int firstBatch = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        var plan = Plan(epoch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)firstBatch, (uint)plan.Length, nameof(firstBatch));
        return new LoaderEpoch(
            plan.AsMemory(firstBatch), Options.WorkerCount, Options.PrefetchCount, index => samples.Load(index, epoch),
            index => dataset[index % dataset.Count].ImagePath, loaded => Collation.Make(loaded, task, preprocessing, dataset.Labels.Count, Options.ChannelsLast), cancellation);
    }

    IEnumerable<Batch> IBatchSource.Epoch(int epoch, int firstBatch) => Epoch(epoch, firstBatch);

    private int[][] Plan(int epoch) => BatchPlan.Make(dataset.Count, Options, epoch, groups.Value, classes.Value);

    private int[] Classes() => [.. Enumerable.Range(0, dataset.Count).Select(i => dataset[i].Annotation.Label
        ?? throw new DataException(dataset[i].ImagePath, null, "no class", "a class for every image, because all classes are to be drawn alike"))];
}
