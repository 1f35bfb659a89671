namespace Fovea.Torch.Serialization.Pickling;

/// <summary>A Python tuple. Lists are <see cref="List{T}"/>; integers are long or BigInteger.</summary>
internal sealed record PickleTuple(object?[] Items)
{
    public static readonly PickleTuple Empty = new([]);
}

/// <summary>A Python dict or OrderedDict: pairs in order; keys are not hashed, the last of equal ones counts.</summary>
internal sealed class PickleDict
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];

    /// <summary>The pairs whose key is text, in the order in which the keys first appear.</summary>
    public OrderedDictionary<string, object?> ByName()
    {
        var named = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in Items)
        {
            if (key is string name)
                named[name] = value;
        }

        return named;
    }
}

/// <summary>A value that is of no interest here and is carried along unread, such as a NumPy scalar.</summary>
internal sealed record PickleOpaque(string Kind);

/// <summary>A name that the unpickler knows: a constant, or a function it may call.</summary>
/// <param name="Name">Module and name, dotted.</param>
/// <param name="Call">What calling it means, null for a constant.</param>
internal sealed record PickleGlobal(string Name, Func<PickleArguments, object?>? Call)
{
    /// <summary>The element type that a storage class or dtype constant stands for.</summary>
    public Dtype? Dtype { get; init; }
}

/// <summary>A storage by its key in the file; where its bytes lie is filled in by the reader of the file.</summary>
internal sealed class PickleStorage(string key, Dtype dtype, long count)
{
    public string Key => key;

    public Dtype Dtype => dtype;

    /// <summary>Number of elements.</summary>
    public long Count => count;

    public ByteSource? Source { get; set; }
}

/// <summary>A tensor as the pickle describes it: a strided view of a storage, everything counted in elements.</summary>
internal sealed record PickleTensor(PickleStorage Storage, Dtype Dtype, long Offset, long[] Shape, long[] Strides);
