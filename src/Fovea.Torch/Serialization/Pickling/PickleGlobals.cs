using System.Collections.Frozen;

namespace Fovea.Torch.Serialization.Pickling;

/// <summary>
/// Every name a pickle may mention. Calling one builds plain data here in C#; nothing of Python runs. A name that is not
/// in this table is refused as soon as it is read, whether or not it would be called.
/// </summary>
internal static class PickleGlobals
{
    private static readonly (string Storage, string Name, Dtype Dtype)[] ElementTypes =
    [
        ("Byte", "uint8", Dtype.UInt8), ("Char", "int8", Dtype.Int8), ("Short", "int16", Dtype.Int16), ("Int", "int32", Dtype.Int32),
        ("Long", "int64", Dtype.Int64), ("Half", "float16", Dtype.Float16), ("Float", "float32", Dtype.Float32),
        ("Double", "float64", Dtype.Float64), ("Bool", "bool", Dtype.Bool), ("BFloat16", "bfloat16", Dtype.BFloat16),
    ];

    private static readonly string[] PlainTypes =
        ["set", "frozenset", "list", "dict", "tuple", "int", "float", "str", "bool", "complex", "slice", "range", "xrange", "bytearray"];

    // Plain values that training scripts leave beside their state dicts; they are skipped over, not interpreted.
    private static readonly string[] Inert =
    [
        "torch.device", "argparse.Namespace", "collections.Counter", "_codecs.encode", "numpy.dtype", "numpy.ndarray",
        "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
        "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
        "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.Path",
        // As Python 3.13 calls them.
        "pathlib._local.PosixPath", "pathlib._local.WindowsPath", "pathlib._local.Path",
        .. PlainTypes.Select(static name => $"builtins.{name}"), .. PlainTypes.Select(static name => $"__builtin__.{name}"),
    ];

    private static readonly FrozenDictionary<string, PickleGlobal> Known = Build().ToFrozenDictionary(static global => global.Name, StringComparer.Ordinal);

    public static PickleGlobal? Find(string name) => Known.GetValueOrDefault(name);

    private static IEnumerable<PickleGlobal> Build()
    {
        foreach (var (storage, name, dtype) in ElementTypes)
        {
            yield return new PickleGlobal($"torch.{storage}Storage", null) { Dtype = dtype };
            yield return new PickleGlobal($"torch.{name}", null) { Dtype = dtype };
        }

        yield return new PickleGlobal("torch.storage.UntypedStorage", null) { Dtype = Dtype.UInt8 };
        yield return new PickleGlobal("torch.UntypedStorage", null) { Dtype = Dtype.UInt8 };
        yield return new PickleGlobal("torch._utils._rebuild_tensor", static call => Tensor(call, null));
        yield return new PickleGlobal("torch._utils._rebuild_tensor_v2", static call => Tensor(call, null));
        yield return new PickleGlobal("torch._utils._rebuild_tensor_v3", static call => Tensor(call, 6));
        yield return new PickleGlobal("torch._utils._rebuild_parameter", static call => call.Get<PickleTensor>(0, "a tensor"));
        yield return new PickleGlobal("torch._utils._rebuild_parameter_with_state", static call => call.Get<PickleTensor>(0, "a tensor"));
        yield return new PickleGlobal("torch._tensor._rebuild_from_type_v2", RebuildFromType);
        yield return new PickleGlobal("torch.Tensor", null);
        yield return new PickleGlobal("torch.nn.parameter.Parameter", null);
        yield return new PickleGlobal("torch.nn.parameter.Buffer", null);
        yield return new PickleGlobal("torch.Size", static call => new PickleTuple([.. call.Integers(0).Select(static size => (object?)size)]));
        yield return new PickleGlobal("collections.OrderedDict", OrderedDict);
        yield return new PickleGlobal("collections.defaultdict", static _ => new PickleDict());
        foreach (var name in Inert)
            yield return new PickleGlobal(name, _ => new PickleOpaque(name));
    }

    /// <summary>(storage, offset, size, stride, ...): a view; version 3 has the element type apart from its untyped storage.</summary>
    private static PickleTensor Tensor(PickleArguments call, int? dtypeAt)
    {
        var storage = call.Get<PickleStorage>(0, "a storage");
        var dtype = storage.Dtype;
        if (dtypeAt is { } at)
            dtype = call.Get<PickleGlobal>(at, "an element type").Dtype ?? throw call.Wrong(at, "an element type");
        var shape = call.Integers(2);
        var strides = call.Integers(3);
        return strides.Length == shape.Length
            ? new PickleTensor(storage, dtype, call.Integer(1), shape, strides)
            : throw call.Wrong(3, $"{shape.Length} strides, one for every dimension");
    }

    /// <summary>(function, type, arguments, state): a tensor with attributes, which are dropped.</summary>
    private static object? RebuildFromType(PickleArguments call)
    {
        var function = call.Get<PickleGlobal>(0, "a function");
        if (function.Call is null || ReferenceEquals(function, Find(call.Function)))
            throw call.Wrong(0, "a function that rebuilds a tensor");
        return function.Call(new PickleArguments(call.File, function.Name, call.Get<PickleTuple>(2, "a tuple").Items));
    }

    private static PickleDict OrderedDict(PickleArguments call)
    {
        var dict = new PickleDict();
        if (call.Count == 0)
            return dict;
        foreach (var item in call.Get<List<object?>>(0, "a list of pairs"))
        {
            var pair = item switch
            {
                PickleTuple tuple => tuple.Items,
                List<object?> list => [.. list],
                _ => [],
            };
            if (pair.Length != 2)
                throw call.Wrong(0, "a list of pairs");
            dict.Items.Add(new(pair[0], pair[1]));
        }

        return dict;
    }
}
