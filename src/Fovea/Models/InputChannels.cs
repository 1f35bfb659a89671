using Fovea.Imaging;

namespace Fovea.Models;

/// <summary>What the number of input channels asks of the preprocessing.</summary>
internal static class InputChannels
{
    // Of the depth of SUN RGB-D with its holes filled, as stored.
    private const float DepthMean = 19050, DepthStd = 9650;

    /// <summary>
    /// Published statistics are those of colour; pictures of one channel are centred on the middle of their range, and a fourth
    /// channel is depth.
    /// </summary>
    public static Preprocessing Adapt(this Preprocessing preprocessing, int channels) => channels switch
    {
        1 => preprocessing with { Channels = ImageChannels.Grey, Mean = [0.5f], Std = [0.5f], BlueFirst = false },
        4 => preprocessing with { Channels = ImageChannels.Rgbd, Mean = [.. preprocessing.Mean.Take(3), DepthMean], Std = [.. preprocessing.Std.Take(3), DepthStd], BlueFirst = false },
        _ => preprocessing,
    };
}
