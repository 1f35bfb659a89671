using Fovea.Imaging;

namespace Fovea.Models;

/// <summary>What the number of input channels asks of the preprocessing.</summary>
internal static class InputChannels
{
    /// <summary>Published statistics are those of colour; pictures of one channel are centred on the middle of their range.</summary>
    public static Preprocessing Adapt(this Preprocessing preprocessing, int channels) => channels == 1
        ? preprocessing with { Channels = ImageChannels.Grey, Mean = [0.5f], Std = [0.5f], IsBlueFirst = false }
        : preprocessing;
}
