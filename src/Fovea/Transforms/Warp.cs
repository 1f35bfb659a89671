using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>Turns, slants, scales, shifts or tilts a picture by a projective map.</summary>
public sealed class Warp : SampledTransform
{
    private readonly Projection forward;
    private readonly Projection back;
    private readonly Fill fill;

    /// <summary>Creates the warp.</summary>
    /// <param name="from">Size it is for.</param>
    /// <param name="to">Size it gives.</param>
    /// <param name="forward">Takes source pixels to pixels of the result; see <see cref="Around"/> for turning about the centre.</param>
    /// <param name="fill">What fills pixels that come from outside.</param>
    /// <exception cref="ArgumentException">The map cannot be inverted, or the picture crosses its horizon.</exception>
    public Warp(ImageSize from, ImageSize to, Projection forward, Fill fill = default) : base(from, to, fill)
    {
        this.forward = forward;
        this.fill = fill;
        back = forward.Inverse();
        var sign = Math.Sign(forward.I);
        foreach (var (x, y) in new[] { (0, 0), (from.Width, 0), (0, from.Height), (from.Width, from.Height) })
        {
            if (Math.Sign(forward.G * x + forward.H * y + forward.I) != sign || sign == 0)
                throw new ArgumentException($"found a map that takes the corner ({x}, {y}) beyond the horizon, expected all four corners on one side", nameof(forward));
        }
    }

    /// <inheritdoc/>
    public override Projection? Placement => forward;

    /// <inheritdoc/>
    public override ITransform Inverse => new Warp(To, From, back, fill) { Keep = Keep };

    /// <summary>A map applied about the centre of a picture instead of its corner.</summary>
    /// <param name="size">Size of the picture.</param>
    /// <param name="map">The map about the origin.</param>
    public static Projection Around(ImageSize size, Projection map) =>
        Projection.Translate(size.Width / 2.0, size.Height / 2.0) * map * Projection.Translate(-size.Width / 2.0, -size.Height / 2.0);

    /// <inheritdoc/>
    public override Box Map(Box box) => forward.Map(box);

    /// <inheritdoc/>
    public override (double X, double Y) Map(double x, double y) => forward.Map(x, y);

    private protected override Image MapColours(Image image, double[] fill) => forward.IsAffine
        ? image.WarpAffine(
            [forward.A / forward.I, forward.B / forward.I, forward.C / forward.I, forward.D / forward.I, forward.E / forward.I, forward.F / forward.I], To, value: fill)
        : image.WarpPerspective(
            [forward.A, forward.B, forward.C, forward.D, forward.E, forward.F, forward.G, forward.H, forward.I], To, value: fill);

    private protected override Box Reach(Box box) => forward.Map(box);

    private protected override void SourceOf(int row, int first, Span<float> x, Span<float> y)
    {
        var v = row + 0.5;
        var (x0, y0, w0) = (back.B * v + back.C, back.E * v + back.F, back.H * v + back.I);
        for (var i = 0; i < x.Length; i++)
        {
            var u = first + i + 0.5;
            var w = back.G * u + w0;
            x[i] = (float)((back.A * u + x0) / w);
            y[i] = (float)((back.D * u + y0) / w);
        }
    }
}
