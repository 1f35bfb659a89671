using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>Adds the same colour to every pixel.</summary>
/// <param name="red">Added to red, as a share of the whole range: 1 is 255 grey levels.</param>
/// <param name="green">Added to green.</param>
/// <param name="blue">Added to blue.</param>
public sealed class ColourShift(double red, double green, double blue) : PhotometricTransform
{
    /// <summary>What is added to red, green and blue, as shares of the whole range.</summary>
    public (double Red, double Green, double Blue) Shift => (red, green, blue);

    private protected override Image Change(Image image)
    {
        if (image.Channels != 3)
            throw new FoveaException("colour shift: found a grey picture, expected RGB; leave the transform out or set preprocessing.channels to rgb");
        byte[][] tables = [Table(red), Table(green), Table(blue)];
        var target = new Image(image.Size, 3);
        for (var i = 0; i < target.Data.Length; i += 3)
        {
            target.Data[i] = tables[0][image.Data[i]];
            target.Data[i + 1] = tables[1][image.Data[i + 1]];
            target.Data[i + 2] = tables[2][image.Data[i + 2]];
        }

        return target;
    }

    private static byte[] Table(double shift)
    {
        // Rounded once, so that the step is the same from every value.
        var levels = Math.Round(255 * shift);
        var table = new byte[256];
        for (var value = 0; value < 256; value++)
            table[value] = (byte)Math.Clamp(value + levels, 0, 255);
        return table;
    }
}
