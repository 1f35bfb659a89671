using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>Finds the classes of mask PNGs when they are not given.</summary>
internal static class MaskClasses
{
    private const int ScannedMasks = 100;

    // So few values so far apart are shades of grey, not the numbers of classes of which most do not occur.
    private const int MostShades = 8, WidestGap = 20;

    /// <summary>The decoder of a folder's masks, with the classes given or found.</summary>
    /// <param name="folder">The folder of the data set.</param>
    /// <param name="options">Classes, pixel values and the first class's value.</param>
    /// <param name="masks">The mask files of all splits.</param>
    /// <param name="notes">Receives where the classes come from.</param>
    /// <exception cref="FoveaException">The classes cannot be found, or what is said about values contradicts itself.</exception>
    public static MaskDecoder Decoder(string folder, DatasetOptions options, IReadOnlyList<string> masks, List<string> notes)
    {
        GreyInColour.Note(masks, notes);
        var first = options.FirstClassValue ?? 0;
        if (first is not (0 or 1))
            throw new FoveaException($"first class value: found {first}, expected 0, or 1 where 0 is no class");
        if (first == 0)
            return new MaskDecoder(options.Labels ?? Noted(folder, masks, options.PixelValues, notes), options.PixelValues);
        if (options.PixelValues.Values.Any(static name => name != DatasetOptions.NoClass))
            throw new FoveaException("first class value: found 1 beside names of pixel values, expected one of the two: both say which class a value is");
        var ignored = new Dictionary<byte, string>(options.PixelValues) { [0] = DatasetOptions.NoClass };
        var labels = options.Labels ?? FromOne(Noted(folder, masks, ignored, notes, first));
        return new MaskDecoder(labels, Shifted(labels, ignored));
    }

    private static LabelSpace Noted(string folder, IReadOnlyList<string> masks, IReadOnlyDictionary<byte, string> values, List<string> notes, int first = 0)
    {
        var labels = Find(folder, masks, values, out var note, first);
        notes.Add(note);
        return labels;
    }

    // Classes that only have numbers keep those of the file.
    private static LabelSpace FromOne(LabelSpace labels) => labels[0] == "0" ? new LabelSpace(labels.Names.Skip(1)) : labels;

    /// <summary>Value 1 the first class, 2 the second, and so on.</summary>
    public static Dictionary<byte, string> Shifted(LabelSpace labels, IReadOnlyDictionary<byte, string> ignored)
    {
        if (labels.Count >= LabelMap.Ignore)
            throw new FoveaException($"class names: found {labels.Count}, expected at most {LabelMap.Ignore - 1} for masks of 8 bits whose first class is 1");
        var values = new Dictionary<byte, string>(ignored) { [0] = DatasetOptions.NoClass };
        for (var label = 0; label < labels.Count; label++)
            values[(byte)(label + 1)] = labels[label];
        return values;
    }

    /// <summary>The names in a file of class names, those that pixel values are given, or numbers for the values that occur.</summary>
    /// <param name="folder">The folder of the data set.</param>
    /// <param name="masks">The mask files of all splits; at most a hundred of them, evenly spread, are read.</param>
    /// <param name="pixelValues">What values stand for, where it is not the class number.</param>
    /// <param name="note">Says where the classes come from.</param>
    /// <param name="first">The value of the first class.</param>
    /// <exception cref="DataException">The values are neither those of a binary mask nor class numbers, or no mask can be read.</exception>
    public static LabelSpace Find(string folder, IReadOnlyList<string> masks, IReadOnlyDictionary<byte, string> pixelValues, out string note, int first = 0)
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
        var histograms = Histograms(masks, scanned);
        var counts = Sum(histograms);
        var values = Enumerable.Range(0, 256).Where(value => counts[value] > 0 && !pixelValues.ContainsKey((byte)value)).ToList();
        var where = $"{scanned} of {Counted.Of(masks.Count, "mask")} ({MaskDecoder.Describe(counts)})";
        if (values.Count > 0 && values.TrueForAll(static value => value is 0 or 255))
        {
            note = $"2 classes from {where}: background (0), foreground (255)";
            return new LabelSpace(["background", "foreground"]);
        }

        if (values is [] or [.., 255] || AreShades(values))
        {
            // The first mask that is not of two values, which among masks of two values is the one at fault.
            var odd = Enumerable.Range(0, scanned).Where(i => histograms[i].AsSpan(1, 254).ContainsAnyExcept(0)).DefaultIfEmpty(0).ToList();
            throw new DataException(
                masks[Scanned(masks, scanned, odd[0])], "values", $"{MaskDecoder.Describe(histograms[odd[0]])}, the like in {odd.Count} of {Counted.Of(scanned, "mask")}",
                AreShades(values)
                    ? $"0 and 255, or class numbers from 0 on; say what the values stand for (--pixel-value {values[0]}=NAME --pixel-value {values[1]}=NAME, data.pixel_values)"
                    : "0 and 255, or class numbers; give the class names, and declare values that are no class (--ignore-value 255, data.ignore_values in a recipe)");
        }

        labels = ClassNames.Numbered(values[^1] + 1);
        note = $"{Counted.Of(labels.Count - first, "class")} from {where}: {first} to {labels.Count - 1}";
        return labels;
    }

    private static bool AreShades(List<int> values) => values.Count is > 1 and <= MostShades && values[^1] is < 255 and var last && last + 1 - values.Count > WidestGap * values.Count;

    private static long[][] Histograms(IReadOnlyList<string> masks, int scanned)
    {
        var (histograms, faults) = (new long[scanned][], new FoveaException?[scanned]);
        AllCores.For(scanned, i => histograms[i] = ReadHistogram(masks[Scanned(masks, scanned, i)], out faults[i]));
        // One mask that cannot be read is an error when it is loaded; without any there is nothing to tell classes by.
        if (!faults.Contains(null))
            throw faults[0]!;
        // Nor is there by masks that are black all over beside others that turn out to be pictures of colours.
        if (faults.FirstOrDefault(static fault => fault is DataException { Field: "values" }) is { } coloured
            && Enumerable.Range(0, scanned).All(i => faults[i] is not null || GreyInColour.IsStored(masks[Scanned(masks, scanned, i)])))
        {
            throw coloured;
        }

        return histograms;
    }

    private static int Scanned(IReadOnlyList<string> masks, int scanned, int index) => (int)((long)index * masks.Count / scanned);

    private static long[] Sum(long[][] histograms) => [.. Enumerable.Range(0, 256).Select(value => histograms.Sum(histogram => histogram[value]))];

    private static long[] ReadHistogram(string path, out FoveaException? fault)
    {
        try
        {
            fault = null;
            return MaskDecoder.Histogram(MaskDecoder.Load(path));
        }
        catch (FoveaException e)
        {
            fault = e;
            return new long[256];
        }
    }
}
