using System.Globalization;
using System.Text;

namespace Fovea.Torch.Native;

/// <summary>Calls operators of libtorch through its dispatcher, finding each by name the first time it is used.</summary>
internal static unsafe class Dispatcher
{
    /// <summary>Calls an operator; <paramref name="handle"/> remembers where it was found.</summary>
    /// <exception cref="TorchException">The operator failed; the message carries its name and the shapes it got.</exception>
    public static void Call(ref nint handle, string name, string overload, NativeValue* arguments, int count, NativeValue* results, int capacity)
    {
        if (handle == 0)
            handle = Find(name, overload);
        int returned;
        if (NativeMethods.ft_op_call(handle, arguments, count, results, capacity, &returned) != 0)
            throw Failure(name, arguments, count);
        OperatorTrace.Current?.Record(name, arguments, count, results, returned);
    }

    /// <summary>Whether this libtorch has an operator.</summary>
    public static bool Exists(string name, string overload)
    {
        TorchRuntime.EnsureLoaded();
        nint found;
        return NativeMethods.ft_op_find(name, overload, &found) == 0;
    }

    private static nint Find(string name, string overload)
    {
        TorchRuntime.EnsureLoaded();
        nint found;
        NativeMethods.Check(NativeMethods.ft_op_find(name, overload, &found), name);
        return found;
    }

    private static TorchException Failure(string name, NativeValue* arguments, int count)
    {
        var reason = NativeMethods.LastError();
        if (ManagedCallbacks.TakePending() is { } pending)
            return new TorchException(name, pending.Message, pending);
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            if (arguments[i].Kind is ValueKind.Default or ValueKind.None)
                continue;
            text.Append(text.Length > 0 ? ", " : "").Append(Describe(arguments[i]));
        }

        return new TorchException(name, text.ToString(), reason);
    }

    private static string Describe(NativeValue value) => value.Kind switch
    {
        ValueKind.Tensor => DescribeTensor(value.Pointer),
        ValueKind.Int => value.Integer.ToString(CultureInfo.InvariantCulture),
        ValueKind.Bool => value.Integer != 0 ? "true" : "false",
        ValueKind.Double => value.Real.ToString(CultureInfo.InvariantCulture),
        ValueKind.IntList => $"[{string.Join(", ", new ReadOnlySpan<long>((void*)value.Pointer, value.Length).ToArray())}]",
        ValueKind.TensorList or ValueKind.OptionalTensorList =>
            $"[{string.Join(", ", new ReadOnlySpan<nint>((void*)value.Pointer, value.Length).ToArray().Take(8).Select(DescribeTensor))}]",
        _ => value.Kind.ToString(),
    };

    internal static long[]? SizesOf(nint handle)
    {
        NativeInfo info;
        if (NativeMethods.ft_tensor_info(handle, &info) != 0)
            return null;
        var sizes = new long[info.Rank];
        fixed (long* pointer = sizes)
            _ = NativeMethods.ft_tensor_sizes(handle, pointer);
        return sizes;
    }

    private static string DescribeTensor(nint handle)
    {
        if (handle == 0)
            return "none";
        NativeInfo info;
        return SizesOf(handle) is { } sizes && NativeMethods.ft_tensor_info(handle, &info) == 0 ? $"{(Dtype)info.Dtype}[{string.Join(", ", sizes)}]" : "?";
    }
}
