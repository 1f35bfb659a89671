using System.Runtime.InteropServices;

namespace Fovea.Torch.Native;

/// <summary>Kind of a <see cref="NativeValue"/>; mirrors <c>ft_kind</c>.</summary>
internal enum ValueKind
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    IntList = 5,
    DoubleList = 6,
    BoolList = 7,
    TensorList = 8,
    OptionalTensorList = 9,
    String = 10,
    Device = 11,
    Default = 12,
}

/// <summary>An argument or a result of an operator; mirrors <c>ft_value</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct NativeValue
{
    [FieldOffset(0)]
    public ValueKind Kind;

    [FieldOffset(4)]
    public int Length;

    [FieldOffset(8)]
    public long Integer;

    [FieldOffset(8)]
    public double Real;

    [FieldOffset(8)]
    public nint Pointer;

    public static NativeValue None => default;

    public static NativeValue Default => new() { Kind = ValueKind.Default };

    public static NativeValue Of(Tensor tensor) => new() { Kind = ValueKind.Tensor, Pointer = tensor.Handle };

    public static NativeValue Of(long value) => OfInteger(ValueKind.Int, value);

    public static NativeValue Of(bool value) => OfInteger(ValueKind.Bool, value ? 1 : 0);

    public static NativeValue Of(double value) => new() { Kind = ValueKind.Double, Real = value };

    public static NativeValue Of(Dtype value) => OfInteger(ValueKind.Int, (long)value);

    public static NativeValue Of(MemoryFormat value) => OfInteger(ValueKind.Int, (long)value);

    public static NativeValue Of(Device value) => new() { Kind = ValueKind.Device, Length = (int)value.Type, Integer = value.IsCuda ? value.Index : -1 };

    public static NativeValue Of(Scalar value) => value.ToNative();

    public static NativeValue OfInteger(ValueKind kind, long value) => new() { Kind = kind, Integer = value };

    public static NativeValue List(ValueKind kind, void* data, int length) => new() { Kind = kind, Length = length, Pointer = (nint)data };

    public static void Gather(IReadOnlyList<Tensor?> tensors, Span<nint> handles)
    {
        for (var i = 0; i < tensors.Count; i++)
            handles[i] = tensors[i]?.Handle ?? 0;
    }

    /// <summary>Lets go of a tensor that an in-place operator handed back.</summary>
    public readonly void Release()
    {
        if (Pointer != 0)
            NativeMethods.Check(NativeMethods.ft_tensor_free(Pointer), "tensor_free");
    }

    /// <summary>Takes ownership of a result; null for an undefined tensor (a gradient that was not asked for).</summary>
    public readonly Tensor TakeTensor() => Pointer == 0 ? null! : new Tensor(Pointer);

    /// <summary>Takes ownership of a list of results.</summary>
    public readonly Tensor[] TakeTensors()
    {
        var handles = new ReadOnlySpan<nint>((void*)Pointer, Length);
        var tensors = new Tensor[Length];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = handles[i] == 0 ? null! : new Tensor(handles[i]);
        NativeMethods.Check(NativeMethods.ft_free(Pointer), "free");
        return tensors;
    }
}
