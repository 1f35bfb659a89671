using Fovea.Imaging.Native;

namespace Fovea.Imaging;

/// <summary>The connected parts of a binary picture.</summary>
public sealed class ConnectedComponents
{
    private ConnectedComponents(ImageSize size, int[] labels, int count) => (Size, Labels, Count) = (size, labels, count);

    /// <summary>Size of the picture.</summary>
    public ImageSize Size { get; }

    /// <summary>Row-major: 0 for background, otherwise the number of the part, from 1 on.</summary>
    public int[] Labels { get; }

    /// <summary>Number of parts, the background not counted.</summary>
    public int Count { get; }

    /// <summary>Numbers the parts, in the order of their first pixel row by row.</summary>
    /// <param name="mask">H times W values; anything but 0 is foreground.</param>
    /// <param name="size">Size of the picture.</param>
    /// <param name="diagonal">Whether pixels that touch only by a corner belong together.</param>
    /// <exception cref="ArgumentException">The length does not match the size.</exception>
    public static unsafe ConnectedComponents Label(ReadOnlySpan<byte> mask, ImageSize size, bool diagonal = true)
    {
        if (mask.Length != size.Height * size.Width)
            throw new ArgumentException($"found {mask.Length} values, expected {size.Height * size.Width} for {size}", nameof(mask));
        NativeImports.Ensure();
        var labels = new int[mask.Length];
        if (mask.Length == 0)
            return new ConnectedComponents(size, labels, 0);
        var status = ImageNative.Components(mask, size.Width, size.Height, diagonal ? 8 : 4, labels, out var count);
        NativeImports.Check(status, &ImageNative.LastError, "connected components");
        return new ConnectedComponents(size, Ordered(labels, count), count - 1);
    }

    /// <summary>Pixels of each part; the first entry is that of part 1.</summary>
    public int[] Areas()
    {
        var areas = new int[Count + 1];
        foreach (var label in Labels)
            areas[label]++;
        return areas[1..];
    }

    /// <summary>The parts as masks; the first is that of part 1.</summary>
    public IReadOnlyList<RunLengthMask> ToMasks()
    {
        var runs = new RunBuilder[Count];
        for (var i = 0; i < Count; i++)
            runs[i] = new RunBuilder(Size);
        for (var x = 0; x < Size.Width; x++)
        {
            for (int y = 0, start = 0; y < Size.Height; start = y)
            {
                var label = Labels[y * Size.Width + x];
                while (y < Size.Height && Labels[y * Size.Width + x] == label)
                    y++;
                if (label > 0)
                    runs[label - 1].Add((long)x * Size.Height + start, y - start);
            }
        }

        return [.. runs.Select(static run => run.ToMask())];
    }

    // The order OpenCV numbers in depends on its algorithm.
    private static int[] Ordered(int[] labels, int count)
    {
        var numbers = new int[count];
        var next = 0;
        foreach (ref var label in labels.AsSpan())
        {
            if (label == 0)
                continue;
            ref var number = ref numbers[label];
            if (number == 0)
                number = ++next;
            label = number;
        }

        return labels;
    }
}
