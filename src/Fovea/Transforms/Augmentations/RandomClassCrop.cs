namespace Fovea.Transforms.Augmentations;

/// <summary>
/// Cuts a window of fixed size out of a picture with a label map so that rare classes are seen: a share of the windows lies around a
/// pixel of a class that is drawn among those in the picture, however few its pixels; the others are tried again while one class fills
/// nearly all of them (the rule that segmentation toolkits call cat_max_ratio).
/// </summary>
/// <param name="size">Size of the window.</param>
/// <param name="probability">Share of the windows around a pixel of a class, 0 to 1.</param>
/// <param name="classes">The classes to draw from; null or none for all that the picture holds.</param>
/// <param name="maxShare">The most of a window's labelled pixels that one class may have, 0 to 1.</param>
/// <param name="tries">Windows tried before the last one is taken as it is.</param>
/// <param name="fill">Colour of what lies outside.</param>
/// <param name="keep">Which objects stay; null for <see cref="KeepRule.Default"/>.</param>
public sealed class RandomClassCrop(
    ImageSize size, double probability = 0.5, IReadOnlyList<int>? classes = null, double maxShare = 0.75, int tries = 10, Fill fill = default, KeepRule? keep = null) : IAugmentation
{
    private static readonly Parameter<ImageSize> Size = Parameter.Size("size", "Size of the result.");
    private static readonly Parameter<double> Share = Parameter.Number("probability", 0.5, "Share of the windows that lie around a pixel of a class drawn among those in the image.", 0, 1);
    private static readonly Parameter<int[]> Classes = Parameter.WholeList("classes", "Numbers of the classes to draw from, from 0; none for all that the image holds.", 0, LabelMap.Ignore - 1);
    private static readonly Parameter<double> MaxShare = Parameter.Number("max_share", 0.75, "The most of the other windows' labelled pixels that one class may have.", 0, 1);
    private static readonly Parameter<int> Tries = Parameter.Whole("tries", 10, "Windows tried before the last one is taken as it is.", 1, 1000);

    internal static TransformEntry Entry { get; } = new(
        "class_crop", "Cuts out a window of fixed size of an image with a label map so that rare classes are seen.",
        [Size, Share, Classes, MaxShare, Tries, Parameter.Filling, Parameter.MinVisible],
        static values => new RandomClassCrop(
            values.Get(Size), values.Get(Share), values.Get(Classes), values.Get(MaxShare), values.Get(Tries), values.Get(Parameter.Filling), new KeepRule(values.Get(Parameter.MinVisible))));

    /// <inheritdoc/>
    /// <exception cref="DataException">The picture has no label map.</exception>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var map = scene.Annotation.Map ?? throw new DataException(scene.Name, null, "no label map", "a class for every pixel: class_crop looks for rare ones");
        if (random.NextBool(probability) && Pixel(map, random) is var (column, row))
            return Window(scene, Around(column, map.Size.Width, size.Width, random), Around(row, map.Size.Height, size.Height, random));
        for (var attempt = 1; ; attempt++)
        {
            var (x, y) = (RandomCrop.Offset(map.Size.Width, size.Width, 0, random), RandomCrop.Offset(map.Size.Height, size.Height, 0, random));
            if (attempt >= tries || IsMixed(map, x, y))
                return Window(scene, x, y);
        }
    }

    private Crop Window(Scene scene, int x, int y) => new(scene.Image.Size, x, y, size, fill) { Keep = keep ?? KeepRule.Default };

    // The window stays inside the picture; where the picture is smaller it lies anywhere, as in other crops.
    private static int Around(int centre, int from, int to, RandomStream random) =>
        from <= to ? RandomCrop.Offset(from, to, 0, random) : Math.Clamp(centre - to / 2, 0, from - to);

    private (int Column, int Row)? Pixel(LabelMap map, RandomStream random)
    {
        var counts = Count(map, 0, 0, map.Size);
        var present = Enumerable.Range(0, LabelMap.Ignore).Where(label => counts[label] > 0 && (classes is null or [] || classes.Contains(label))).ToList();
        if (present.Count == 0)
            return null;
        var label = present[random.NextInt(present.Count)];
        var left = random.NextInt(counts[label]);
        for (var at = 0; ; at++)
        {
            if (map.Values[at] == label && left-- == 0)
                return (at % map.Size.Width, at / map.Size.Width);
        }
    }

    private bool IsMixed(LabelMap map, int x, int y)
    {
        var counts = Count(map, x, y, size);
        var labelled = counts.AsSpan(0, LabelMap.Ignore);
        var (total, most) = (0, 0);
        foreach (var count in labelled)
            (total, most) = (total + count, Math.Max(most, count));
        return total > 0 && most <= maxShare * total;
    }

    private static int[] Count(LabelMap map, int x, int y, ImageSize window)
    {
        var counts = new int[256];
        var (left, right) = (Math.Max(0, x), Math.Min(map.Size.Width, x + window.Width));
        for (var row = Math.Max(0, y); row < Math.Min(map.Size.Height, y + window.Height); row++)
        {
            foreach (var value in map.Values.AsSpan(row * map.Size.Width + left, Math.Max(0, right - left)))
                counts[value]++;
        }

        return counts;
    }
}
