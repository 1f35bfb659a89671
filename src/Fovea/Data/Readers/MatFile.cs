using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Fovea.Data.Readers;

/// <summary>
/// A MATLAB 5 file ("MAT-File Format", The MathWorks): elements of a type, a length and data, compressed or not. It reads matrices of
/// 8-bit numbers that are fields of structures, which is what label maps need, and refuses what does not add up before it allocates.
/// </summary>
internal static class MatFile
{
    private const int HeaderLength = 128, MostBytes = 1 << 28;
    private const int Int8 = 1, UInt8 = 2, Int32 = 5, UInt32 = 6, Matrix = 14, Compressed = 15;
    private const int Structure = 2, Bytes = 9;

    /// <summary>Reads a matrix of 8-bit numbers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="variable">Name of a variable, a structure.</param>
    /// <param name="field">Its field.</param>
    /// <returns>Rows, columns, and the values row by row.</returns>
    /// <exception cref="DataException">The file is no such file, is damaged, or holds no such matrix.</exception>
    public static (ImageSize Size, byte[] Values) ReadMap(string path, string variable, string field)
    {
        var file = new Reader(path);
        foreach (var (type, data) in file.Elements(file.Open()))
        {
            var element = type == Compressed ? file.Single(file.Inflate(data)) : (Type: type, Data: data);
            if (element.Type == Matrix && file.Array(element.Data) is { Class: Structure } array && array.Name == variable)
                return file.Map(file.Field(array.Rest, field));
        }

        throw new DataException(path, variable, "no such variable", $"a structure {variable} with a field {field}");
    }

    private readonly record struct ArrayHead(int Class, int[] Dimensions, string Name, ReadOnlyMemory<byte> Rest);

    private sealed class Reader(string path)
    {
        private bool isSwapped;

        public ReadOnlyMemory<byte> Open()
        {
            var bytes = new FileInfo(path) is { Exists: true, Length: <= MostBytes } ? File.ReadAllBytes(path)
                : throw Fault(File.Exists(path) ? "a file that is too large" : "no such file", $"a MATLAB file of at most {MostBytes >> 20} MiB");
            if (bytes.Length < HeaderLength || !bytes.AsSpan().StartsWith("MATLAB 5.0"u8))
                throw Fault("another kind of file", "a MATLAB 5 file; save with -v7, for files of -v7.3 are of another kind");
            isSwapped = bytes.AsSpan(126, 2) switch
            {
                [(byte)'I', (byte)'M'] => false,
                [(byte)'M', (byte)'I'] => true,
                _ => throw Fault("no byte order in the header", "IM or MI at byte 126"),
            };
            return bytes.AsMemory(HeaderLength);
        }

        public IEnumerable<(int Type, ReadOnlyMemory<byte> Data)> Elements(ReadOnlyMemory<byte> bytes)
        {
            while (bytes.Length > 0)
                yield return Next(ref bytes);
        }

        public (int Type, ReadOnlyMemory<byte> Data) Single(ReadOnlyMemory<byte> bytes) => Next(ref bytes);

        public ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> packed)
        {
            try
            {
                using var source = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
                using var target = new MemoryStream();
                var buffer = new byte[1 << 16];
                for (int read; (read = source.Read(buffer)) > 0;)
                {
                    if (target.Length + read > MostBytes)
                        throw Fault("data that grows without end", $"at most {MostBytes >> 20} MiB");
                    target.Write(buffer, 0, read);
                }

                return target.GetBuffer().AsMemory(0, (int)target.Length);
            }
            catch (InvalidDataException e)
            {
                throw new DataException(path, null, "damaged compressed data", "a whole MATLAB file", e);
            }
        }

