using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Fovea.Torch.Serialization;

/// <summary>The directory of a ZIP archive in a mapped file, with the places of its entries (including zip64).</summary>
/// <remarks>.NET's own reader does not tell where an entry's bytes lie, which mapping needs.</remarks>
internal sealed class ZipDirectory
{
    private const uint EndMagic = 0x06054b50, End64LocatorMagic = 0x07064b50, End64Magic = 0x06064b50, CentralMagic = 0x02014b50, LocalMagic = 0x04034b50;
    private const int EndSize = 22, End64LocatorSize = 20, End64Size = 56, CentralSize = 46, LocalSize = 30, MaxComment = 65535;
    private const ushort Zip64Field = 1, Stored = 0, Deflated = 8, Encrypted = 1;

    // Deflate cannot expand more than this, so a larger claim is a lie.
    private const long MaxDeflateRatio = 1032;

    private readonly string file;
    private readonly ByteSource source;
    private readonly OrderedDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public ZipDirectory(string file, ByteSource source)
    {
        this.file = file;
        this.source = source;
        var (position, size, count) = FindDirectory();
        var end = position + size;
        for (var i = 0L; i < count; i++)
            position = ReadEntry(position, end);
        CheckOverlap();
    }

    public IEnumerable<string> Names => entries.Keys;

    public bool Contains(string name) => entries.ContainsKey(name);

    /// <summary>The bytes of an entry, checked against its CRC-32; they stay in the mapped file unless they are compressed.</summary>
    public ByteSource Read(string name)
    {
        if (!entries.TryGetValue(name, out var entry))
            throw Fault($"entry {name}", "nothing", "one entry of this name");
        var bytes = entry.Method == Stored ? source.Slice(entry.Start, entry.Size) : Inflate(name, entry);
        if (Crc(bytes) != entry.Crc)
            throw Fault($"entry {name}", "a wrong checksum", "contents that match the archive's CRC-32 (the file is damaged)");
        return bytes;
    }

    private static uint Crc(ByteSource bytes)
    {
        const int Chunk = 1 << 28;
        var crc = 0u;
        for (var done = 0L; done < bytes.Length; done += Chunk)
            crc = Crc32.Append(crc, bytes.Span(done, (int)Math.Min(Chunk, bytes.Length - done)));
        return crc;
    }

    private unsafe ByteSource Inflate(string name, Entry entry)
    {
        if (entry.Size > int.MaxValue || entry.Size > entry.StoredSize * MaxDeflateRatio)
            throw Fault($"entry {name}", $"{entry.StoredSize} compressed bytes that claim to hold {entry.Size}", "a size that they can hold");
        var bytes = GC.AllocateUninitializedArray<byte>((int)entry.Size, pinned: true);
        try
        {
            using var packed = new UnmanagedMemoryStream(source.Pointer + entry.Start, entry.StoredSize);
            using var inflater = new DeflateStream(packed, CompressionMode.Decompress);
            inflater.ReadExactly(bytes);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new DataException(file, $"entry {name}", "damaged compressed data", $"{entry.Size} bytes", e);
        }

        return ByteSource.OfPinned(bytes);
    }

    private (long Position, long Size, long Count) FindDirectory()
    {
        if (source.Length < EndSize)
            throw Truncated();
        var window = source.Span(Math.Max(0, source.Length - EndSize - MaxComment), (int)Math.Min(source.Length, EndSize + MaxComment));
        for (var at = window.Length - EndSize; at >= 0; at--)
        {
            var end = window[at..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndMagic || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != end.Length - EndSize)
                continue;
            var count = (long)BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
            var size = (long)BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
            var position = (long)BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            var endAt = source.Length - window.Length + at;
            if (count == ushort.MaxValue || size == uint.MaxValue || position == uint.MaxValue)
                (position, size, count) = FindDirectory64(endAt);
            if (position < 0 || size < 0 || position > endAt - size || count < 0 || count > size / CentralSize)
                throw Fault("directory", $"{count} entries in {size} bytes at {position}", $"a directory within the {source.Length} bytes of the file");
            return (position, size, count);
        }

        throw Truncated();
    }

