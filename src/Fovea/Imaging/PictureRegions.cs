namespace Fovea.Imaging;

/// <summary>A picture split into regions.</summary>
/// <param name="Size">Size of the picture.</param>
/// <param name="Labels">Row by row the number of the region of every pixel, from 0 on, in the order of their first pixels.</param>
/// <param name="Areas">Pixels of each region.</param>
/// <param name="Colours">Mean colour of each region in the picture, one byte of grey or three of RGB for each.</param>
public sealed record PictureRegions(ImageSize Size, int[] Labels, int[] Areas, byte[] Colours)
{
    /// <summary>Number of regions.</summary>
    public int Count => Areas.Length;

    /// <summary>The picture with every region in its mean colour.</summary>
    public Image Paint()
    {
        var channels = Count == 0 ? 1 : Colours.Length / Count;
        var image = new Image(Size, channels);
        for (var i = 0; i < Labels.Length; i++)
            Colours.AsSpan(Labels[i] * channels, channels).CopyTo(image.Data.AsSpan(i * channels));
        return image;
    }

    /// <summary>The numbers of the regions as a grey picture of 16 bits.</summary>
    /// <exception cref="FoveaException">There are more regions than 16 bits can number.</exception>
    public Image Number()
    {
        if (Count > ushort.MaxValue + 1)
            throw new FoveaException($"regions: found {Count}, expected at most {ushort.MaxValue + 1}, which 16 bits can number; ask for larger regions");
        var image = new Image(Size, 1, PixelType.UInt16);
        var values = image.AsSpan<ushort>();
        for (var i = 0; i < values.Length; i++)
            values[i] = (ushort)Labels[i];
        return image;
    }
}
