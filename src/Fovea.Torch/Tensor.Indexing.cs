namespace Fovea.Torch;

/// <content>Indexing: <c>t[0, 1..3, mask]</c>.</content>
public sealed partial class Tensor
{
    /// <summary>
    /// Part of the tensor: views for numbers and ranges, a copy where tensors of indices or masks are involved. Assigning
    /// writes into this tensor.
    /// </summary>
    public Tensor this[params ReadOnlySpan<TensorIndex> indices]
    {
        get
        {
            using var scope = new TensorScope();
            var (view, tensors) = ApplyViews(indices);
            return scope.Keep(tensors is null ? ReferenceEquals(view, this) ? Alias() : view : view.Index(tensors));
        }

        set
        {
            using var scope = new TensorScope();
            var (view, tensors) = ApplyViews(indices);
            if (tensors is null)
                view.CopyInPlace(value);
            else
                view.IndexPutInPlace(tensors, value);
        }
    }

    private (Tensor View, List<Tensor?>? Tensors) ApplyViews(ReadOnlySpan<TensorIndex> indices)
    {
        var consumed = 0;
        foreach (var index in indices)
        {
            consumed += index.Type switch
            {
                TensorIndex.Kind.Ellipsis or TensorIndex.Kind.NewAxis => 0,
                TensorIndex.Kind.Tensor when index.Tensor!.Dtype == Dtype.Bool => index.Tensor.Rank,
                _ => 1,
            };
        }

        if (consumed > Rank)
            throw new ArgumentException($"found {consumed} indices for a tensor of shape {Shape}, expected at most {Rank}", nameof(indices));
        var view = this;
        var dimension = 0;
        var selected = 0;

        // A mask of several dimensions is one tensor that takes the place of as many.
        var (tensors, taken) = ((List<Tensor?>?)null, 0);
        foreach (var index in indices)
        {
            switch (index.Type)
            {
                case TensorIndex.Kind.Ellipsis:
                    dimension += Rank - consumed;
                    break;
                case TensorIndex.Kind.NewAxis:
                    view = view.Unsqueeze(dimension++);
                    break;
                case TensorIndex.Kind.Position:
                    view = view.Select(dimension, OffsetOf(index.Position, view.Shape[dimension], dimension + selected));
                    selected++;
                    break;
                case TensorIndex.Kind.Tensor:
                    tensors ??= [];
                    for (; taken < dimension; taken++)
                        tensors.Add(null);
                    tensors.Add(index.Tensor);
                    dimension += index.Tensor!.Dtype == Dtype.Bool ? index.Tensor.Rank : 1;
                    taken = dimension;
                    break;
                default:
                    var size = view.Shape[dimension];
                    view = view.Slice(dimension, Bound(index.Range.Start, size), Bound(index.Range.End, size), index.Step);
                    dimension++;
                    break;
            }
        }

        return (view, tensors);
    }

    private static long Bound(Index index, long size) => index.IsFromEnd ? Math.Max(0, size - index.Value) : Math.Min(index.Value, size);

    private long OffsetOf(Index index, long size, int dimension)
    {
        var offset = index.IsFromEnd ? size - index.Value : index.Value;
        return offset >= 0 && offset < size
            ? offset
            : throw new ArgumentOutOfRangeException(nameof(index), $"found index {index} in dimension {dimension} of shape {Shape}, expected 0 to {size - 1}");
    }
}
