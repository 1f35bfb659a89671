namespace Fovea.Transforms;

/// <summary>
/// Which objects stay when a transform pushes them over the edge. An object always goes when nothing of its box or, where it
/// has one, of its mask is left inside the picture.
/// </summary>
/// <param name="MinVisible">The share of the transformed box that must still be inside, 0 to 1.</param>
/// <param name="CentreInside">Whether the centre of the transformed box must be inside (SSD's rule).</param>
public readonly record struct KeepRule(double MinVisible, bool CentreInside = false)
{
    /// <summary>A tenth of the box must be visible.</summary>
    public static KeepRule Default { get; } = new(0.1);

    /// <summary>Whatever has a pixel left stays.</summary>
    public static KeepRule Any { get; } = new(0);

    internal bool Keeps(Box whole, Box visible, ImageSize size)
    {
        if (visible.IsEmpty || visible.Area < MinVisible * whole.Area)
            return false;
        var (x, y) = ((whole.X1 + whole.X2) / 2, (whole.Y1 + whole.Y2) / 2);
        return !CentreInside || (x > 0 && y > 0 && x < size.Width && y < size.Height);
    }
}
