using System.Collections;
using System.Runtime.CompilerServices;

namespace Fovea.Torch;

/// <summary>The sizes of a tensor's dimensions. Written as a collection: <c>Shape s = [2, 3, 4]</c>.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>, IReadOnlyList<long>
{
    private readonly long[]? sizes;

    /// <summary>Creates a shape; the array is kept, not copied.</summary>
    public Shape(params long[] sizes) => this.sizes = sizes;

    /// <summary>Number of dimensions.</summary>
    public int Rank => sizes?.Length ?? 0;

    /// <summary>Product of the sizes; 1 for a scalar.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            foreach (var size in Span)
                count *= size;
            return count;
        }
    }

    /// <summary>The sizes.</summary>
    public ReadOnlySpan<long> Span => sizes;

    int IReadOnlyCollection<long>.Count => Rank;

    /// <summary>The size of a dimension; negative indices count from the end, <c>^1</c> too.</summary>
    public long this[int dimension] => sizes![dimension < 0 ? dimension + sizes.Length : dimension];

    /// <summary>Makes a shape from its sizes; called by collection expressions.</summary>
    public static Shape Create(ReadOnlySpan<long> sizes) => new(sizes.ToArray());

    /// <summary>From an array of sizes.</summary>
    public static implicit operator Shape(long[] sizes) => new(sizes);

    /// <summary>The sizes, for operators that take a list.</summary>
    public static implicit operator ReadOnlySpan<long>(Shape shape) => shape.Span;

    /// <summary>Whether two shapes are the same.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>A copy of the sizes.</summary>
    public long[] ToArray() => Span.ToArray();

    /// <inheritdoc/>
    public bool Equals(Shape other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var size in Span)
            hash.Add(size);
        return hash.ToHashCode();
    }

    /// <summary>An enumerator over the sizes.</summary>
    public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)(sizes ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Formats as <c>[2, 3, 4]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", sizes ?? [])}]";
}
