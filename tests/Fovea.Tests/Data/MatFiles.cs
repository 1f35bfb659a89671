using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Fovea.Tests.Data;

/// <summary>Writes MATLAB 5 files as SBD has them.</summary>
internal static class MatFiles
{
    /// <summary>GTcls, a structure with a boundary it does not matter what of, and Segmentation.</summary>
    public static byte[] Sbd(int rows, int columns, byte[] values, bool compress = false, bool swap = false)
    {
        var byColumns = Enumerable.Range(0, rows * columns).Select(i => values[i % rows * columns + i / rows]).ToArray();
        byte[] names = [.. "Boundaries"u8, .. new byte[22], .. "Segmentation"u8, .. new byte[20]];
        var fields = Concat(
            Small(5, Numbers(swap, 32), swap), Element(1, names, swap),
            Element(14, Concat(Head(9, [1, 1], "", swap), Small(2, [7], swap)), swap),
            Element(14, Concat(Head(9, [rows, columns], "", swap), Element(2, byColumns, swap)), swap));
        var matrix = Element(14, Concat(Head(2, [1, 1], "GTcls", swap), fields), swap);
        var other = Element(14, Concat(Head(9, [1, 1], "other", swap), Small(2, [1], swap)), swap);
        byte[] header = [.. Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, made by hand".PadRight(124)), .. swap ? new byte[] { 1, 0, (byte)'M', (byte)'I' } : [0, 1, (byte)'I', (byte)'M']];
        return Concat(header, other, compress ? Packed(matrix, swap) : matrix);
    }

    private static byte[] Packed(byte[] element, bool swap)
    {
        using var memory = new MemoryStream();
        using (var zlib = new ZLibStream(memory, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(element);
        return Concat(Numbers(swap, 15, (int)memory.Length), memory.ToArray());
    }

    private static byte[] Head(int kind, int[] dimensions, string name, bool swap) => Concat(
        Element(6, Numbers(swap, kind, 0), swap), Element(5, Numbers(swap, dimensions), swap),
        name.Length is > 0 and <= 4 ? Small(1, Encoding.ASCII.GetBytes(name), swap) : Element(1, Encoding.ASCII.GetBytes(name), swap));

    private static byte[] Element(int type, byte[] data, bool swap) => Concat(Numbers(swap, type, data.Length), data, new byte[(8 - data.Length % 8) % 8]);

    private static byte[] Small(int type, byte[] data, bool swap) => Concat(Numbers(swap, data.Length << 16 | type), data, new byte[4 - data.Length]);

    private static byte[] Numbers(bool swap, params int[] numbers)
    {
        var bytes = new byte[4 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (swap)
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), numbers[i]);
            else
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), numbers[i]);
        }

        return bytes;
    }

    private static byte[] Concat(params byte[][] parts) => [.. parts.SelectMany(static part => part)];
}
