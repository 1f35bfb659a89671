using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Fovea.Imaging.Codecs;

/// <summary>Reads filtered rows from the inflated stream into the samples of a picture.</summary>
internal sealed class PngRows(ZLibStream pixels, Image samples, int bitDepth, string name)
{
    // First row, first column, row step, column step of the seven passes of Adam7.
    private static readonly (int Y, int X, int StepY, int StepX)[] Adam7 =
        [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)];

    private readonly int bytesPerPixel = samples.Channels * (samples.Type == PixelType.UInt16 ? 2 : 1);

    public void ReadPlain() => ReadPass(0, 0, 1, 1);

    public void ReadInterlaced()
    {
        foreach (var (y, x, stepY, stepX) in Adam7)
        {
            if (y < samples.Height && x < samples.Width)
                ReadPass(y, x, stepY, stepX);
        }
    }

    private void ReadPass(int firstY, int firstX, int stepY, int stepX)
    {
        var columns = (samples.Width - firstX + stepX - 1) / stepX;
        var stored = (int)(((long)columns * samples.Channels * bitDepth + 7) / 8);
        var filterStep = Math.Max(1, samples.Channels * bitDepth / 8);
        // One byte of filter before each row; the row above is kept for the filters that look up.
        var current = new byte[stored + 1];
        var above = new byte[stored + 1];
        for (var y = firstY; y < samples.Height; y += stepY)
        {
            Fill(current, y);
            if (!PngFilter.Undo(current[0], current.AsSpan(1), above.AsSpan(1), filterStep))
                throw new DataException(name, $"PNG row {y}", $"filter {current[0]}", "a filter of 0 to 4");
            Place(current.AsSpan(1), y, firstX, stepX, columns);
            (current, above) = (above, current);
        }
    }

    private void Fill(Span<byte> row, int y)
    {
        try
        {
            var read = pixels.ReadAtLeast(row, row.Length, throwOnEndOfStream: false);
            if (read < row.Length)
                throw new DataException(name, null, $"a PNG that ends in row {y} of {samples.Height}", "a complete file");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new DataException(name, $"PNG row {y}", "damaged compressed data", "an undamaged file", e);
        }
    }

    private void Place(ReadOnlySpan<byte> row, int y, int firstX, int stepX, int columns)
    {
        var target = samples.Data.AsSpan(y * samples.Width * bytesPerPixel, samples.Width * bytesPerPixel);
        if (bitDepth < 8)
            Unpack(row, target, firstX, stepX, columns);
        else if (stepX == 1)
            row.CopyTo(target);
        else
        {
            for (var column = 0; column < columns; column++)
                row.Slice(column * bytesPerPixel, bytesPerPixel).CopyTo(target[((firstX + column * stepX) * bytesPerPixel)..]);
        }

        if (bitDepth == 16 && BitConverter.IsLittleEndian && stepX == 1)
        {
            var words = MemoryMarshal.Cast<byte, ushort>(target);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
        else if (bitDepth == 16 && BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, ushort>(target);
            for (var column = 0; column < columns; column++)
            {
                for (var c = 0; c < samples.Channels; c++)
                {
                    ref var word = ref words[(firstX + column * stepX) * samples.Channels + c];
                    word = BinaryPrimitives.ReverseEndianness(word);
                }
            }
        }
    }

    private void Unpack(ReadOnlySpan<byte> row, Span<byte> target, int firstX, int stepX, int columns)
    {
        var mask = (1 << bitDepth) - 1;
        for (var column = 0; column < columns; column++)
        {
            var bit = column * bitDepth;
            target[firstX + column * stepX] = (byte)((row[bit >> 3] >> (8 - bitDepth - (bit & 7))) & mask);
        }
    }
}
