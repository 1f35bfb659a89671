using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fovea.Torch.Serialization;

/// <summary>
/// The contents of a tensor in a file or on its way into one: element type, shape, and bytes that may still lie in the
/// mapped file. It needs no tensor engine, and is valid as long as the <see cref="WeightsFile"/> it came from is open.
/// </summary>
public sealed unsafe class TensorData
{
    private readonly ByteSource source;
    private readonly long[] shape;
    private readonly long[]? strides;
    private readonly long start;

    /// <summary>Contiguous data; the caller has checked that the bytes are as many as the shape says.</summary>
    internal TensorData(Dtype dtype, long[] shape, ByteSource source)
    {
        Dtype = dtype;
        this.shape = shape;
        this.source = source;
        Count = shape.Aggregate(1L, static (product, size) => product * size);
    }

    /// <summary>A strided view of a storage, offset and strides in elements; the caller has checked that it lies inside.</summary>
    internal TensorData(Dtype dtype, long[] shape, ByteSource source, long offset, long[] strides)
        : this(dtype, shape, source)
    {
        start = offset * dtype.Size();
        this.strides = HasRowMajorStrides(shape, strides) ? null : strides;
    }

    /// <summary>Element type.</summary>
    public Dtype Dtype { get; }

    /// <summary>Sizes of the dimensions; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape => shape;

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Number of bytes of the elements in row-major order.</summary>
    public long ByteCount => Count * Dtype.Size();

    /// <summary>Copies an array into tensor data.</summary>
    /// <typeparam name="T">byte, sbyte, short, int, long, Half, float, double or bool.</typeparam>
    /// <param name="values">The elements in row-major order.</param>
    /// <param name="shape">Sizes of the dimensions; their product is the number of elements.</param>
    /// <exception cref="FoveaException">The shape does not fit the values.</exception>
    public static TensorData FromArray<T>(ReadOnlySpan<T> values, params long[] shape) where T : unmanaged
    {
        var dtype = DtypeExtensions.Of<T>();
        var count = shape.Aggregate(1L, static (product, size) => checked(product * size));
        if (count != values.Length)
            throw new FoveaException($"found {values.Length} values, expected {count} for the shape [{string.Join(", ", shape)}]");
        var bytes = GC.AllocateUninitializedArray<byte>(checked(values.Length * sizeof(T)), pinned: true);
        MemoryMarshal.AsBytes(values).CopyTo(bytes);
        return new TensorData(dtype, [.. shape], ByteSource.OfPinned(bytes));
    }

    /// <summary>Takes memory that <paramref name="owner"/> keeps alive, without copying.</summary>
    internal static TensorData FromMemory(Dtype dtype, long[] shape, object owner, byte* memory, long byteCount) =>
        new(dtype, shape, ByteSource.Of(owner, memory, byteCount));

    /// <summary>A run of the elements as data of its own, without copying.</summary>
    /// <param name="from">Position of its first element in row-major order.</param>
    /// <param name="shape">Its sizes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The run lies outside.</exception>
    /// <exception cref="InvalidOperationException">The elements do not lie in row-major order.</exception>
    public TensorData Part(long from, params long[] shape)
    {
        if (strides is not null)
            throw new InvalidOperationException("found strided elements, expected them in row-major order");
        var count = shape.Aggregate(1L, static (product, size) => checked(product * size));
        return from >= 0 && count >= 0 && from <= Count - count
            ? new TensorData(Dtype, [.. shape], source.Slice(start + from * Dtype.Size(), count * Dtype.Size()))
            : throw new ArgumentOutOfRangeException(nameof(from), $"{from}+{count} lies outside {Count} elements");
    }

    /// <summary>Copies the elements in row-major order.</summary>
    /// <param name="destination">Receives <see cref="ByteCount"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length != ByteCount)
            throw new ArgumentException($"found room for {destination.Length} bytes, expected {ByteCount}", nameof(destination));
        fixed (byte* target = destination)
            CopyTo(target);
    }

    /// <summary>The elements in row-major order.</summary>
    /// <typeparam name="T">The .NET type of <see cref="Dtype"/>.</typeparam>
    /// <exception cref="FoveaException">The elements are of another type.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        if (DtypeExtensions.Of<T>() != Dtype)
            throw new FoveaException($"the elements are {Dtype}, not {typeof(T).Name}");
        var values = GC.AllocateUninitializedArray<T>(checked((int)Count));
        fixed (T* target = values)
            CopyTo((byte*)target);
        return values;
    }

    /// <summary>Whether type, shape and every element are those of another.</summary>
    public bool HasSameElements(TensorData other)
    {
        if (Dtype != other.Dtype || !shape.AsSpan().SequenceEqual(other.shape))
            return false;
        var (own, given) = (new byte[ByteCount], new byte[ByteCount]);
        CopyTo(own);
        other.CopyTo(given);
        return own.AsSpan().SequenceEqual(given);
    }

    /// <summary>"Float32[64, 3, 7, 7]".</summary>
    public override string ToString() => $"{Dtype}[{string.Join(", ", shape)}]";

    /// <summary>Copies the elements in row-major order to memory that has room for <see cref="ByteCount"/> bytes.</summary>
    internal void CopyTo(byte* target)
    {
        var from = source.Pointer + start;
        if (Count == 0)
            return;
        if (strides is null)
            Buffer.MemoryCopy(from, target, ByteCount, ByteCount);
        else
            CopyDimension(0, from, ref target);
        GC.KeepAlive(source);
    }

    /// <summary>Writes the elements in row-major order.</summary>
    internal void WriteTo(Stream stream)
    {
        const int Chunk = 1 << 24;
        if (strides is not null)
        {
            var bytes = GC.AllocateUninitializedArray<byte>(checked((int)ByteCount));
            CopyTo(bytes);
            stream.Write(bytes);
            return;
        }

        var from = source.Pointer + start;
        for (var done = 0L; done < ByteCount; done += Chunk)
            stream.Write(new ReadOnlySpan<byte>(from + done, (int)Math.Min(Chunk, ByteCount - done)));
        GC.KeepAlive(source);
    }

    private void CopyDimension(int dimension, byte* from, ref byte* target)
    {
        var size = Dtype.Size();
        if (dimension == shape.Length)
        {
            Unsafe.CopyBlockUnaligned(target, from, (uint)size);
            target += size;
            return;
        }

        var step = strides![dimension] * size;
        if (dimension < shape.Length - 1)
        {
            for (var i = 0L; i < shape[dimension]; i++)
                CopyDimension(dimension + 1, from + i * step, ref target);
            return;
        }

        switch (size)
        {
            case 1:
                CopyRow<byte>(from, step, shape[dimension], ref target);
                break;
            case 2:
                CopyRow<ushort>(from, step, shape[dimension], ref target);
                break;
            case 4:
                CopyRow<uint>(from, step, shape[dimension], ref target);
                break;
            default:
                CopyRow<ulong>(from, step, shape[dimension], ref target);
                break;
        }
    }

    private static void CopyRow<T>(byte* from, long step, long count, ref byte* target) where T : unmanaged
    {
        if (step == sizeof(T))
        {
            Buffer.MemoryCopy(from, target, count * sizeof(T), count * sizeof(T));
            target += count * sizeof(T);
            return;
        }

        for (var i = 0L; i < count; i++, from += step, target += sizeof(T))
            Unsafe.WriteUnaligned(target, Unsafe.ReadUnaligned<T>(from));
    }

    private static bool HasRowMajorStrides(long[] shape, long[] strides)
    {
        var expected = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] != 1 && strides[i] != expected)
                return false;
            expected *= shape[i];
        }

        return true;
    }
}
