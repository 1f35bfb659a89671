using Fovea.Imaging.Native;

namespace Fovea.Imaging;

public sealed partial class Image
{
    /// <summary>Copies a part.</summary>
    /// <param name="x">First column.</param>
    /// <param name="y">First row.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">The part does not lie within the picture; see <see cref="Pad"/>.</exception>
    public Image Crop(int x, int y, int width, int height)
    {
        if (x < 0 || y < 0 || width < 1 || height < 1 || x > Width - width || y > Height - height)
            throw new ArgumentException($"found a part of {width}x{height} pixels at ({x}, {y}), expected one within {Size}");
        var target = new Image(new ImageSize(height, width), Channels, Type);
        var step = BytesPerPixel;
        for (var row = 0; row < height; row++)
            Data.AsSpan(((y + row) * Width + x) * step, width * step).CopyTo(target.Data.AsSpan(row * width * step));
        return target;
    }

    /// <summary>The picture with left and right exchanged.</summary>
    public Image FlipHorizontal() => Flip(1);

    /// <summary>The picture with top and bottom exchanged.</summary>
    public Image FlipVertical() => Flip(0);

    /// <summary>Adds a border.</summary>
    /// <param name="left">Columns on the left, at least 0.</param>
    /// <param name="top">Rows above, at least 0.</param>
    /// <param name="right">Columns on the right, at least 0.</param>
    /// <param name="bottom">Rows below, at least 0.</param>
    /// <param name="mode">What the border holds.</param>
    /// <param name="value">For <see cref="BorderMode.Constant"/>: one value for all channels or one for each; none is black.</param>
    public unsafe Image Pad(int left, int top, int right, int bottom, BorderMode mode = BorderMode.Constant, params double[] value)
    {
        if (left < 0 || top < 0 || right < 0 || bottom < 0)
            throw new ArgumentException($"found a border of ({left}, {top}, {right}, {bottom}) pixels, expected at least 0 on every side; to remove pixels use {nameof(Crop)}");
        var target = new Image(new ImageSize(Height + top + bottom, Width + left + right), Channels, Type);
        var fill = Fill(value);
        ImageNative.Run(this, target, "padding", (from, to) => ImageNative.Pad(from, to, left, top, (int)mode, fill));
        return target;
    }

    /// <summary>Smooths with a Gaussian kernel; edges are mirrored.</summary>
    /// <param name="sigma">Standard deviation in pixels, above 0.</param>
    /// <param name="kernelSize">Width of the kernel in pixels, odd; 0 chooses it from sigma.</param>
    public unsafe Image GaussianBlur(double sigma, int kernelSize = 0)
    {
        if (!(sigma > 0) || kernelSize < 0 || (kernelSize > 0 && kernelSize % 2 == 0))
            throw new ArgumentException($"found sigma {sigma} and a kernel of {kernelSize}, expected a sigma above 0 and an odd kernel or 0");
        var target = new Image(Size, Channels, Type);
        ImageNative.Run(this, target, "blurring", (from, to) => ImageNative.Blur(from, to, kernelSize, sigma));
        return target;
    }

    private int BytesPerPixel => Channels * Type switch { PixelType.UInt8 => 1, PixelType.UInt16 => 2, _ => 4 };

    private unsafe Image Flip(int axis)
    {
        var target = new Image(Size, Channels, Type);
        ImageNative.Run(this, target, "flipping", (from, to) => ImageNative.Flip(from, to, axis));
        return target;
    }

    // OpenCV takes four values whatever the channels.
    private double[] Fill(double[] value)
    {
        if (value.Length > 1 && value.Length != Channels)
            throw new ArgumentException($"found {value.Length} border values, expected none, 1 or {Channels}, one for each channel", nameof(value));
        return value.Length switch
        {
            0 => [0, 0, 0, 0],
            1 => [value[0], value[0], value[0], value[0]],
            3 => [.. value, 0],
            _ => value,
        };
    }
}