        public ArrayHead Array(ReadOnlyMemory<byte> bytes)
        {
            var flags = Part(ref bytes, UInt32);
            if (flags.Length < 8)
                throw Fault("array flags that are cut short", "8 bytes");
            var dimensions = Numbers(Part(ref bytes, Int32));
            var name = Encoding.ASCII.GetString(Part(ref bytes, Int8).Span);
            return new ArrayHead(Number(flags.Span) & 0xFF, dimensions, name, bytes);
        }

        /// <summary>The matrix of a field of a structure of one element.</summary>
        public ReadOnlyMemory<byte> Field(ReadOnlyMemory<byte> bytes, string field)
        {
            var length = Numbers(Part(ref bytes, Int32)) is [> 0 and <= 1024 and var one] ? one : throw Fault("no length of field names", "a whole number up to 1024");
            var names = Part(ref bytes, Int8);
            for (var start = 0; start + length <= names.Length; start += length)
            {
                var (type, data) = Next(ref bytes);
                if (Encoding.ASCII.GetString(names.Span.Slice(start, length)).TrimEnd('\0') != field)
                    continue;
                return type == Matrix ? data : throw Fault($"type {type} for {field}", "a matrix");
            }

            throw new DataException(path, field, "no such field", "the label map");
        }

        public (ImageSize Size, byte[] Values) Map(ReadOnlyMemory<byte> bytes)
        {
            var head = Array(bytes);
            if (head is not { Class: Bytes, Dimensions: [> 0 and var rows, > 0 and var columns] })
                throw Fault($"an array of class {head.Class} with dimensions {string.Join(" x ", head.Dimensions)}", "a matrix of 8-bit numbers, rows by columns");
            var rest = head.Rest;
            var data = Part(ref rest, UInt8);
            if (data.Length != (long)rows * columns)
                throw Fault($"{data.Length} values", $"{(long)rows * columns} for {rows} rows of {columns}");
            var values = new byte[data.Length];
            for (var column = 0; column < columns; column++)
            {
                for (var row = 0; row < rows; row++)
                    values[row * columns + column] = data.Span[column * rows + row];
            }

            return (new ImageSize(rows, columns), values);
        }

        private ReadOnlyMemory<byte> Part(ref ReadOnlyMemory<byte> bytes, int expected)
        {
            var (type, data) = Next(ref bytes);
            return type == expected ? data : throw Fault($"an element of type {type}", $"one of type {expected}");
        }

        private (int Type, ReadOnlyMemory<byte> Data) Next(ref ReadOnlyMemory<byte> bytes)
        {
            if (bytes.Length < 8)
                throw Fault($"{bytes.Length} bytes at its end", "an element; the file is cut short");
            var tag = Number(bytes.Span);
            // Up to four bytes of data lie within the tag, their length in its upper half.
            if (tag >> 16 is > 0 and <= 4 and var small)
            {
                var inner = bytes.Slice(4, small);
                bytes = bytes[8..];
                return (tag & 0xFFFF, inner);
            }

            var length = Number(bytes.Span[4..]);
            if (length < 0 || length > bytes.Length - 8)
                throw Fault($"an element of {(uint)length} bytes with {bytes.Length - 8} left", "one that fits; the file is cut short");
            var data = bytes.Slice(8, length);
            // Elements begin at multiples of eight, but for compressed ones.
            var padded = tag == Compressed ? length : (length + 7L) / 8 * 8;
            bytes = bytes[(int)Math.Min(8 + padded, bytes.Length)..];
            return (tag, data);
        }

        private int[] Numbers(ReadOnlyMemory<byte> data)
        {
            if (data.Length % 4 != 0)
                throw Fault($"{data.Length} bytes of whole numbers", "four for each");
            var numbers = new int[data.Length / 4];
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = Number(data.Span[(4 * i)..]);
            return numbers;
        }

        private int Number(ReadOnlySpan<byte> bytes) => isSwapped ? BinaryPrimitives.ReadInt32BigEndian(bytes) : BinaryPrimitives.ReadInt32LittleEndian(bytes);

        private DataException Fault(string found, string expected) => new(path, null, found, expected);
    }
}
