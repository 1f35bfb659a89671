namespace Fovea.Torch.Nn;

/// <summary>
/// A size along every spatial dimension (kernel, stride, padding, dilation, output): one number for all of them, or one for
/// each, as in <c>new Conv2d(64, 64, (1, 7), padding: (0, 3))</c>.
/// </summary>
public readonly struct Extent : IEquatable<Extent>
{
    private readonly long all;
    private readonly long[]? each;

    /// <summary>The same size along every dimension.</summary>
    public Extent(long all) => this.all = all;

    /// <summary>One size for each dimension: (height, width) or (depth, height, width).</summary>
    public Extent(params long[] each) => this.each = each;

    /// <summary>The same size along every dimension.</summary>
    public static implicit operator Extent(int all) => new((long)all);

    /// <summary>Height and width.</summary>
    public static implicit operator Extent((int Height, int Width) sizes) => new([sizes.Height, sizes.Width]);

    /// <summary>Depth, height and width.</summary>
    public static implicit operator Extent((int Depth, int Height, int Width) sizes) => new([sizes.Depth, sizes.Height, sizes.Width]);

    /// <summary>Whether two extents are the same.</summary>
    public static bool operator ==(Extent left, Extent right) => left.Equals(right);

    /// <summary>Whether two extents differ.</summary>
    public static bool operator !=(Extent left, Extent right) => !left.Equals(right);

    /// <summary>The sizes of a number of dimensions.</summary>
    /// <exception cref="ArgumentException">One size was given for each of another number of dimensions.</exception>
    public long[] ToArray(int dimensions)
    {
        if (each is null)
        {
            var sizes = new long[dimensions];
            Array.Fill(sizes, all);
            return sizes;
        }

        if (each.Length != dimensions)
            throw new ArgumentException($"found {each.Length} sizes {this}, expected one or {dimensions}");
        return each;
    }

    /// <inheritdoc/>
    public bool Equals(Extent other) => all == other.all && each.AsSpan().SequenceEqual(other.each);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Extent other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => each?.Aggregate(17, HashCode.Combine) ?? all.GetHashCode();

    /// <summary>"3" or "(1, 7)".</summary>
    public override string ToString() => each is null ? $"{all}" : $"({string.Join(", ", each)})";
}
