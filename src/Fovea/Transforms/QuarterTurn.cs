using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>Turns a picture clockwise by right angles; every pixel survives.</summary>
public sealed class QuarterTurn : GeometricTransform
{
    private readonly int turns;
    private readonly Projection placement;

    /// <summary>Creates the turn.</summary>
    /// <param name="size">Size it is for.</param>
    /// <param name="turns">Right angles clockwise, 0 to 3.</param>
    public QuarterTurn(ImageSize size, int turns) : base(size, turns % 2 == 0 ? size : new ImageSize(size.Width, size.Height))
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)turns, 3u, nameof(turns));
        this.turns = turns;
        placement = turns switch
        {
            0 => Projection.Identity,
            1 => new Projection(0, -1, size.Height, 1, 0, 0),
            2 => new Projection(-1, 0, size.Width, 0, -1, size.Height),
            _ => new Projection(0, 1, 0, -1, 0, size.Width),
        };
    }

    /// <inheritdoc/>
    public override Projection? Placement => placement;

    /// <inheritdoc/>
    public override ITransform Inverse => new QuarterTurn(To, (4 - turns) % 4);

    private protected override bool KeepsBoxes => true;

    /// <inheritdoc/>
    public override Box Map(Box box) => placement.Map(box);

    /// <inheritdoc/>
    public override (double X, double Y) Map(double x, double y) => placement.Map(x, y);

    private protected override Image Map(Image image)
    {
        var target = new Image(To, image.Channels, image.Type);
        Turn<byte>(image.Data, image.Data.Length / (image.Width * image.Height), target.Data);
        return target;
    }

    private protected override T[] Pick<T>(ReadOnlySpan<T> source, T outside)
    {
        var values = new T[source.Length];
        Turn(source, 1, values);
        return values;
    }

    private protected override RunLengthMask Map(RunLengthMask mask)
    {
        var turned = new byte[From.Height * From.Width];
        Turn<byte>(mask.ToBitmap(), 1, turned);
        return RunLengthMask.FromBitmap(turned, To);
    }

    private void Turn<T>(ReadOnlySpan<T> source, int pixel, Span<T> target)
    {
        // Where the first pixel of the source goes, and the steps for one column and one row of it.
        var (start, column, row) = turns switch
        {
            0 => (0, 1, To.Width),
            1 => (To.Width - 1, To.Width, -1),
            2 => (To.Width * To.Height - 1, -1, -To.Width),
            _ => ((To.Height - 1) * To.Width, -To.Width, 1),
        };
        for (var y = 0; y < From.Height; y++)
        {
            for (var (x, at) = (0, start + y * row); x < From.Width; x++, at += column)
                source.Slice((y * From.Width + x) * pixel, pixel).CopyTo(target.Slice(at * pixel, pixel));
        }
    }
}
