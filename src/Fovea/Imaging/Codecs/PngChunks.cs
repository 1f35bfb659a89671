using System.Buffers.Binary;

namespace Fovea.Imaging.Codecs;

/// <summary>What the chunks of a PNG file say about its pixels.</summary>
internal sealed class PngChunks
{
    public const int Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4;

    public required int ColourType { get; init; }

    /// <summary>Bits of a stored sample.</summary>
    public required int Depth { get; init; }

    public required bool Interlaced { get; init; }

    /// <summary>RGB triples of the palette; empty without one.</summary>
    public byte[] Colours { get; private set; } = [];

    /// <summary>The tRNS chunk: alpha of palette entries, or the 16-bit samples of the transparent colour; null without one.</summary>
    public byte[]? Transparency { get; private set; }

    /// <summary>Where the first IDAT chunk begins.</summary>
    public int PixelsAt { get; private set; }

    public int SamplesPerPixel => ColourType switch { Grey or Palette => 1, GreyAlpha => 2, Rgb => 3, _ => 4 };

    /// <summary>Walks the chunks up to the pixels; the header has been checked by <see cref="PngHeader"/>.</summary>
    public static PngChunks Parse(ReadOnlySpan<byte> bytes, string name)
    {
        var header = bytes.Slice(PngHeader.SignatureLength + 8, 13);
        if (header[10] != 0 || header[11] != 0 || header[12] > 1)
            throw new DataException(name, "PNG IHDR", $"methods {header[10]}, {header[11]}, {header[12]}", "0, 0 and 0 or 1");
        var chunks = new PngChunks { ColourType = header[9], Depth = header[8], Interlaced = header[12] == 1 };
        for (var at = PngHeader.SignatureLength; ;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
            var type = bytes.Slice(at + 4, 4);
            if (type.SequenceEqual("IDAT"u8))
            {
                chunks.PixelsAt = at;
                break;
            }

            chunks.Take(type, bytes.Slice(at + 8, length), name);
            if (Crc32.Of(bytes.Slice(at + 4, length + 4)) != BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 8 + length)..]))
                throw new DataException(name, $"PNG chunk at byte {at}", "a checksum that does not match", "an undamaged file");
            at += 12 + length;
        }

        if (chunks.ColourType == Palette && chunks.Colours.Length == 0)
            throw new DataException(name, "PNG", "a palette picture without a palette", "a PLTE chunk before the pixels");
        return chunks;
    }

    private void Take(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data, string name)
    {
        if (type.SequenceEqual("PLTE"u8))
        {
            if (data.Length % 3 != 0 || data.Length is 0 or > 768)
                throw new DataException(name, "PNG PLTE", $"{data.Length} bytes", "3 bytes for each of 1 to 256 colours");
            Colours = data.ToArray();
        }
        else if (type.SequenceEqual("tRNS"u8))
        {
            var legal = ColourType switch { Palette => data.Length is > 0 and <= 256, Grey => data.Length == 2, Rgb => data.Length == 6, _ => false };
            if (!legal)
                throw new DataException(name, "PNG tRNS", $"{data.Length} bytes for colour type {ColourType}", "a length that the PNG standard allows");
            Transparency = data.ToArray();
        }
    }
}