    private (long Position, long Size, long Count) FindDirectory64(long endAt)
    {
        var locator = Bytes(endAt - End64LocatorSize, End64LocatorSize);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != End64LocatorMagic)
            throw Truncated();
        var end = Bytes(BinaryPrimitives.ReadInt64LittleEndian(locator[8..]), End64Size);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != End64Magic)
            throw Truncated();
        return (BinaryPrimitives.ReadInt64LittleEndian(end[48..]), BinaryPrimitives.ReadInt64LittleEndian(end[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(end[32..]));
    }

    private long ReadEntry(long position, long end)
    {
        var header = Bytes(position, CentralSize);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != CentralMagic)
            throw Fault("directory", "something else than an entry", "an entry of the archive (the file is damaged)");
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]), extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header[30..]),
            commentLength = BinaryPrimitives.ReadUInt16LittleEndian(header[32..]);
        var next = position + CentralSize + nameLength + extraLength + commentLength;
        if (next > end)
            throw Truncated();
        var name = Encoding.UTF8.GetString(Bytes(position + CentralSize, nameLength));
        var size = (long)BinaryPrimitives.ReadUInt32LittleEndian(header[24..]);
        var stored = (long)BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        var local = (long)BinaryPrimitives.ReadUInt32LittleEndian(header[42..]);
        ReadWideSizes(Bytes(position + CentralSize + nameLength, extraLength), ref size, ref stored, ref local);
        var method = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        if (method is not (Stored or Deflated) || (BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) & Encrypted) != 0)
            throw Fault($"entry {name}", $"compression method {method} or encryption", "a stored or deflated entry");
        var start = DataStart(name, local);
        if (size < 0 || stored < 0 || start > source.Length - stored || (method == Stored && size != stored))
            throw Fault($"entry {name}", $"{stored} bytes at {start}", $"an extent within the {source.Length} bytes of the file");
        if (!entries.TryAdd(name, new Entry(method, BinaryPrimitives.ReadUInt32LittleEndian(header[16..]), start, stored, size)))
            throw Fault($"entry {name}", "two entries of this name", "one");
        return next;
    }

    /// <summary>The zip64 field holds, in this order, those of the numbers that did not fit 32 bits.</summary>
    private static void ReadWideSizes(ReadOnlySpan<byte> extra, ref long size, ref long stored, ref long local)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra), length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
                return;
            var field = extra.Slice(4, length);
            extra = extra[(4 + length)..];
            if (id != Zip64Field)
                continue;
            TakeWide(ref field, ref size);
            TakeWide(ref field, ref stored);
            TakeWide(ref field, ref local);
        }
    }

    private static void TakeWide(ref ReadOnlySpan<byte> field, ref long number)
    {
        if (number != uint.MaxValue || field.Length < 8)
            return;
        number = BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field[8..];
    }

    private long DataStart(string name, long local)
    {
        var header = Bytes(local, LocalSize);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalMagic)
            throw Fault($"entry {name}", "no header where the directory points", "the entry's own header (the file is damaged)");
        return local + LocalSize + BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
    }

    // Entries that share bytes would let a small file stand for a huge one.
    private void CheckOverlap()
    {
        var end = 0L;
        foreach (var (name, entry) in entries.OrderBy(static pair => pair.Value.Start))
        {
            if (entry.Start < end)
                throw Fault($"entry {name}", "bytes that belong to another entry", "entries that do not overlap");
            end = entry.Start + entry.StoredSize;
        }
    }

    private ReadOnlySpan<byte> Bytes(long position, int count) =>
        position < 0 || position > source.Length - count ? throw Truncated() : source.Span(position, count);

    private DataException Truncated() => Fault("directory", "no complete directory at the end", "a whole archive (the file is truncated)");

    private DataException Fault(string field, string found, string expected) => new(file, field, found, expected);

    private sealed record Entry(ushort Method, uint Crc, long Start, long StoredSize, long Size);
}
