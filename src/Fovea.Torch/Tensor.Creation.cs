using Fovea.Torch.Native;

namespace Fovea.Torch;

/// <content>Making tensors.</content>
public sealed partial class Tensor
{
    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape, Dtype dtype = Dtype.Float32, Device device = default) => Aten.Zeros(shape, dtype, device);

    /// <summary>A tensor of ones.</summary>
    public static Tensor Ones(Shape shape, Dtype dtype = Dtype.Float32, Device device = default) => Aten.Ones(shape, dtype, device);

    /// <summary>A tensor whose elements are all <paramref name="value"/>.</summary>
    public static Tensor Full(Shape shape, Scalar value, Dtype dtype = Dtype.Float32, Device device = default) => Aten.Full(shape, value, dtype, device);

    /// <summary>A tensor whose values are whatever the memory held.</summary>
    public static Tensor Empty(Shape shape, Dtype dtype = Dtype.Float32, Device device = default) => Aten.Empty(shape, dtype, device);

    /// <summary>Uniform random values in [0, 1).</summary>
    public static Tensor Rand(Shape shape, Dtype dtype = Dtype.Float32, Device device = default) => Aten.Rand(shape, dtype, device);

    /// <summary>Random values of the standard normal distribution.</summary>
    public static Tensor Randn(Shape shape, Dtype dtype = Dtype.Float32, Device device = default) => Aten.Randn(shape, dtype, device);

    /// <summary>0, 1, ... up to but not including <paramref name="end"/>.</summary>
    public static Tensor Arange(long end, Dtype dtype = Dtype.Int64, Device device = default) => Aten.Arange(end, dtype, device);

    /// <summary>A tensor with a copy of the array's values.</summary>
    public static Tensor FromArray<T>(T[] values) where T : unmanaged => FromSpan<T>(values, [values.Length]);

    /// <summary>A tensor of the given shape with a copy of the array's values in row-major order.</summary>
    /// <exception cref="ArgumentException">The shape holds another number of elements.</exception>
    public static Tensor FromArray<T>(T[] values, Shape shape) where T : unmanaged => FromSpan<T>(values, shape);

    /// <summary>A two-dimensional tensor with a copy of the array's values.</summary>
    public static unsafe Tensor FromArray<T>(T[,] values) where T : unmanaged
    {
        fixed (T* pointer = values)
            return FromSpan(new ReadOnlySpan<T>(pointer, values.Length), [values.GetLength(0), values.GetLength(1)]);
    }

    /// <summary>A tensor of the given shape with a copy of the values in row-major order.</summary>
    /// <exception cref="ArgumentException">The shape holds another number of elements.</exception>
    public static unsafe Tensor FromSpan<T>(ReadOnlySpan<T> values, Shape shape) where T : unmanaged
    {
        if (shape.Count != values.Length)
            throw new ArgumentException($"found {values.Length} values, expected {shape.Count} for shape {shape}", nameof(values));
        fixed (T* pointer = values)
            return FromMemory(pointer, shape, DtypeExtensions.Of<T>());
    }

    /// <summary>A tensor of any element type with a copy of raw bytes (bfloat16 has no .NET type of its own).</summary>
    /// <exception cref="ArgumentException">The shape needs another number of bytes.</exception>
    public static unsafe Tensor FromBytes(ReadOnlySpan<byte> bytes, Shape shape, Dtype dtype)
    {
        if (shape.Count * dtype.Size() != bytes.Length)
            throw new ArgumentException($"found {bytes.Length} bytes, expected {shape.Count * dtype.Size()} for {dtype} {shape}", nameof(bytes));
        fixed (byte* pointer = bytes)
            return FromMemory(pointer, shape, dtype);
    }

    /// <summary>A tensor without dimensions that holds one value.</summary>
    public static Tensor FromScalar<T>(T value) where T : unmanaged => FromSpan<T>([value], []);

    private static unsafe Tensor FromMemory(void* data, Shape shape, Dtype dtype)
    {
        TorchRuntime.EnsureLoaded();
        nint handle;
        fixed (long* sizes = shape.Span)
            NativeMethods.Check(NativeMethods.ft_tensor_from_memory(data, sizes, shape.Rank, (int)dtype, &handle), "from_memory");
        return new Tensor(handle);
    }
}
