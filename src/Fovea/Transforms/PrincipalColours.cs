namespace Fovea.Transforms;

/// <summary>The directions in which the colours of a collection of pictures vary together, and how far they go along each.</summary>
/// <param name="Lengths">Three lengths on a scale where the whole range of a channel is 1, the longest first.</param>
/// <param name="Directions">Three unit vectors in red, green and blue, one for each length.</param>
public sealed record PrincipalColours(IReadOnlyList<double> Lengths, IReadOnlyList<IReadOnlyList<double>> Directions)
{
    /// <summary>Those of ImageNet, as the published training code of AlexNet's successors has them.</summary>
    public static PrincipalColours ImageNet { get; } = new(
        [0.2175, 0.0188, 0.0045],
        [[-0.5675, -0.5808, -0.5836], [0.7192, -0.0045, -0.6948], [0.4009, -0.8140, 0.4203]]);

    /// <summary>The colour that is reached by going along every direction.</summary>
    /// <param name="shares">How far to go, as shares of the lengths.</param>
    public ColourShift Shift(IReadOnlyList<double> shares)
    {
        var shift = new double[3];
        for (var direction = 0; direction < 3; direction++)
        {
            for (var channel = 0; channel < 3; channel++)
                shift[channel] += shares[direction] * Lengths[direction] * Directions[direction][channel];
        }

        return new ColourShift(shift[0], shift[1], shift[2]);
    }
}
