namespace Fovea.Models;

/// <summary>What networks ask of their pictures that were trained with Caffe.</summary>
internal static class CaffeInput
{
    /// <summary>About how much larger the values are than those of today's networks, which divide by the standard deviation too.</summary>
    public const double Scale = 58;

    /// <summary>Blue, green, red on a scale of 0 to 255, less the mean of ImageNet; nothing is divided.</summary>
    public static Preprocessing Centred(int channels, int sizeMultiple = 1) => new Preprocessing
    {
        BlueFirst = true,
        Mean = [104.00699f / 255, 116.66877f / 255, 122.67892f / 255],
        Std = [1 / 255f, 1 / 255f, 1 / 255f],
        SizeMultiple = sizeMultiple,
    }.Adapt(channels);
}
