using Fovea.Imaging;
using Fovea.Transforms.Kernels;

namespace Fovea.Transforms;

/// <summary>What a step of <see cref="Recolour"/> changes.</summary>
public enum ColourProperty
{
    /// <summary>Factor on all values: 0 black, 1 unchanged.</summary>
    Brightness,

    /// <summary>Factor on the distance from the picture's mean grey: 0 that grey, 1 unchanged.</summary>
    Contrast,

    /// <summary>Factor on the distance from a pixel's grey: 0 grey, 1 unchanged.</summary>
    Saturation,

    /// <summary>Turn of the hue circle, -0.5 to 0.5: 0 unchanged.</summary>
    Hue,
}

/// <summary>
/// Changes brightness, contrast, saturation and hue in a given order, bit for bit as torchvision does on Pillow images. Grey
/// pictures have no saturation and no hue to change.
/// </summary>
/// <param name="steps">Properties with their factors, in order.</param>
public sealed class Recolour(params IReadOnlyList<(ColourProperty Property, double Factor)> steps) : PhotometricTransform
{
    /// <summary>Properties with their factors, in order.</summary>
    public IReadOnlyList<(ColourProperty Property, double Factor)> Steps => steps;

    private protected override Image Change(Image image)
    {
        var result = new Image(image.Size, image.Channels, (byte[])image.Data.Clone());
        foreach (var (property, factor) in steps)
        {
            switch (property)
            {
                case ColourProperty.Brightness:
                    ColourKernels.Brightness(result, (float)factor);
                    break;
                case ColourProperty.Contrast:
                    ColourKernels.Contrast(result, (float)factor);
                    break;
                case ColourProperty.Saturation when result.Channels == 3:
                    ColourKernels.Saturation(result, (float)factor);
                    break;
                case ColourProperty.Hue when result.Channels == 3:
                    HueKernel.Turn(result, factor);
                    break;
            }
        }

        return result;
    }
}
