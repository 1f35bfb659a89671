using Fovea.Torch.Native;

namespace Fovea.Torch;

/// <content>Reading values, moving between types and devices.</content>
public sealed partial class Tensor
{
    /// <summary>
    /// The values in row-major order, without a copy. The tensor must stay alive while the span is used.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tensor is on a GPU, not contiguous, or of another element type.</exception>
    public unsafe Span<T> Span<T>() where T : unmanaged
    {
        var info = Info();
        if (info.DeviceType != 0)
            throw new InvalidOperationException($"found a tensor on {Device}, expected one on the cpu; move it with .To(Device.Cpu)");
        if ((Dtype)info.Dtype != DtypeExtensions.Of<T>())
            throw new InvalidOperationException($"found elements of {(Dtype)info.Dtype}, expected {DtypeExtensions.Of<T>()}; convert with .To(Dtype...)");
        if (!IsContiguous())
            throw new InvalidOperationException($"found a tensor of shape {Shape} with strides [{string.Join(", ", Strides)}], expected a contiguous one; use .Contiguous()");
        void* data;
        NativeMethods.Check(NativeMethods.ft_tensor_data(Handle, &data), "data");
        GC.KeepAlive(this);
        return new Span<T>(data, checked((int)info.Count));
    }

    /// <summary>Address of the first element, for kernels; the tensor must be kept alive by the caller.</summary>
    /// <exception cref="InvalidOperationException">The tensor is on a GPU.</exception>
    public unsafe nint DataPointer
    {
        get
        {
            if (Info().DeviceType != 0)
                throw new InvalidOperationException($"found a tensor on {Device}, expected one on the cpu; move it with .To(Device.Cpu)");
            void* data;
            NativeMethods.Check(NativeMethods.ft_tensor_data(Handle, &data), "data");
            GC.KeepAlive(this);
            return (nint)data;
        }
    }

    /// <summary>The values as raw bytes in row-major order, copied.</summary>
    public unsafe byte[] ToBytes()
    {
        using var local = OnCpuContiguous();
        var bytes = new byte[local.Count * local.Dtype.Size()];
        new ReadOnlySpan<byte>((void*)local.DataPointer, bytes.Length).CopyTo(bytes);
        GC.KeepAlive(local);
        return bytes;
    }

    /// <summary>A copy of the values in row-major order, from any device.</summary>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        using var local = OnCpuContiguous();
        return local.Span<T>().ToArray();
    }

    /// <summary>The value of a tensor with one element.</summary>
    /// <exception cref="TorchException">It has another number of elements.</exception>
    public unsafe double ToDouble()
    {
        double real;
        long integer;
        NativeMethods.Check(NativeMethods.ft_tensor_item(Handle, &real, &integer), "item");
        GC.KeepAlive(this);
        return real;
    }

    /// <summary>The value of a tensor with one element.</summary>
    public float ToSingle() => (float)ToDouble();

    /// <summary>The value of a tensor with one integer element.</summary>
    /// <exception cref="TorchException">It has another number of elements.</exception>
    public unsafe long ToInt64()
    {
        double real;
        long integer;
        NativeMethods.Check(NativeMethods.ft_tensor_item(Handle, &real, &integer), "item");
        var isReal = ((Dtype)Info().Dtype).IsFloatingPoint();
        GC.KeepAlive(this);
        return isReal ? checked((long)real) : integer;
    }

    /// <summary>Whether the only element is not zero.</summary>
    public bool ToBoolean() => ToDouble() != 0;

    /// <summary>This tensor on another device; itself (another handle) when it is there already.</summary>
    public Tensor To(Device device, bool nonBlocking = false) => To(device, Dtype, nonBlocking);

    private Tensor OnCpuContiguous()
    {
        using var scope = new TensorScope();
        using (Autograd.NoGrad())
            return scope.Keep((Device.IsCuda ? To(Device.Cpu) : Detach()).Contiguous()).Escape();
    }
}
