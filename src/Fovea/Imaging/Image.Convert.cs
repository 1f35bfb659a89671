using Fovea.Imaging.Native;

namespace Fovea.Imaging;

public sealed partial class Image
{
    /// <summary>Converts channels and depth; returns this very picture when nothing changes.</summary>
    /// <param name="channels">The channels to return: <see cref="ImageChannels.Rgb"/> drops alpha (as Pillow does) and
    /// repeats grey; 16 bits become 8 by their high byte.</param>
    /// <exception cref="InvalidOperationException">The samples are floating point, whose range is not known.</exception>
    public Image ConvertTo(ImageChannels channels)
    {
        if (channels == ImageChannels.Unchanged)
            return this;
        if (Type == PixelType.Float32)
            throw new InvalidOperationException("samples are floating point; scale them to 8 bits first");
        var narrow = Type == PixelType.UInt16 ? HighBytes() : this;
        return channels == ImageChannels.Grey ? narrow.ToGrey() : narrow.ToRgb();
    }

    /// <summary>Converts RGB to hue, saturation and value, 8 bits each; the circle of hues is 256.</summary>
    /// <exception cref="InvalidOperationException">This is not RGB of 8 bits.</exception>
    public Image ToHsv() => ConvertColour(0);

    /// <summary>Converts hue, saturation and value, as <see cref="ToHsv"/> gives them, to RGB.</summary>
    /// <exception cref="InvalidOperationException">This does not have 3 channels of 8 bits.</exception>
    public Image FromHsv() => ConvertColour(1);

    private unsafe Image ConvertColour(int conversion)
    {
        if (Channels != 3 || Type != PixelType.UInt8)
            throw new InvalidOperationException($"found {Channels} channels of {Type}, expected 3 of {PixelType.UInt8}");
        var target = new Image(Size, 3);
        ImageNative.Run(this, target, "converting colours", (from, to) => ImageNative.ConvertColour(from, to, conversion));
        return target;
    }

    /// <summary>Turns a stored picture upright by its EXIF orientation, 1 to 8.</summary>
    internal unsafe Image Upright(int orientation)
    {
        if (orientation == 1)
            return this;
        var target = new Image(orientation >= 5 ? new ImageSize(Width, Height) : Size, Channels, Type);
        ImageNative.Run(this, target, "turning upright", (source, result) => ImageNative.Orient(source, result, orientation));
        return target;
    }

    private Image HighBytes()
    {
        var target = new Image(Size, Channels);
        var from = AsSpan<ushort>();
        var to = target.Data;
        for (var i = 0; i < to.Length; i++)
            to[i] = (byte)(from[i] >> 8);
        return target;
    }

    private Image ToRgb()
    {
        if (Channels == 3)
            return this;
        var target = new Image(Size, 3);
        var (from, to) = (Data, target.Data);
        if (Channels == 1)
        {
            for (int i = 0, at = 0; i < from.Length; i++, at += 3)
                to[at] = to[at + 1] = to[at + 2] = from[i];
        }
        else
        {
            for (int i = 0, at = 0; i < from.Length; i += 4, at += 3)
                (to[at], to[at + 1], to[at + 2]) = (from[i], from[i + 1], from[i + 2]);
        }

        return target;
    }

    // ITU-R BT.601 weights in 16-bit fixed point.
    private Image ToGrey()
    {
        if (Channels == 1)
            return this;
        var target = new Image(Size, 1);
        var (from, to, step) = (Data, target.Data, Channels);
        for (int i = 0, at = 0; i < to.Length; i++, at += step)
            to[i] = (byte)((from[at] * 19595 + from[at + 1] * 38470 + from[at + 2] * 7471 + 0x8000) >> 16);
        return target;
    }
}
