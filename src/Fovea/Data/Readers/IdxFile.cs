using System.Buffers.Binary;

namespace Fovea.Data.Readers;

/// <summary>An IDX file of bytes: two zeros, a type, the number of dimensions, the dimensions (big-endian), the data.</summary>
internal sealed class IdxFile
{
    private const byte UnsignedByte = 8;
    private readonly PackedFile file;
    private readonly int dataOffset;

    private IdxFile(PackedFile file, int[] dimensions)
    {
        this.file = file;
        Dimensions = dimensions;
        dataOffset = 4 + 4 * dimensions.Length;
    }

    /// <summary>The dimensions, the number of records first.</summary>
    public int[] Dimensions { get; }

    public int Count => Dimensions[0];

    public string FilePath => file.FilePath;

    /// <exception cref="DataException">The header is no IDX header, or the data is not as long as it says.</exception>
    public static IdxFile Open(string path)
    {
        int[] dimensions = [];
        var file = PackedFile.Open(path, head => ExpectedLength(path, head.Span, out dimensions));
        return new IdxFile(file, dimensions);
    }

    public void Read(int index, Span<byte> record) => file.Read(dataOffset + (long)index * record.Length, record);

    /// <summary>All records: for labels.</summary>
    public byte[] ReadAll()
    {
        var all = new byte[file.Length - dataOffset];
        file.Read(dataOffset, all);
        return all;
    }

    private static long ExpectedLength(string path, ReadOnlySpan<byte> head, out int[] dimensions)
    {
        if (head.Length < 8 || head[0] != 0 || head[1] != 0 || head[3] is 0 or > 4 || head.Length < 4 + 4 * head[3])
            throw new DataException(path, "header", $"bytes {Convert.ToHexString(head[..Math.Min(4, head.Length)])}", "0000, a type and 1 to 4 dimensions, as IDX begins");
        if (head[2] != UnsignedByte)
            throw new DataException(path, "header", $"type 0x{head[2]:x2}", "type 0x08, unsigned bytes");
        dimensions = new int[head[3]];
        var length = 4L + 4 * dimensions.Length;
        var product = 1L;
        for (var i = 0; i < dimensions.Length; i++)
        {
            dimensions[i] = BinaryPrimitives.ReadInt32BigEndian(head[(4 + 4 * i)..]);
            if (dimensions[i] <= 0 || product > long.MaxValue / 2 / dimensions[i])
                throw new DataException(path, $"header, dimension {i}", $"{dimensions[i]}", "a positive size that fits the file");
            product *= dimensions[i];
        }

        return length + product;
    }
}
