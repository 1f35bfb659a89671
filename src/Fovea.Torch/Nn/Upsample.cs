namespace Fovea.Torch.Nn;

/// <summary>How values between cells are found.</summary>
public enum UpsampleMode
{
    /// <summary>The nearest cell; sequences, images and volumes.</summary>
    Nearest,

    /// <summary>Linear between cells: linear for sequences, bilinear for images, trilinear for volumes.</summary>
    Linear,

    /// <summary>Cubic convolution; images only.</summary>
    Cubic,
}

/// <summary>Resizes maps <c>[N, C, ...]</c> of one to three spatial dimensions, without smoothing when shrinking.</summary>
public sealed class Upsample : Layer
{
    private readonly Extent? size;
    private readonly double scale;
    private readonly UpsampleMode mode;
    private readonly bool alignCorners;

    private Upsample(Extent? size, double scale, UpsampleMode mode, bool alignCorners)
    {
        this.size = size;
        this.scale = scale;
        this.mode = mode;
        this.alignCorners = alignCorners;
    }

    /// <summary>Enlarges by a factor along every spatial dimension.</summary>
    /// <param name="factor">Output cells for each input cell.</param>
    /// <param name="mode">How values between cells are found.</param>
    /// <param name="alignCorners">Whether the centres of the corner cells coincide, rather than their outer edges.</param>
    public static Upsample By(double factor, UpsampleMode mode = UpsampleMode.Nearest, bool alignCorners = false) => new(null, factor, mode, alignCorners);

    /// <summary>Resizes to a size.</summary>
    /// <param name="size">Spatial size of the output.</param>
    /// <param name="mode">How values between cells are found.</param>
    /// <param name="alignCorners">Whether the centres of the corner cells coincide, rather than their outer edges.</param>
    public static Upsample ToSize(Extent size, UpsampleMode mode = UpsampleMode.Nearest, bool alignCorners = false) => new(size, 0, mode, alignCorners);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        var dimensions = input.Rank - 2;
        var sizes = size?.ToArray(dimensions);
        var scales = size is null ? Enumerable.Repeat(scale, Math.Max(0, dimensions)).ToArray() : null;
        return (mode, dimensions) switch
        {
            (UpsampleMode.Nearest, 1) => Aten.UpsampleNearest1d(input, sizes, scales),
            (UpsampleMode.Nearest, 2) => Aten.UpsampleNearest2d(input, sizes, scales),
            (UpsampleMode.Nearest, 3) => Aten.UpsampleNearest3d(input, sizes, scales),
            (UpsampleMode.Linear, 1) => Aten.UpsampleLinear1d(input, sizes, alignCorners, scales),
            (UpsampleMode.Linear, 2) => Aten.UpsampleBilinear2d(input, sizes, alignCorners, scales),
            (UpsampleMode.Linear, 3) => Aten.UpsampleTrilinear3d(input, sizes, alignCorners, scales),
            (UpsampleMode.Cubic, 2) => Aten.UpsampleBicubic2d(input, sizes, alignCorners, scales),
            _ => throw new FoveaException($"Upsample: found input {input.Shape} for {mode}, expected [N, C, ...] with {(mode == UpsampleMode.Cubic ? "two" : "one to three")} spatial dimensions"),
        };
    }
}
