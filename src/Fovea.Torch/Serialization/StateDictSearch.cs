using System.Globalization;
using Fovea.Torch.Serialization.Pickling;

namespace Fovea.Torch.Serialization;

/// <summary>Finds the state dict in what a PyTorch file holds, which is often nested among other things.</summary>
internal static class StateDictSearch
{
    private const int MaxDepth = 6;

    // What a few elements may expand to by strides of zero; more than this in a file is a trap.
    private const long MaxExpansion = 1 << 24;

    private static readonly string[] UsualNames =
        ["state_dict", "model_state_dict", "model_state", "model", "net", "network", "network_weights", "module", "weights", "params"];

    private static readonly string[] Prefixes = ["module.", "_orig_mod."];

    public static WeightsFile Find(MappedFile file, WeightsFormat format, object? root, string? section)
    {
        if (root is not PickleDict dict)
            throw new DataException(file.Path, null, PickleArguments.Describe(root), "a state dict, or a dict that holds one");
        var path = new List<string>();
        var found = section is null ? Descend(file, dict, path) : Choose(file, dict, section, path);
        var (names, prefix) = Strip(found.ByName());
        var tensors = new OrderedDictionary<string, TensorData>(StringComparer.Ordinal);
        var leftOut = new List<string>();
        foreach (var (name, value) in names)
        {
            if (value is PickleTensor tensor)
                tensors.Add(name, View(file, name, tensor));
            else
                leftOut.Add(name);
        }

        return new WeightsFile(file, format, tensors)
        {
            Metadata = path.Count == 0 ? new Dictionary<string, string>() : Texts(dict),
            Section = string.Join('.', path),
            StrippedPrefix = prefix,
            LeftOut = leftOut,
        };
    }

    private static PickleDict Descend(MappedFile file, PickleDict dict, List<string> path)
    {
        for (var depth = 0; depth < MaxDepth; depth++)
        {
            var named = dict.ByName();
            var inner = named.Where(static pair => pair.Value is PickleDict).Select(static pair => pair.Key).ToList();
            if (named.Values.Any(static value => value is PickleTensor) && !inner.Any(IsUsual))
                return dict;
            var next = Array.Find(UsualNames, inner.Contains)
                ?? (inner.Where(name => HoldsTensors((PickleDict)named[name]!)).ToList() is [var only] ? only : null);
            if (next is null)
            {
                throw new DataException(file.Path, path.Count == 0 ? null : string.Join('.', path), $"a dict with the keys {Listed(named.Keys)}",
                    $"a state dict, or one under a usual name ({string.Join(", ", UsualNames)}); choose the section to load by its name");
            }

            path.Add(next);
            dict = (PickleDict)named[next]!;
        }

        throw new DataException(file.Path, string.Join('.', path), "dicts nested too deeply", $"a state dict within {MaxDepth} levels");
    }

    private static PickleDict Choose(MappedFile file, PickleDict dict, string section, List<string> path)
    {
        foreach (var name in section.Split('.'))
        {
            var named = dict.ByName();
            path.Add(name);
            dict = named.GetValueOrDefault(name) as PickleDict
                ?? throw new DataException(file.Path, string.Join('.', path), "nothing, or no dict", $"one of {Listed(named.Keys)}");
        }

        return dict;
    }

    private static bool IsUsual(string name) => Array.IndexOf(UsualNames, name) >= 0;

    private static bool HoldsTensors(PickleDict dict) => dict.Items.Any(static pair => pair is { Key: string, Value: PickleTensor });

    private static string Listed(IEnumerable<string> keys)
    {
        var all = keys.ToList();
        return all.Count == 0 ? "(none)" : string.Join(", ", all.Take(12).Select(static key => key.Length > 60 ? key[..60] + "..." : key)) + (all.Count > 12 ? ", ..." : "");
    }

    /// <summary>Takes off what wrappers such as DataParallel put before every name.</summary>
    private static (OrderedDictionary<string, object?> Names, string Prefix) Strip(OrderedDictionary<string, object?> names)
    {
        var stripped = "";
        while (names.Count > 0 && Array.Find(Prefixes, prefix => names.Keys.All(name => name.StartsWith(prefix, StringComparison.Ordinal))) is { } common)
        {
            stripped += common;
            names = new(names.Select(pair => new KeyValuePair<string, object?>(pair.Key[common.Length..], pair.Value)), StringComparer.Ordinal);
        }

        return (names, stripped);
    }

    private static Dictionary<string, string> Texts(PickleDict dict)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in dict.ByName())
        {
            if (value is string or long or double or bool)
                texts[name] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        }

        return texts;
    }

    private static TensorData View(MappedFile file, string name, PickleTensor tensor)
    {
        var (storage, dtype) = (tensor.Storage, tensor.Dtype);
        var size = dtype.Size();
        var available = storage.Source!.Length / size;
        if (storage.Source.Length < storage.Count * storage.Dtype.Size())
        {
            throw new DataException(file.Path, $"storage {storage.Key} of {name}", $"{storage.Source.Length} bytes",
                $"{storage.Count} elements of {storage.Dtype}");
        }

        UInt128 count = 1, last = (UInt128)tensor.Offset;
        for (var i = 0; i < tensor.Shape.Length; i++)
        {
            count = UInt128.Min(count * (UInt128)tensor.Shape[i], ulong.MaxValue);
            last += tensor.Shape[i] == 0 ? 0 : UInt128.Min(((UInt128)tensor.Shape[i] - 1) * (UInt128)tensor.Strides[i], ulong.MaxValue);
        }

        if (count > (UInt128)Math.Max(available, MaxExpansion) || (count > 0 && last >= (UInt128)available) || tensor.Offset > available)
        {
            throw new DataException(file.Path, name,
                $"a view [{string.Join(", ", tensor.Shape)}] with strides [{string.Join(", ", tensor.Strides)}] at {tensor.Offset}",
                $"one within the {available} elements of its storage");
        }

        return count == 0
            ? new TensorData(dtype, tensor.Shape, storage.Source.Slice(0, 0))
            : new TensorData(dtype, tensor.Shape, storage.Source, tensor.Offset, tensor.Strides);
    }
}
