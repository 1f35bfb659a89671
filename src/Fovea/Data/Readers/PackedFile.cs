using System.IO.Compression;

namespace Fovea.Data.Readers;

/// <summary>
/// A file of many records: read at any place from disk, or from memory when it is gzipped. Safe for many threads.
/// </summary>
internal sealed class PackedFile
{
    private readonly byte[]? content;

    private PackedFile(string path, byte[]? content, long length)
    {
        FilePath = path;
        this.content = content;
        Length = length;
    }

    public string FilePath { get; }

    /// <summary>Bytes of the file, after decompression.</summary>
    public long Length { get; }

    /// <summary>Opens a file; a gzipped one is decompressed into memory.</summary>
    /// <param name="path">The file; gzipped when it begins as gzip does.</param>
    /// <param name="expectedLength">Tells from the first bytes (at most 64) how long the file should be. No more than this is ever held.</param>
    /// <exception cref="DataException">The file is of another length than expected, or its compression is broken.</exception>
    public static PackedFile Open(string path, Func<ReadOnlyMemory<byte>, long> expectedLength)
    {
        using var file = File.OpenRead(path);
        if (file.Length == 0)
            throw new DataException(path, null, "an empty file", "packed images or labels");
        var isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        if (isGzip)
            return Decompress(path, file, expectedLength);
        var head = new byte[64];
        var expected = expectedLength(head.AsMemory(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
        return file.Length == expected ? new PackedFile(path, null, file.Length) : throw WrongLength(path, $"{file.Length}", expected);
    }

    /// <summary>Reads bytes at a place.</summary>
    /// <exception cref="DataException">The file has become shorter since it was opened.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (content is not null)
        {
            content.AsSpan((int)offset, destination.Length).CopyTo(destination);
            return;
        }

        using var handle = File.OpenHandle(FilePath);
        for (var done = 0; done < destination.Length;)
        {
            var count = RandomAccess.Read(handle, destination[done..], offset + done);
            if (count == 0)
                throw new DataException(FilePath, $"byte {offset + done}", "the end of the file", $"{destination.Length - done} more bytes");
            done += count;
        }
    }

    private static PackedFile Decompress(string path, Stream file, Func<ReadOnlyMemory<byte>, long> expectedLength)
    {
        try
        {
            using var gzip = new GZipStream(file, CompressionMode.Decompress);
            var head = new byte[64];
            var headLength = gzip.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            var expected = expectedLength(head.AsMemory(0, headLength));
            if (expected > Array.MaxLength)
                throw new DataException(path, null, $"{expected} bytes when decompressed", "less than 2 GiB; gunzip the file: it is then read from disk");
            // Grown as data arrives: a header that lies about its size costs nothing.
            using var memory = new MemoryStream();
            memory.Write(head, 0, headLength);
            var buffer = new byte[1 << 16];
            while (memory.Length <= expected && gzip.Read(buffer) is > 0 and var count)
                memory.Write(buffer, 0, count);
            return memory.Length == expected
                ? new PackedFile(path, memory.ToArray(), memory.Length)
                : throw WrongLength(path, memory.Length > expected ? $"more than {expected}" : $"{memory.Length}", expected);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            throw new DataException(path, null, $"broken gzip data ({exception.Message.TrimEnd('.')})", "a whole gzip file", exception);
        }
    }

    private static DataException WrongLength(string path, string found, long expected) =>
        new(path, "length", $"{found} bytes", $"{expected} bytes as its header declares");
}
