namespace Fovea.Ops;

/// <summary>What the four offsets of a box code are multiplied by, so that a loss sees values of about unit size.</summary>
/// <param name="X">Of the centre's x.</param>
/// <param name="Y">Of the centre's y.</param>
/// <param name="Width">Of the logarithm of the width.</param>
/// <param name="Height">Of the logarithm of the height.</param>
public readonly record struct BoxWeights(double X, double Y, double Width, double Height)
{
    /// <summary>(1, 1, 1, 1): region proposal networks and RetinaNet.</summary>
    public static BoxWeights One => new(1, 1, 1, 1);

    /// <summary>(10, 10, 5, 5): the box heads of the R-CNN family; the same as SSD's variances 0.1 and 0.2.</summary>
    public static BoxWeights BoxHead => new(10, 10, 5, 5);
}
