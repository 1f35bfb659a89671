namespace Fovea.Losses;

/// <summary>How the losses of pixels become one number.</summary>
public enum LossReduction
{
    /// <summary>Their mean over the pixels that count; where classes or pixels have weights, their sum divided by the sum of those weights, which keeps the scale.</summary>
    Mean,

    /// <summary>Their sum divided by the number of pixels that count, whatever these weigh, which keeps the emphasis.</summary>
    PixelMean,

    /// <summary>Their sum, which grows with the picture: learning rates made for it do not suit the mean.</summary>
    Sum,
}
