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
}
