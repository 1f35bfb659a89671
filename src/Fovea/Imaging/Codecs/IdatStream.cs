using System.Buffers.Binary;

namespace Fovea.Imaging.Codecs;

/// <summary>The compressed pixels of a PNG file as one stream over its IDAT chunks.</summary>
internal sealed unsafe class IdatStream(byte* chunks, long length) : Stream
{
    private long at;
    private long left;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (left == 0)
        {
            if (!NextChunk())
                return 0;
        }

        var count = (int)Math.Min(buffer.Length, left);
        new ReadOnlySpan<byte>(chunks + at, count).CopyTo(buffer);
        at += count;
        left -= count;
        if (left == 0)
            at += 4;
        return count;
    }

    // A last chunk that the file cuts short gives what there is; the decoder then misses rows and says so.
    private bool NextChunk()
    {
        if (at + 8 > length)
            return false;
        var header = new ReadOnlySpan<byte>(chunks + at, 8);
        if (!header[4..].SequenceEqual("IDAT"u8))
            return false;
        at += 8;
        left = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(header), length - at);
        if (left == 0)
            at += 4;
        return true;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
