namespace Fovea.Torch.Serialization;

/// <summary>A run of bytes that lies in a mapped file, in a pinned array, or in memory that somebody else owns.</summary>
internal sealed unsafe class ByteSource
{
    private readonly object owner;
    private readonly MappedFile? file;
    private readonly byte* memory;
    private readonly long offset;

    private ByteSource(object owner, MappedFile? file, byte* memory, long offset, long length)
    {
        this.owner = owner;
        this.file = file;
        this.memory = memory;
        this.offset = offset;
        Length = length;
    }

    public long Length { get; }

    /// <summary>Address of the first byte, valid while this object lives and its file is open.</summary>
    public byte* Pointer => (file is null ? memory : file.Pointer) + offset;

    public static ByteSource Of(MappedFile file) => new(file, file, null, 0, file.Length);

    /// <summary>Takes memory whose lifetime <paramref name="owner"/> guarantees.</summary>
    public static ByteSource Of(object owner, byte* memory, long length) => new(owner, null, memory, 0, length);

    /// <summary>Takes an array of the pinned heap.</summary>
    public static ByteSource OfPinned(byte[] array) =>
        new(array, null, (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(array, 0), 0, array.Length);

    /// <summary>A part of this run; the caller has checked that it lies inside.</summary>
    public ByteSource Slice(long from, long length)
    {
        if (from < 0 || length < 0 || from > Length - length)
            throw new ArgumentOutOfRangeException(nameof(from), $"{from}+{length} lies outside {Length} bytes");
        return new ByteSource(owner, file, memory, offset + from, length);
    }

    /// <summary>The bytes at a place, as a span.</summary>
    public ReadOnlySpan<byte> Span(long from, int length)
    {
        if (from < 0 || length < 0 || from > Length - length)
            throw new ArgumentOutOfRangeException(nameof(from), $"{from}+{length} lies outside {Length} bytes");
        return new ReadOnlySpan<byte>(Pointer + from, length);
    }
}
