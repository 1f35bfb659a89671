using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>Finds the classes of mask PNGs when they are not given.</summary>
internal static class MaskClasses
{
    private const int ScannedMasks = 100;

    /// <summary>The names in a file of class names, those that pixel values are given, or numbers for the values that occur.</summary>
    /// <param name="folder">The folder of the data set.</param>
    /// <param name="masks">The mask files of all splits; at most a hundred of them, evenly spread, are read.</param>
    /// <param name="pixelValues">What values stand for, where it is not the class number.</param>
    /// <param name="note">Says where the classes come from.</param>
    /// <exception cref="DataException">The values are neither those of a binary mask nor class numbers.</exception>
    public static LabelSpace Find(string folder, IReadOnlyList<string> masks, IReadOnlyDictionary<byte, string> pixelValues, out string note)
    {
        var named = pixelValues.OrderBy(static pair => pair.Key).Select(static pair => pair.Value)
            .Where(static name => name != DatasetOptions.NoClass).Distinct(StringComparer.Ordinal).ToList();
        var labels = ClassNames.Find(folder, out var file) ?? (named.Count > 0 ? new LabelSpace(named) : null);
        if (labels is not null)
        {
            note = ClassNames.Note(labels, file is null ? "the pixel values given" : Path.GetFileName(file));
            return labels;
        }

        if (masks.Count == 0)
            throw new FoveaException($"{folder}: found no picture with a mask, expected at least one");
        var scanned = Math.Min(masks.Count, ScannedMasks);
        var counts = Count(masks, scanned);
        var values = Enumerable.Range(0, 256).Where(value => counts[value] > 0 && !pixelValues.ContainsKey((byte)value)).ToList();
        var where = $"{scanned} of {masks.Count} masks ({MaskDecoder.Describe(counts)})";
        if (values.Count > 0 && values.TrueForAll(static value => value is 0 or 255))
        {
            note = $"2 classes from {where}: background (0), foreground (255)";
            return new LabelSpace(["background", "foreground"]);
        }

        if (values is [] or [.., 255])
        {
            throw new DataException(
                masks[0], $"values of {scanned} masks", MaskDecoder.Describe(counts),
                "0 and 255, or class numbers; give the class names, and declare 255 as no class (--ignore-value 255) if that is what it is");
        }

        labels = ClassNames.Numbered(values[^1] + 1);
        note = $"{labels.Count} classes from {where}: 0 to {labels.Count - 1}";
        return labels;
    }

    private static long[] Count(IReadOnlyList<string> masks, int scanned)
    {
        var histograms = new long[scanned][];
        AllCores.For(scanned, i => histograms[i] = ReadHistogram(masks[(int)((long)i * masks.Count / scanned)]));
        var counts = new long[256];
        foreach (var histogram in histograms)
        {
            for (var value = 0; value < 256; value++)
                counts[value] += histogram[value];
        }

        return counts;
    }

    /// <summary>A mask that cannot be read counts for nothing here; it is an error when it is loaded.</summary>
    private static long[] ReadHistogram(string path)
    {
        try
        {
            return MaskDecoder.Histogram(Image.LoadIndices(path));
        }
        catch (FoveaException)
        {
            return new long[256];
        }
    }
}
