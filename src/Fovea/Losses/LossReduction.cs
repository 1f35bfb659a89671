namespace Fovea.Losses;

/// <summary>How the losses of pixels become one number.</summary>
public enum LossReduction
{
    /// <summary>Their mean over the pixels that count.</summary>
    Mean,

    /// <summary>Their sum, which grows with the picture: learning rates made for it do not suit the mean.</summary>
    Sum,
}
