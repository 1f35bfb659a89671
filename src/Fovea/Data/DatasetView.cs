using Fovea.Imaging;

namespace Fovea.Data;

/// <summary>Some images of a data set, or all of them under further notes.</summary>
internal sealed class DatasetView(IDataset inner, IReadOnlyList<int>? indices) : IDataset
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public DatasetFormat Format => inner.Format;

    public DatasetContent Content => inner.Content;

    public LabelSpace Labels => inner.Labels;

    public KeypointLayout? Keypoints => inner.Keypoints;

    public int Count => indices?.Count ?? inner.Count;

    public Sample this[int index] => inner[At(index)];

    public Sample Load(int index) => inner.Load(At(index));

    public Image LoadImage(int index, ImageChannels channels = ImageChannels.Rgb) => inner.LoadImage(At(index), channels);

    private int At(int index) => indices is null ? index : indices[index];
}

/// <summary>Views of data sets.</summary>
public static class DatasetExtensions
{
    /// <summary>Some images of a data set, in the order given.</summary>
    /// <param name="dataset">The data set; pictures are still read through it.</param>
    /// <param name="indices">Which images; an image may appear several times.</param>
    /// <param name="name">Name of the part, appended to that of the data set: "train", "fold 2".</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is not in the data set.</exception>
    public static IDataset Subset(this IDataset dataset, IEnumerable<int> indices, string? name = null)
    {
        int[] chosen = [.. indices];
        foreach (var index in chosen)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)dataset.Count, nameof(indices));
        return new DatasetView(dataset, chosen) { Name = name is null ? dataset.Name : $"{dataset.Name}/{name}", Notes = dataset.Notes };
    }

    /// <summary>A data set with maps: itself when it has them, otherwise its objects' masks painted into maps, "background" first.</summary>
    /// <param name="dataset">A data set with maps or masks.</param>
    /// <exception cref="FoveaException">The data set has neither maps nor masks, or too many classes for a map.</exception>
    public static IDataset AsMaps(this IDataset dataset)
    {
        if (dataset.Content.HasFlag(DatasetContent.Maps))
            return dataset;
        if (!dataset.Content.HasFlag(DatasetContent.Masks))
            throw new FoveaException($"{dataset.Name}: found {dataset.Content.ToString().ToLowerInvariant()}, expected maps or masks for semantic segmentation");
        return dataset.Labels.Count < LabelMap.Ignore
            ? new MapView(dataset)
            : throw new FoveaException($"{dataset.Name}: found {Counted.Of(dataset.Labels.Count, "class")}, expected fewer than {LabelMap.Ignore} for maps");
    }

    internal static IDataset WithNotes(this IDataset dataset, IReadOnlyList<string> notes) =>
        new DatasetView(dataset, null) { Name = dataset.Name, Notes = [.. dataset.Notes, .. notes] };
}
