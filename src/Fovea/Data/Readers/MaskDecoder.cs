using System.Globalization;
using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>Turns the values of mask PNGs into classes, and refuses values that are none.</summary>
internal sealed class MaskDecoder
{
    private const int ScannedMasks = 100;
    private readonly byte[] classes = new byte[256];
    private readonly bool[] known = new bool[256];
    private readonly bool binary;

    /// <param name="labels">The classes of the map.</param>
    /// <param name="ignoreValues">Values that mean "no class".</param>
    public MaskDecoder(LabelSpace labels, IReadOnlyList<byte> ignoreValues)
    {
        Labels = labels;
        for (var value = 0; value < Math.Min(labels.Count, 256); value++)
            Declare((byte)value, (byte)value);
        foreach (var value in ignoreValues)
            Declare(value, LabelMap.Ignore);
        binary = labels.Count == 2 && !known[255];
        if (binary)
            Declare(255, 1);
    }

    public LabelSpace Labels { get; }

    /// <summary>Chooses the classes of a set of masks from the values that occur in them, when they are not given.</summary>
    /// <param name="masks">The mask files; at most a hundred of them, evenly spread, are read.</param>
    /// <param name="ignoreValues">Values that mean "no class".</param>
    /// <param name="note">Says what was found.</param>
    /// <exception cref="DataException">The values are neither those of a binary mask nor class numbers.</exception>
    public static LabelSpace FindLabels(IReadOnlyList<string> masks, IReadOnlyList<byte> ignoreValues, out string note)
    {
        var scanned = Math.Min(masks.Count, ScannedMasks);
        var histograms = new long[scanned][];
        Parallel.For(0, scanned, i => histograms[i] = Histogram(Image.LoadIndices(masks[(int)((long)i * masks.Count / scanned)])));
        var counts = new long[256];
        foreach (var histogram in histograms)
        {
            for (var value = 0; value < 256; value++)
                counts[value] += histogram[value];
        }

        var values = Enumerable.Range(0, 256).Where(value => counts[value] > 0 && !ignoreValues.Contains((byte)value)).ToList();
        var where = $"the values of {scanned} of {masks.Count} masks ({Describe(counts)})";
        if (values.Count > 0 && values.TrueForAll(static value => value is 0 or 255))
        {
            note = $"2 classes from {where}: background (0), foreground (255)";
            return new LabelSpace(["background", "foreground"]);
        }

        if (values is [] or [.., 255])
        {
            throw new DataException(
                masks[0], $"values of {scanned} masks", Describe(counts),
                "0 and 255, or class numbers; give the class names, and declare 255 with --ignore-value if it means 'no class'");
        }

        var labels = ClassNames.Numbered(values[^1] + 1);
        note = $"{labels.Count} classes from {where}: 0 to {labels.Count - 1}";
        return labels;
    }

    /// <summary>Reads a mask as classes.</summary>
    /// <param name="path">A PNG of palette indices or grey values.</param>
    /// <param name="pictureSize">The size the mask must have.</param>
    /// <exception cref="DataException">The mask is of another size or holds a value that is no class.</exception>
    public LabelMap Decode(string path, ImageSize pictureSize)
    {
        var image = Load(path, pictureSize);
        var histogram = Histogram(image);
        for (var value = 0; value < 256; value++)
        {
            if (histogram[value] > 0 && !known[value])
                throw new DataException(path, "values", Describe(histogram), Expected());
        }

        if (binary && histogram[1] > 0 && histogram[255] > 0)
        {
            throw new DataException(
                path, "values", Describe(histogram), "either 0 and 1 or 0 and 255; declare 255 with --ignore-value if it means 'no class'");
        }

        var values = image.Data;
        for (var i = 0; i < values.Length; i++)
            values[i] = classes[values[i]];
        return new LabelMap(image.Size, values);
    }

    /// <summary>Reads a mask untouched, holding it against the size of its picture.</summary>
    public static Image Load(string path, ImageSize pictureSize)
    {
        var image = Image.LoadIndices(path);
        return image.Size == pictureSize
            ? image
            : throw new DataException(path, "size", $"{image.Size}", $"{pictureSize}, the size of its picture");
    }

    public static long[] Histogram(Image mask)
    {
        var counts = new long[256];
        foreach (var value in mask.Data)
            counts[value]++;
        return counts;
    }

    /// <summary>"0: 77.1 %, 255: 22.9 %", the commonest ten values.</summary>
    public static string Describe(long[] histogram)
    {
        var total = histogram.Sum();
        var present = Enumerable.Range(0, 256).Where(value => histogram[value] > 0).ToList();
        var shown = present.OrderByDescending(value => histogram[value]).Take(10).Order()
            .Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}: {100.0 * histogram[value] / total:0.##} %"));
        return $"values {string.Join(", ", shown)}{(present.Count > 10 ? $" and {present.Count - 10} more" : "")}";
    }

    private void Declare(byte value, byte label)
    {
        classes[value] = label;
        known[value] = true;
    }

    private string Expected() =>
        $"values 0 to {Labels.Count - 1} ({string.Join(", ", Labels.Names.Take(20))}); declare values that are no class with --ignore-value, or give all class names";
}
