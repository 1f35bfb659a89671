namespace Fovea.Imaging.Codecs;

/// <summary>Reads the first directory of a TIFF file.</summary>
internal static class TiffHeader
{
    private const int Width = 256, Height = 257, BitsPerSample = 258, Photometric = 262, OrientationTag = 274, SamplesPerPixel = 277, ExtraSamples = 338;
    private const int Short = 3, One = 1, UnassociatedAlpha = 2;
    private const int Palette = 3, Separated = 5;

    public static ImageInfo? Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < 8)
            return null;
        var little = bytes[0] == (byte)'I';
        var directory = Exif.ReadUInt32(bytes[4..], little);
        if (directory + 2L > bytes.Length)
            return null;
        var entries = bytes[(int)directory..];
        var count = Exif.ReadUInt16(entries, little);
        if (2 + count * 12 > entries.Length)
            return null;
        uint width = 0, height = 0, bits = 1, samples = 1, photometric = 0, orientation = 1;
        for (var i = 0; i < count; i++)
        {
            var entry = entries.Slice(2 + i * 12, 12);
            switch (Exif.ReadUInt16(entry, little))
            {
                case Width: width = Value(entry, little); break;
                case Height: height = Value(entry, little); break;
                case Photometric: photometric = Value(entry, little); break;
                case OrientationTag: orientation = Value(entry, little); break;
                case SamplesPerPixel: samples = Value(entry, little); break;
                case BitsPerSample:
                    // More than two 16-bit values do not fit the entry, which then holds where they are.
                    if (Exif.ReadUInt32(entry[4..], little) <= 2)
                        bits = Value(entry, little);
                    else if (Exif.ReadUInt32(entry[8..], little) is var at && at + 2L <= bytes.Length)
                        bits = Exif.ReadUInt16(bytes[(int)at..], little);
                    else
                        return null;
                    break;
            }
        }

        if (width > int.MaxValue || height > int.MaxValue || bits is 0 or > 64)
            throw new DataException(name, "TIFF directory", $"{width}x{height} pixels of {bits} bits", "a size and depth in range");
        var channels = photometric == Palette ? 3 : photometric == Separated ? 3 : samples >= 4 ? 4 : samples == 3 ? 3 : 1;
        return new ImageInfo(ImageFormat.Tiff, new ImageSize((int)height, (int)width), channels, (int)bits,
            orientation is >= 1 and <= 8 ? (int)orientation : 1, photometric == Palette);
    }

    /// <summary>
    /// A copy without the tags after which OpenCV changes pixels: it applies some orientations and not others, and
    /// multiplies colours with their alpha. The very bytes when there is nothing to change.
    /// </summary>
    public static ReadOnlySpan<byte> Plain(ReadOnlySpan<byte> bytes)
    {
        var little = bytes[0] == (byte)'I';
        var directory = (int)Exif.ReadUInt32(bytes[4..], little);
        var count = Exif.ReadUInt16(bytes[directory..], little);
        byte[]? copy = null;
        for (var i = 0; i < count; i++)
        {
            var at = directory + 2 + i * 12;
            var entry = bytes.Slice(at, 12);
            var (tag, value) = (Exif.ReadUInt16(entry, little), Value(entry, little));
            if (Exif.ReadUInt16(entry[2..], little) != Short || !(tag == OrientationTag && value != 1 || tag == ExtraSamples && value == UnassociatedAlpha))
                continue;
            copy ??= bytes.ToArray();
            // 1 is upright as an orientation, and alpha already multiplied in as an extra sample.
            copy[at + 8] = little ? (byte)One : (byte)0;
            copy[at + 9] = little ? (byte)0 : (byte)One;
        }

        return copy ?? bytes;
    }

    private static uint Value(ReadOnlySpan<byte> entry, bool little) => Exif.ReadUInt16(entry[2..], little) switch
    {
        1 => entry[8],
        3 => Exif.ReadUInt16(entry[8..], little),
        _ => Exif.ReadUInt32(entry[8..], little),
    };
}
