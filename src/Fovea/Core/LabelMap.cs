namespace Fovea;

/// <summary>The class of every pixel of an image.</summary>
public sealed class LabelMap
{
    /// <summary>The value of pixels that count neither in training nor in evaluation.</summary>
    public const byte Ignore = 255;

    /// <summary>Creates a map over its values; the array is kept, not copied.</summary>
    /// <param name="size">Size in pixels.</param>
    /// <param name="values">Row-major class indices, <see cref="Ignore"/> for pixels without one; length H times W.</param>
    /// <exception cref="ArgumentException">The length does not match the size.</exception>
    public LabelMap(ImageSize size, byte[] values)
    {
        if (values.Length != size.Height * size.Width)
            throw new ArgumentException($"found {values.Length} values, expected {size.Height * size.Width} for {size}", nameof(values));
        Size = size;
        Values = values;
    }

    /// <summary>Size in pixels.</summary>
    public ImageSize Size { get; }

    /// <summary>Row-major class indices, <see cref="Ignore"/> for pixels without one.</summary>
    public byte[] Values { get; }

    /// <summary>Which object every pixel belongs to, numbered from 1, or 0 for none, row-major; null where objects are not told apart.</summary>
    public ushort[]? Objects { get; init; }

    /// <summary>The class at a pixel.</summary>
    public byte this[int row, int column] => Values[row * Size.Width + column];
}
