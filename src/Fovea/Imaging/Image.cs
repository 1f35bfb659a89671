using System.Runtime.InteropServices;

namespace Fovea.Imaging;

/// <summary>The type of a channel of an <see cref="Image"/>.</summary>
public enum PixelType
{
    /// <summary>8 bits, 0 to 255.</summary>
    UInt8,

    /// <summary>16 bits, 0 to 65535.</summary>
    UInt16,

    /// <summary>32-bit floating point.</summary>
    Float32,
}

/// <summary>
/// A picture in managed memory: rows from top to bottom, channels interleaved (grey, RGB or RGBA: never BGR), no padding
/// between rows. EXIF orientation has been applied.
/// </summary>
public sealed partial class Image
{
    /// <summary>Creates a picture over existing bytes; the array is kept, not copied.</summary>
    /// <param name="size">Size in pixels.</param>
    /// <param name="channels">1 (grey), 3 (RGB) or 4 (RGBA).</param>
    /// <param name="data">Row-major interleaved samples of <paramref name="type"/>.</param>
    /// <param name="type">Type of a sample.</param>
    /// <exception cref="ArgumentException">The length does not match.</exception>
    public Image(ImageSize size, int channels, byte[] data, PixelType type = PixelType.UInt8)
    {
        var expected = ByteLength(size, channels, type);
        if (data.Length != expected)
            throw new ArgumentException($"found {data.Length} bytes, expected {expected} for {size} with {channels} channels of {type}", nameof(data));
        Size = size;
        Channels = channels;
        Type = type;
        Data = data;
    }

    /// <summary>Creates an uninitialised picture.</summary>
    public Image(ImageSize size, int channels, PixelType type = PixelType.UInt8)
        : this(size, channels, GC.AllocateUninitializedArray<byte>(ByteLength(size, channels, type)), type)
    {
    }

    /// <summary>Size in pixels.</summary>
    public ImageSize Size { get; }

    /// <summary>Columns.</summary>
    public int Width => Size.Width;

    /// <summary>Rows.</summary>
    public int Height => Size.Height;

    /// <summary>1 (grey), 3 (RGB) or 4 (RGBA).</summary>
    public int Channels { get; }

    /// <summary>Type of a sample.</summary>
    public PixelType Type { get; }

    /// <summary>The samples as bytes, row-major, channels interleaved.</summary>
    public byte[] Data { get; }

    /// <summary>The samples as their own type (<see cref="byte"/>, <see cref="ushort"/> or <see cref="float"/>).</summary>
    public Span<T> AsSpan<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Data.AsSpan());

    private static int ByteLength(ImageSize size, int channels, PixelType type) =>
        checked(size.Height * size.Width * channels * type switch { PixelType.UInt8 => 1, PixelType.UInt16 => 2, _ => 4 });
}
