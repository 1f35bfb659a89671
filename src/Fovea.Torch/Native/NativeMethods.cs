using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

[assembly: DisableRuntimeMarshalling]

namespace Fovea.Torch.Native;

/// <summary>The exports of <c>libfovea_torch</c>; each returns 0 or leaves a message for <see cref="LastError"/>.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "fovea_torch";

    /// <summary>Throws the error of a failed call.</summary>
    public static void Check(int status, string call)
    {
        if (status != 0)
            throw new TorchException(call, "", LastError());
    }

    /// <summary>The message of the last failed call on this thread.</summary>
    public static string LastError() => Text(&ft_last_error_text);

    /// <summary>Reads a text whose length is known only after the first call.</summary>
    public static string Text(delegate*<byte*, int, int*, int> read)
    {
        var buffer = new byte[16 * 1024];
        int length;
        fixed (byte* pointer = buffer)
            _ = read(pointer, buffer.Length, &length);
        return Encoding.UTF8.GetString(buffer, 0, Math.Min(length, buffer.Length - 1));
    }

    private static int ft_last_error_text(byte* buffer, int capacity, int* length) => ft_last_error(buffer, capacity, length);

    [LibraryImport(Library)] internal static partial int ft_last_error(byte* buffer, int capacity, int* length);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int ft_set_error(string message);
    [LibraryImport(Library)] internal static partial int ft_free(nint pointer);
    [LibraryImport(Library)] internal static partial int ft_built_version(byte* buffer, int capacity, int* length);
    [LibraryImport(Library)] internal static partial int ft_build_text(byte* buffer, int capacity, int* length);
    [LibraryImport(Library)] internal static partial int ft_has_onednn(int* result);
    [LibraryImport(Library)] internal static partial int ft_get_threads(int* count);
    [LibraryImport(Library)] internal static partial int ft_set_threads(int count);
    [LibraryImport(Library)] internal static partial int ft_keep_large_blocks();
    [LibraryImport(Library)] internal static partial int ft_empty_large_blocks();
    [LibraryImport(Library)] internal static partial int ft_large_blocks(long* inUse, long* kept);
    [LibraryImport(Library)] internal static partial int ft_cuda_device_count(int* count);
    [LibraryImport(Library)] internal static partial int ft_cuda_synchronize(int device);
    [LibraryImport(Library)] internal static partial int ft_cuda_memory(int device, long* allocated, long* peak, long* reserved);
    [LibraryImport(Library)] internal static partial int ft_cuda_empty_cache();
    [LibraryImport(Library)] internal static partial int ft_seed(ulong seed);
    [LibraryImport(Library)] internal static partial int ft_rng_get(int cudaDevice, nint* state);
    [LibraryImport(Library)] internal static partial int ft_rng_set(int cudaDevice, nint state);
    [LibraryImport(Library)] internal static partial int ft_deterministic(int enabled);
    [LibraryImport(Library)] internal static partial int ft_autocast_enter(int cuda, int dtype, int* previousEnabled, int* previousDtype);
    [LibraryImport(Library)] internal static partial int ft_autocast_exit(int cuda, int previousEnabled, int previousDtype);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int ft_op_find(string name, string overload, nint* op);
    [LibraryImport(Library)] internal static partial int ft_op_call(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity, int* resultCount);

    [LibraryImport(Library)] internal static partial int ft_tensor_free(nint handle);
    [LibraryImport(Library)] internal static partial int ft_tensor_share(nint handle, nint* result);
    [LibraryImport(Library)] internal static partial int ft_tensor_info(nint handle, NativeInfo* info);
    [LibraryImport(Library)] internal static partial int ft_tensor_sizes(nint handle, long* sizes);
    [LibraryImport(Library)] internal static partial int ft_tensor_strides(nint handle, long* strides);
    [LibraryImport(Library)] internal static partial int ft_tensor_data(nint handle, void** data);
    [LibraryImport(Library)] internal static partial int ft_tensor_is_contiguous(nint handle, int memoryFormat, int* result);
    [LibraryImport(Library)] internal static partial int ft_tensor_from_memory(void* data, long* sizes, int rank, int dtype, nint* result);
    [LibraryImport(Library)] internal static partial int ft_tensor_over_memory(void* data, long* sizes, int rank, int dtype, delegate* unmanaged<nint, void> release, nint context, nint* result);
    [LibraryImport(Library)] internal static partial int ft_tensor_item(nint handle, double* real, long* integer);
    [LibraryImport(Library)] internal static partial int ft_tensor_set_data(nint handle, nint data);

    [LibraryImport(Library)] internal static partial int ft_backward(nint* roots, nint* gradients, int count, int retainGraph, int createGraph);
    [LibraryImport(Library)] internal static partial int ft_grad(nint* roots, nint* gradients, int rootCount, nint* inputs, int inputCount, int retainGraph, int createGraph, int allowUnused, nint* results);
    [LibraryImport(Library)] internal static partial int ft_function_attach(nint* inputs, int inputCount, nint* outputs, int outputCount, delegate* unmanaged<nint, nint*, int, nint*, int, int> backward, delegate* unmanaged<nint, void> release, nint context, int* attached);
    [LibraryImport(Library)] internal static partial int ft_register_hook(nint handle, delegate* unmanaged<nint, nint, nint*, int> callback, delegate* unmanaged<nint, void> release, nint context);
    [LibraryImport(Library)] internal static partial int ft_requires_grad(nint handle, int* result);
    [LibraryImport(Library)] internal static partial int ft_set_requires_grad(nint handle, int value);
    [LibraryImport(Library)] internal static partial int ft_is_leaf(nint handle, int* result);
    [LibraryImport(Library)] internal static partial int ft_gradient(nint handle, nint* result);
    [LibraryImport(Library)] internal static partial int ft_set_gradient(nint handle, nint gradient);
    [LibraryImport(Library)] internal static partial int ft_grad_mode(int enabled, int* previous);
    [LibraryImport(Library)] internal static partial int ft_grad_mode_is_enabled(int* result);
    [LibraryImport(Library)] internal static partial int ft_inference_enter(nint* mode);
    [LibraryImport(Library)] internal static partial int ft_inference_exit(nint mode);
}

/// <summary>Facts about a tensor; mirrors <c>ft_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeInfo
{
    public long Count;
    public long Bytes;
    public int Dtype;
    public int Rank;
    public int DeviceType;
    public int DeviceIndex;
}
