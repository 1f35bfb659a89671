using System.Globalization;
using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>Turns mask files into classes.</summary>
internal interface IMaskDecoder
{
    /// <summary>The classes of the maps.</summary>
    LabelSpace Labels { get; }

    /// <summary>Reads a mask as classes.</summary>
    /// <param name="path">The mask.</param>
    /// <param name="pictureSize">The size the mask must have.</param>
    /// <exception cref="DataException">The mask is of another size or holds a value that is no class.</exception>
    LabelMap Decode(string path, ImageSize pictureSize);
}

/// <summary>Turns the values of mask PNGs into classes, and refuses values that are none.</summary>
internal sealed class MaskDecoder : IMaskDecoder
{
    private readonly byte[] classes = new byte[256];
    private readonly bool[] known = new bool[256];
    private readonly bool isBinary;

    /// <param name="labels">The classes of the map.</param>
    /// <param name="pixelValues">What values stand for, where it is not the class number.</param>
    /// <exception cref="FoveaException">A value stands for a name that is no class.</exception>
    public MaskDecoder(LabelSpace labels, IReadOnlyDictionary<byte, string> pixelValues)
    {
        Labels = labels;
        if (labels.Count > LabelMap.Ignore)
            throw new FoveaException($"class names: found {labels.Count}, expected at most {LabelMap.Ignore} for masks of 8 bits");
        var isMapped = pixelValues.Values.Any(static name => name != DatasetOptions.NoClass);
        for (var value = 0; value < labels.Count && !isMapped; value++)
            Declare((byte)value, (byte)value);
        foreach (var (value, name) in pixelValues)
            Declare(value, name == DatasetOptions.NoClass ? LabelMap.Ignore : (byte)labels.IndexOf(name));
        isBinary = labels.Count == 2 && !isMapped && !known[255];
        if (isBinary)
            Declare(255, 1);
    }

    public LabelSpace Labels { get; }

    /// <summary>Reads a PNG of palette indices or grey values.</summary>
    public LabelMap Decode(string path, ImageSize pictureSize) => Decode(Load(path), path, pictureSize);

    /// <summary>Turns values that were read already into classes, in place.</summary>
    public LabelMap Decode(Image image, string path, ImageSize pictureSize)
    {
        CheckSize(image, path, pictureSize);
        var histogram = Histogram(image);
        for (var value = 0; value < 256; value++)
        {
            if (histogram[value] > 0 && !known[value])
                throw new DataException(path, "values", Describe(histogram), Expected(histogram));
        }

        if (isBinary && histogram[1] > 0 && histogram[255] > 0)
        {
            throw new DataException(
                path, "values", Describe(histogram), "either 0 and 1 or 0 and 255; declare 255 as no class (--ignore-value 255, data.ignore_values in a recipe) if that is what it is");
        }

        var values = image.Data;
        for (var i = 0; i < values.Length; i++)
            values[i] = classes[values[i]];
        return new LabelMap(image.Size, values);
    }

    /// <summary>Reads a mask untouched, holding it against the size of its picture.</summary>
    public static Image Load(string path, ImageSize pictureSize)
    {
        var image = Load(path);
        CheckSize(image, path, pictureSize);
        return image;
    }

    /// <summary>Reads a mask untouched: palette indices or grey values.</summary>
    /// <exception cref="DataException">It is a picture of colours, or cannot be read.</exception>
    public static Image Load(string path) => GreyInColour.IsStored(path) ? GreyInColour.Load(path) : Image.LoadIndices(path);

    private static void CheckSize(Image image, string path, ImageSize pictureSize)
    {
        if (image.Size != pictureSize)
            throw new DataException(path, "size", $"{image.Size}", $"{pictureSize}, the size of its picture");
    }

    public static long[] Histogram(Image mask)
    {
        var counts = new long[256];
        foreach (var value in mask.Data)
            counts[value]++;
        return counts;
    }

    /// <summary>"values 0: 77.1 %, 255: 22.9 %", the commonest ten of them.</summary>
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

    private string Expected(long[] histogram)
    {
        var legal = Enumerable.Range(0, 256).Where(value => known[value])
            .Select(value => $"{value} ({(classes[value] == LabelMap.Ignore ? DatasetOptions.NoClass : Labels[classes[value]])})").ToList();
        return $"{string.Join(", ", legal.Take(20))}{(legal.Count > 20 ? $" ... {legal.Count} values" : "")}; "
            + Remedy(histogram);
    }

    private string Remedy(long[] histogram)
    {
        var present = Enumerable.Range(0, LabelMap.Ignore).Where(value => histogram[value] > 0).ToList();
        // K classes and the values 1 to K: somebody counts from one.
        if (present.Count > 0 && present[^1] == Labels.Count && known[0] && !known[Labels.Count])
            return $"where 0 is no class and 1 is {Labels[0]}, say so (--first-class-value 1, data.first_class_value)";
        if (histogram[255] > 0 && present is [] or [0] && Labels.Count != 2)
            return "a mask of 0 and 255 has two classes, background and foreground; declare 255 as no class (--ignore-value 255, data.ignore_values in a recipe) if that is what it is";
        return "declare values that are no class (--ignore-value, data.ignore_values in a recipe), or give all class names";
    }
}
