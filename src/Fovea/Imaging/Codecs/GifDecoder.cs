using System.Buffers.Binary;

namespace Fovea.Imaging.Codecs;

/// <summary>Decodes the first frame of a GIF file onto its logical screen.</summary>
internal static class GifDecoder
{
    private const int MaxCodes = 4096;
    private const int MaxPixelsPerByte = 8192;

    public static Image Decode(ReadOnlySpan<byte> bytes, ImageInfo info, string name)
    {
        try
        {
            return DecodeFrame(bytes, info);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new DataException(name, null, "a GIF that ends too early", "a complete file", e);
        }
        catch (Exception e) when (e is InvalidDataException or IndexOutOfRangeException)
        {
            throw new DataException(name, null, "a damaged GIF", "an undamaged file", e);
        }
    }

    private static Image DecodeFrame(ReadOnlySpan<byte> bytes, ImageInfo info)
    {
        var at = 13;
        var palette = TakePalette(bytes, bytes[10], ref at);
        var transparent = -1;
        while (bytes[at] == 0x21)
        {
            if (bytes[at + 1] == 0xF9 && (bytes[at + 3] & 1) != 0)
                transparent = bytes[at + 6];
            at += 2;
            Blocks(bytes, ref at);
        }

        var frame = bytes.Slice(at, 10);
        at += 10;
        if (frame[0] != 0x2C)
            throw new InvalidDataException();
        int left = BinaryPrimitives.ReadUInt16LittleEndian(frame[1..]), top = BinaryPrimitives.ReadUInt16LittleEndian(frame[3..]);
        int width = BinaryPrimitives.ReadUInt16LittleEndian(frame[5..]), height = BinaryPrimitives.ReadUInt16LittleEndian(frame[7..]);
        var own = TakePalette(bytes, frame[9], ref at);
        var colours = own.IsEmpty ? palette : own;
        int codeSize = bytes[at++];
        var packed = Blocks(bytes, ref at);
        // A code stands for 4095 pixels at most: a frame that claims more is damaged or hostile, and must not make us allocate.
        if ((long)width * height > Math.Min(Array.MaxLength, (packed.Length + 1L) * MaxPixelsPerByte))
            throw new InvalidDataException();
        var indices = new byte[width * height];
        Inflate(packed, codeSize, indices);

        var picture = new Image(info.StoredSize, transparent < 0 ? 3 : 4);
        Array.Clear(picture.Data);
        for (var row = 0; row < height; row++)
        {
            var y = top + ((frame[9] & 0x40) != 0 ? Interlaced(row, height) : row);
            for (var x = 0; x < width && y < picture.Height && left + x < picture.Width; x++)
            {
                int index = indices[row * width + x];
                var pixel = picture.Data.AsSpan((y * picture.Width + left + x) * picture.Channels, picture.Channels);
                colours.Slice(index * 3, 3).CopyTo(pixel);
                if (transparent >= 0)
                    pixel[3] = index == transparent ? (byte)0 : (byte)255;
            }
        }

        return picture;
    }

    private static ReadOnlySpan<byte> TakePalette(ReadOnlySpan<byte> bytes, byte flags, ref int at)
    {
        if ((flags & 0x80) == 0)
            return [];
        var palette = bytes.Slice(at, 3 << ((flags & 7) + 1));
        at += palette.Length;
        return palette;
    }

    private static byte[] Blocks(ReadOnlySpan<byte> bytes, ref int at)
    {
        var data = new List<byte>();
        for (int length = bytes[at++]; length != 0; length = bytes[at++])
        {
            data.AddRange(bytes.Slice(at, length));
            at += length;
        }

        return [.. data];
    }

    private static int Interlaced(int row, int height)
    {
        foreach (var (first, step) in (ReadOnlySpan<(int, int)>)[(0, 8), (4, 8), (2, 4), (1, 2)])
        {
            var rows = (height - first + step - 1) / step;
            if (row < rows)
                return first + row * step;
            row -= rows;
        }

        throw new InvalidDataException();
    }

    // LZW with codes that grow from codeSize + 1 to 12 bits; each string is its prefix's code and one more byte.
    private static void Inflate(byte[] data, int codeSize, Span<byte> target)
    {
        var prefix = new short[MaxCodes];
        var suffix = new byte[MaxCodes];
        var text = new byte[MaxCodes];
        int clear = 1 << codeSize, next = clear + 2, bits = codeSize + 1, previous = -1, done = 0, bitAt = 0;
        byte first = 0;
        while (done < target.Length)
        {
            var code = 0;
            for (var i = 0; i < bits; i++, bitAt++)
                code |= ((data[bitAt >> 3] >> (bitAt & 7)) & 1) << i;
            if (code == clear)
            {
                (next, bits, previous) = (clear + 2, codeSize + 1, -1);
                continue;
            }

            if (code == clear + 1 || code > next || (code == next && previous < 0))
                throw new InvalidDataException();
            var length = 0;
            var current = code;
            if (code == next)
            {
                text[length++] = first;
                current = previous;
            }

            for (; current >= clear; current = prefix[current])
                text[length++] = suffix[current];
            text[length++] = first = (byte)current;
            while (length > 0 && done < target.Length)
                target[done++] = text[--length];
            if (previous >= 0 && next < MaxCodes)
            {
                prefix[next] = (short)previous;
                suffix[next] = first;
                next++;
                if (next == 1 << bits && bits < 12)
                    bits++;
            }

            previous = code;
        }
    }
}
