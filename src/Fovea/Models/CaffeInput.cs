namespace Fovea.Models;

/// <summary>What networks ask of their pictures that were trained with Caffe.</summary>
internal static class CaffeInput
{
    /// <summary>About how much larger the values are than those of today's networks, which divide by the standard deviation too.</summary>
    public const double Scale = 58;

    /// <summary>Blue, green, red on a scale of 0 to 255, less the mean of ImageNet; nothing is divided.</summary>
    public static Preprocessing Centred(int channels, int sizeMultiple = 1) =>
        new Preprocessing { SizeMultiple = sizeMultiple }.LessMeans(104.00699f, 116.66877f, 122.67892f).Adapt(channels);

    /// <summary>Blue, green, red on a scale of 0 to 255, less a mean of each; nothing is divided.</summary>
    public static Preprocessing LessMeans(this Preprocessing preprocessing, float blue, float green, float red) => preprocessing with
    {
        BlueFirst = true, Mean = [blue / 255, green / 255, red / 255], Std = [1 / 255f, 1 / 255f, 1 / 255f],
    };
}
