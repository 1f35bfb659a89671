namespace Fovea.Torch;

/// <summary>
/// One entry between the brackets of <c>t[...]</c>: a number, an <see cref="Index"/>, a <see cref="Range"/>, a tensor of
/// indices or a mask, <see cref="NewAxis"/> or <see cref="Ellipsis"/>.
/// </summary>
public readonly struct TensorIndex
{
    internal enum Kind
    {
        Ellipsis,
        NewAxis,
        Position,
        Range,
        Tensor,
        Slice,
    }

    private TensorIndex(Kind kind, Index position = default, Range range = default, Tensor? tensor = null, long step = 1)
    {
        Type = kind;
        Position = position;
        Range = range;
        Tensor = tensor;
        Step = step;
    }

    /// <summary>Stands for all dimensions not named by the other entries.</summary>
    public static TensorIndex Ellipsis => default;

    /// <summary>Inserts a dimension of size 1.</summary>
    public static TensorIndex NewAxis => new(Kind.NewAxis);

    internal Kind Type { get; }

    internal Index Position { get; }

    internal Range Range { get; }

    internal Tensor? Tensor { get; }

    internal long Step { get; }

    /// <summary>Every <paramref name="step"/>-th element of a range.</summary>
    public static TensorIndex Slice(Range range, long step) => new(Kind.Slice, range: range, step: step);

#pragma warning disable CA2225 // conversions are how entries are written
    /// <summary>The element at a position; negative counts from the end.</summary>
    public static implicit operator TensorIndex(int position) => new(Kind.Position, position < 0 ? new Index(-position, true) : new Index(position));

    /// <summary>The element at a position.</summary>
    public static implicit operator TensorIndex(Index position) => new(Kind.Position, position);

    /// <summary>The elements of a range.</summary>
    public static implicit operator TensorIndex(Range range) => new(Kind.Range, range: range);

    /// <summary>The elements that a tensor of indices or a mask names.</summary>
    public static implicit operator TensorIndex(Tensor tensor) => new(Kind.Tensor, tensor: tensor);
#pragma warning restore CA2225
}
