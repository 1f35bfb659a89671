using Fovea.Imaging.Drawing;

namespace Fovea.Data.Statistics;

/// <summary>Draws samples of a data set with everything known about them, side by side.</summary>
public static class DatasetSheet
{
    /// <summary>Draws a sheet.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="indices">Which samples, in the order drawn.</param>
    /// <param name="cellSize">Greatest width and height of a sample in pixels.</param>
    /// <param name="columns">Samples in a row; null takes about a square.</param>
    /// <exception cref="FoveaException">A picture, mask or map cannot be read.</exception>
    public static SvgCanvas Draw(IDataset dataset, IReadOnlyList<int> indices, double cellSize = 320, int? columns = null)
    {
        var style = new DrawingStyle { LongestSide = cellSize, Skeleton = dataset.Keypoints?.Skeleton ?? [] };
        var cells = new (SvgCanvas, string)[indices.Count];
        AllCores.For(indices.Count, i =>
        {
            var sample = dataset.Load(indices[i]);
            cells[i] = (ObjectDrawing.Draw(dataset.LoadImage(indices[i]), sample.Annotation, dataset.Labels, style), Caption(sample));
        });
        return SampleSheet.Draw(cells, columns, cellSize, $"{dataset.Name}: {indices.Count} of {Counted.Of(dataset.Count, "image")}");
    }

    /// <summary>Chooses samples evenly at random, none twice.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="count">How many; all, in their order, when there are no more.</param>
    /// <param name="seed">The same seed chooses the same samples.</param>
    /// <param name="label">Only samples that hold this class, or null for any.</param>
    public static IReadOnlyList<int> Choose(IDataset dataset, int count, int seed, int? label = null)
    {
        var order = Enumerable.Range(0, dataset.Count).ToArray();
        if (count < order.Length || label is not null)
            new Random(seed).Shuffle(order);
        var chosen = order.Where(index => label is null || Holds(dataset, index, label.Value)).Take(count);
        return [.. count >= dataset.Count ? chosen.Order() : chosen];
    }

    private static bool Holds(IDataset dataset, int index, int label)
    {
        var annotation = (dataset.Content.HasFlag(DatasetContent.Maps) ? dataset.Load(index) : dataset[index]).Annotation;
        return annotation.ImageLabels.Contains(label) || (annotation.Instances?.Any(instance => instance.Label == label) ?? false)
            || (annotation.Map?.Values.Contains((byte)label) ?? false);
    }

    private static string Caption(Sample sample) => sample.Annotation.Instances is { } instances
        ? $"{Short(sample.Id)}\n{Counted.Of(instances.Count, "object")}"
        : Short(sample.Id);

    /// <summary>The end of a long id says more than its beginning: folders come first.</summary>
    private static string Short(string id) => id.Length <= 44 ? id : "..." + id[^41..];
}
