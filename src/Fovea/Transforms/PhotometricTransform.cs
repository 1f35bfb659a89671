using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>A transform that changes colours and moves nothing: boxes, masks, keypoints and label maps stay.</summary>
public abstract class PhotometricTransform : ITransform
{
    private protected PhotometricTransform()
    {
    }

    /// <summary>Does nothing: no position changed, and colours are not undone.</summary>
    public ITransform Inverse => Sequence.Nothing;

    /// <inheritdoc/>
    public Scene Apply(Scene scene)
    {
        if (scene.Image.Type != PixelType.UInt8 || scene.Image.Channels is not (1 or 3))
            throw new FoveaException($"{scene.Name}: found {scene.Image.Channels} channels of {scene.Image.Type}, expected grey or RGB of 8 bits; load the picture with {nameof(ImageChannels)}.{nameof(ImageChannels.Rgb)}");
        return scene with { Image = Change(scene.Image) };
    }

    private protected abstract Image Change(Image image);
}
