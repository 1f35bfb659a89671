namespace Fovea.Imaging;

/// <summary>Which channels a decoded picture should have.</summary>
public enum ImageChannels
{
    /// <summary>3 channels of 8 bits: alpha is dropped, grey repeated, 16 bits reduced to their high byte.</summary>
    Rgb,

    /// <summary>1 channel of 8 bits: 0.299 R + 0.587 G + 0.114 B, rounded as Pillow does.</summary>
    Grey,

    /// <summary>As stored: alpha, 16-bit and floating-point samples are kept; palettes and CMYK become RGB(A).</summary>
    Unchanged,

    /// <summary>As <see cref="Rgb"/>, with a depth picture beside it that is a file of its own: what networks of colour and depth take.</summary>
    Rgbd,
}

/// <summary>What the channels of a picture mean for a network.</summary>
public static class ImageChannelsExtensions
{
    /// <summary>How many channels a network takes in: 1 of grey, 3 of colour, 4 of colour and depth.</summary>
    /// <exception cref="ArgumentException">The channels depend on the file.</exception>
    public static int Count(this ImageChannels channels) => channels switch
    {
        ImageChannels.Grey => 1,
        ImageChannels.Rgb => 3,
        ImageChannels.Rgbd => 4,
        _ => throw new ArgumentException($"found {channels}, expected channels that do not depend on the file", nameof(channels)),
    };
}
