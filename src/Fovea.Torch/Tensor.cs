using Fovea.Torch.Native;

namespace Fovea.Torch;

/// <summary>
/// An array of numbers of any rank on the processor or a GPU. Operators are methods (<c>x.Relu()</c>, <c>x.Add(y)</c>);
/// those that start from no tensor are in <see cref="Aten"/>.
/// </summary>
/// <remarks>
/// Dispose it, make it inside a <see cref="TensorScope"/>, or leave it to the finaliser, which is the slow safety net.
/// Not safe for use by several threads at once.
/// </remarks>
public sealed partial class Tensor : IDisposable
{
    // The collector must know what hangs on a small object; below this many bytes telling costs more than it helps.
    private const long PressureThreshold = 64 * 1024;

    private static long liveCount;

    private nint handle;
    private Shape shape;
    private bool shapeKnown;
    private Safety? safety;

    internal Tensor(nint handle)
    {
        this.handle = handle;
        Interlocked.Increment(ref liveCount);
        if (TensorScope.Current is { } scope)
        {
            Owner = scope;
            scope.Add(this);
        }
        else
        {
            safety = new Safety(handle, Info().Bytes);
        }
    }

    /// <summary>Sizes of the dimensions.</summary>
    public Shape Shape
    {
        get
        {
            if (!shapeKnown)
            {
                shape = ReadSizes();
                shapeKnown = true;
            }

            return shape;
        }
    }

    /// <summary>Type of the elements.</summary>
    public Dtype Dtype => (Dtype)Info().Dtype;

    /// <summary>Where the elements are.</summary>
    public Device Device
    {
        get
        {
            var info = Info();
            return new Device((DeviceType)info.DeviceType, Math.Max(0, info.DeviceIndex));
        }
    }

    /// <summary>Number of dimensions.</summary>
    public int Rank => Shape.Rank;

    /// <summary>Number of elements.</summary>
    public long Count => Info().Count;

    /// <summary>Steps in elements between neighbours along each dimension.</summary>
    public unsafe long[] Strides
    {
        get
        {
            var strides = new long[Rank];
            fixed (long* pointer = strides)
                NativeMethods.Check(NativeMethods.ft_tensor_strides(Handle, pointer), "strides");
            GC.KeepAlive(this);
            return strides;
        }
    }

    /// <summary>Whether this has been disposed.</summary>
    public bool IsDisposed => handle == 0;

    internal static long LiveCount => Interlocked.Read(ref liveCount);

    internal TensorScope? Owner { get; private set; }

    internal nint Handle => handle != 0 ? handle : throw new ObjectDisposedException(nameof(Tensor), "this tensor was disposed, by Dispose or by the end of the TensorScope it was made in (use scope.Keep to let one out)");

    /// <summary>Whether the elements lie in memory in the given order without gaps.</summary>
    public unsafe bool IsContiguous(MemoryFormat format = MemoryFormat.Contiguous)
    {
        int result;
        NativeMethods.Check(NativeMethods.ft_tensor_is_contiguous(Handle, (int)format, &result), "is_contiguous");
        GC.KeepAlive(this);
        return result != 0;
    }

    /// <summary>Frees the tensor's hold on its memory at once.</summary>
    public void Dispose()
    {
        var owned = Interlocked.Exchange(ref handle, 0);
        if (owned == 0)
            return;
        Owner = null;
        if (safety is null)
            Free(owned);
        else
            safety.Dispose();
    }

    /// <summary>A second handle on the same tensor, with a life of its own.</summary>
    public unsafe Tensor Share()
    {
        nint shared;
        NativeMethods.Check(NativeMethods.ft_tensor_share(Handle, &shared), "share");
        OperatorTrace.Current?.Alias(Handle, shared);
        GC.KeepAlive(this);
        return new Tensor(shared);
    }

    /// <summary>Lets the tensor outlive every scope: it is freed by <see cref="Dispose"/> or the finaliser.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Escape()
    {
        MoveTo(null);
        return this;
    }

    /// <summary>Replaces what this tensor holds (values, shape, dtype, device) while it stays the same tensor to optimizers.</summary>
    public void SetData(Tensor data)
    {
        NativeMethods.Check(NativeMethods.ft_tensor_set_data(Handle, data.Handle), "set_data");
        shapeKnown = false;
        GC.KeepAlive(this);
        GC.KeepAlive(data);
    }

    internal void MoveTo(TensorScope? scope)
    {
        Owner = scope;
        if (scope is not null)
            scope.Add(this);
        else
            safety ??= new Safety(Handle, Info().Bytes);
    }

    private static void Free(nint handle)
    {
        OperatorTrace.Current?.Forget(handle);
        _ = NativeMethods.ft_tensor_free(handle);
        Interlocked.Decrement(ref liveCount);
    }

    private unsafe NativeInfo Info()
    {
        NativeInfo info;
        NativeMethods.Check(NativeMethods.ft_tensor_info(Handle, &info), "info");
        GC.KeepAlive(this);
        return info;
    }

    private unsafe Shape ReadSizes()
    {
        var sizes = new long[Info().Rank];
        fixed (long* pointer = sizes)
            NativeMethods.Check(NativeMethods.ft_tensor_sizes(Handle, pointer), "sizes");
        GC.KeepAlive(this);
        return new Shape(sizes);
    }

    /// <summary>
    /// Frees a tensor that no scope owns when the collector finds it unreachable. Tensors in a scope go without: finalisable
    /// objects are slow to make, and the scope frees them for certain.
    /// </summary>
    private sealed class Safety : IDisposable
    {
        private readonly nint handle;
        private readonly long pressure;

        public Safety(nint handle, long bytes)
        {
            this.handle = handle;
            if (bytes < PressureThreshold)
                return;
            pressure = bytes;
            GC.AddMemoryPressure(bytes);
        }

        ~Safety() => Free();

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Free()
        {
            Tensor.Free(handle);
            if (pressure != 0)
                GC.RemoveMemoryPressure(pressure);
        }
    }
}
