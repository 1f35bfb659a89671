using Fovea.Imaging;

namespace Fovea.Data.Statistics;

/// <summary>How often a class occurs.</summary>
/// <param name="Name">The class.</param>
/// <param name="Images">Images that hold it.</param>
/// <param name="Objects">Objects of it; 0 for sets without objects.</param>
/// <param name="Pixels">Pixels of it in maps or masks; 0 where there are none.</param>
public sealed record ClassCount(string Name, int Images, long Objects, long Pixels);

/// <summary>The figures of a data set: how many, how large, how balanced.</summary>
public sealed record DatasetStats
{
    /// <summary>The data set.</summary>
    public required string Name { get; init; }

    /// <summary>Images.</summary>
    public required int Images { get; init; }

    /// <summary>Images without any object, for sets with objects.</summary>
    public required int Empty { get; init; }

    /// <summary>Objects of all classes.</summary>
    public required long Objects { get; init; }

    /// <summary>Crowd regions among them.</summary>
    public required long Crowds { get; init; }

    /// <summary>Objects marked difficult among them.</summary>
    public required long Difficult { get; init; }

    /// <summary>Pixels of maps that count neither in training nor in evaluation.</summary>
    public required long IgnoredPixels { get; init; }

    /// <summary>Every class of the label space in order.</summary>
    public required IReadOnlyList<ClassCount> Classes { get; init; }

    /// <summary>How often each class occurs among the pixels of maps, or each label among images that have any number of them; else null.</summary>
    public ClassFrequencies? Frequencies { get; init; }

    /// <summary>Every image size with the number of images that have it, commonest first.</summary>
    public required IReadOnlyList<(ImageSize Size, int Images)> Sizes { get; init; }

    /// <summary>Image width and height; for objects also their number per image, width, height, aspect ratio and share of the image.</summary>
    public required IReadOnlyList<Histogram> Histograms { get; init; }

    /// <summary>Reads the annotations, masks and maps of all images, and the headers of their pictures, on all cores.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="FoveaException">A picture, mask or map cannot be read.</exception>
    public static DatasetStats Compute(IDataset dataset, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var counters = new SampleCounter[dataset.Count];
        AllCores.For(
            dataset.Count,
            i =>
            {
                var sample = dataset.Load(i);
                counters[i] = new SampleCounter(sample, SizeOf(sample), dataset.Labels.Count);
            },
            progress, cancellation);
        return Sum(dataset, counters);
    }

    private static ImageSize SizeOf(Sample sample) => sample.DeclaredSize ?? sample.Annotation.Map?.Size ?? ImageInfo.Read(sample.ImagePath).Size;

    private static DatasetStats Sum(IDataset dataset, IReadOnlyList<SampleCounter> counters)
    {
        var hasObjects = dataset.Content.HasFlag(DatasetContent.Boxes);
        var histograms = new List<Histogram>
        {
            Histogram.Of("image width, pixels", [.. counters.Select(static item => (double)item.Size.Width)]),
            Histogram.Of("image height, pixels", [.. counters.Select(static item => (double)item.Size.Height)]),
        };
        if (hasObjects)
        {
            var boxes = counters.SelectMany(static item => item.Boxes.Select(box => (box, item.Size))).ToList();
            histograms.Add(Histogram.Of("objects per image", [.. counters.Select(static item => (double)item.Boxes.Length)]));
            histograms.Add(Histogram.Of("box width, pixels", boxes.ConvertAll(static pair => (double)pair.box.Width)));
            histograms.Add(Histogram.Of("box height, pixels", boxes.ConvertAll(static pair => (double)pair.box.Height)));
            histograms.Add(Histogram.Of("aspect ratio, log2 of width / height", boxes.ConvertAll(static pair => Math.Log2(pair.box.Width / pair.box.Height))));
            histograms.Add(Histogram.Of(
                "share of the image, square root", boxes.ConvertAll(static pair => Math.Sqrt(pair.box.Area / ((double)pair.Size.Width * pair.Size.Height)))));
        }

        return new DatasetStats
        {
            Name = dataset.Name,
            Images = counters.Count,
            Empty = hasObjects ? counters.Count(static item => item.Boxes.Length == 0) : 0,
            Objects = counters.Sum(static item => (long)item.Boxes.Length),
            Crowds = counters.Sum(static item => (long)item.Crowds),
            Difficult = counters.Sum(static item => (long)item.Difficult),
            IgnoredPixels = counters.Sum(static item => item.IgnoredPixels),
            Classes =
            [
                .. dataset.Labels.Names.Select((name, label) => new ClassCount(
                    name, counters.Count(item => item.Contains(label)), counters.Sum(item => item.Objects[label]), counters.Sum(item => item.Pixels[label]))),
            ],
            Frequencies = dataset.Content.HasFlag(DatasetContent.Maps)
                ? ClassFrequencies.Of(dataset.Labels.Count, counters.Select(static item => (item.Pixels, (long)item.Size.Height * item.Size.Width)))
                : dataset.Content.HasFlag(DatasetContent.Labels) ? ClassFrequencies.OfLabels([.. Enumerable.Range(0, dataset.Labels.Count).Select(label => (long)counters.Count(item => item.Contains(label)))], counters.Count) : null,
            Sizes = [.. counters.CountBy(static item => item.Size).OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key.Width).Select(static pair => (pair.Key, pair.Value))],
            Histograms = histograms,
        };
    }
}

/// <summary>The figures of one sample.</summary>
internal sealed class SampleCounter
{
    private readonly IReadOnlyList<int> labels;

    public SampleCounter(Sample sample, ImageSize size, int classes)
    {
        Size = size;
        Objects = new long[classes];
        Pixels = new long[classes];
        labels = sample.Annotation.ImageLabels;
        var instances = sample.Annotation.Instances ?? [];
        Boxes = [.. instances.Select(static instance => instance.Box)];
        foreach (var instance in instances)
        {
            Objects[instance.Label]++;
            Pixels[instance.Label] += instance.Mask?.Area ?? 0;
            Crowds += instance.IsCrowd ? 1 : 0;
            Difficult += instance.IsDifficult ? 1 : 0;
        }

        foreach (var value in sample.Annotation.Map?.Values ?? [])
        {
            if (value == LabelMap.Ignore)
                IgnoredPixels++;
            else
                Pixels[value]++;
        }
    }

    public ImageSize Size { get; }

    public Box[] Boxes { get; }

    public long[] Objects { get; }

    public long[] Pixels { get; }

    public long IgnoredPixels { get; }

    public int Crowds { get; }

    public int Difficult { get; }

    public bool Contains(int wanted) => labels.Contains(wanted) || Objects[wanted] > 0 || Pixels[wanted] > 0;
}
