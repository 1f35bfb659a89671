namespace Fovea.Imaging;

public sealed partial class RunLengthMask
{
    private const int BlockWidth = 64;

    /// <summary>Encodes a bitmap.</summary>
    /// <param name="rowMajor">H times W values, row by row; anything but 0 is in the mask.</param>
    /// <param name="size">Size of the image.</param>
    /// <exception cref="ArgumentException">The length does not match the size.</exception>
    public static RunLengthMask FromBitmap(ReadOnlySpan<byte> rowMajor, ImageSize size)
    {
        var (height, width) = size;
        if (rowMajor.Length != height * width)
            throw new ArgumentException($"found {rowMajor.Length} values, expected {height * width} for {size}", nameof(rowMajor));
        var runs = new RunBuilder(size);
        var block = new byte[BlockWidth * height];
        for (var left = 0; left < width; left += BlockWidth)
        {
            var columns = Math.Min(BlockWidth, width - left);
            if (Transpose(rowMajor, width, left, columns, block))
                EncodeColumns(block.AsSpan(0, columns * height), left * height, ref runs);
        }

        return runs.ToMask();
    }

    /// <summary>The mask as H times W values of 0 and 1, row by row.</summary>
    public byte[] ToBitmap()
    {
        var bitmap = new byte[Size.Height * Size.Width];
        PaintOn(bitmap, 1);
        return bitmap;
    }

    /// <summary>Writes a value at every pixel of the mask and leaves the others alone.</summary>
    /// <param name="rowMajor">H times W values, row by row.</param>
    /// <param name="value">What to write.</param>
    /// <exception cref="ArgumentException">The length does not match the size.</exception>
    public void PaintOn(Span<byte> rowMajor, byte value)
    {
        var (height, width) = Size;
        if (rowMajor.Length != height * width)
            throw new ArgumentException($"found {rowMajor.Length} values, expected {height * width} for {Size}", nameof(rowMajor));
        var at = 0;
        for (var i = 0; i + 1 < Counts.Length; i += 2)
        {
            at += (int)Counts[i];
            var (column, row) = Math.DivRem(at, Math.Max(1, height));
            at += (int)Counts[i + 1];
            var target = row * width + column;
            for (var left = (int)Counts[i + 1]; left > 0; left--)
            {
                rowMajor[target] = value;
                target += width;
                if (++row == height)
                    (row, column, target) = (0, column + 1, column + 1);
            }
        }
    }

    // Rows of a few columns become columns; false when none of them holds anything.
    private static bool Transpose(ReadOnlySpan<byte> source, int width, int left, int columns, byte[] block)
    {
        var height = source.Length / width;
        var any = false;
        for (var row = 0; row < height; row++)
        {
            var pixels = source.Slice(row * width + left, columns);
            if (pixels.IndexOfAnyExcept((byte)0) < 0)
                continue;
            if (!any)
                Array.Clear(block);
            any = true;
            for (int column = 0, at = row; column < pixels.Length; column++, at += height)
                block[at] = pixels[column];
        }

        return any;
    }

    private static void EncodeColumns(ReadOnlySpan<byte> columns, int offset, ref RunBuilder runs)
    {
        for (var at = 0; at < columns.Length;)
        {
            var zeros = columns[at..].IndexOfAnyExcept((byte)0);
            if (zeros < 0)
                return;
            at += zeros;
            var ones = columns[at..].IndexOf((byte)0);
            if (ones < 0)
                ones = columns.Length - at;
            runs.Add(offset + at, ones);
            at += ones;
        }
    }
}
