using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>Takes the colour out of a picture; it keeps its number of channels.</summary>
public sealed class Greyscale : PhotometricTransform
{
    private protected override Image Change(Image image) =>
        image.Channels == 1 ? image : image.ConvertTo(ImageChannels.Grey).ConvertTo(ImageChannels.Rgb);
}
