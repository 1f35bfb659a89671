using System.Runtime.CompilerServices;
using Fovea.Torch.Native;

namespace Fovea.Torch;

/// <summary>What concerns the whole process: the version of libtorch, threads, devices, memory, determinism.</summary>
public static unsafe class TorchRuntime
{
    private static readonly Lock LoadLock = new();
    private static bool loaded;

    /// <summary>The libtorch version that the native library was compiled against.</summary>
    public static string BuiltVersion
    {
        get
        {
            EnsureLoaded();
            return NativeMethods.Text(&BuiltVersionText);
        }
    }

    /// <summary>What libtorch says of itself: version, BLAS, oneDNN, CUDA, instruction set, threads.</summary>
    public static string BuildText
    {
        get
        {
            EnsureLoaded();
            return NativeMethods.Text(&BuildTextOf);
        }
    }

    /// <summary>Whether the native library has been loaded in this process.</summary>
    public static bool IsLoaded => Volatile.Read(ref loaded);

    /// <summary>Whether libtorch has oneDNN (fast convolutions and bfloat16 on the processor).</summary>
    public static bool HasOneDnn => ReadInt(&HasOneDnnOf, "has_onednn") != 0;

    /// <summary>How many GPUs libtorch sees.</summary>
    public static int CudaDeviceCount => ReadInt(&CudaCountOf, "cuda_device_count");

    /// <summary>Threads that one operator uses. Set to the number of cores at start (Debian's libtorch starts with one).</summary>
    public static int Threads
    {
        get => ReadInt(&ThreadsOf, "get_threads");
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            EnsureLoaded();
            NativeMethods.Check(NativeMethods.ft_set_threads(value), "set_threads");
        }
    }

    /// <summary>Tensors alive in this process that have not been disposed.</summary>
    public static long LiveTensors => Tensor.LiveCount;

    /// <summary>GPU memory in bytes: in use now, the most in use so far, and held by the caching allocator.</summary>
    public static (long Allocated, long Peak, long Reserved) CudaMemory(int device = 0)
    {
        EnsureLoaded();
        long allocated, peak, reserved;
        NativeMethods.Check(NativeMethods.ft_cuda_memory(device, &allocated, &peak, &reserved), "cuda_memory");
        return (allocated, peak, reserved);
    }

    /// <summary>
    /// Memory of tensors of 1 MiB and more on the processor, in bytes: in use, and kept for the next. Both together are never more than
    /// what was in use at once lately.
    /// </summary>
    public static (long InUse, long Kept) LargeTensorMemory
    {
        get
        {
            EnsureLoaded();
            long inUse, kept;
            NativeMethods.Check(NativeMethods.ft_large_blocks(&inUse, &kept), "large_blocks");
            return (inUse, kept);
        }
    }

    /// <summary>Gives memory back that is kept on a device for the next tensors, as before a long pause.</summary>
    public static void EmptyCache(Device device)
    {
        EnsureLoaded();
        if (device.IsCuda)
            NativeMethods.Check(NativeMethods.ft_cuda_empty_cache(), "cuda_empty_cache");
        else
            NativeMethods.Check(NativeMethods.ft_empty_large_blocks(), "empty_large_blocks");
    }

    /// <summary>Waits until a device has done what it was given.</summary>
    public static void Synchronize(Device device)
    {
        if (device.IsCuda)
            NativeMethods.Check(NativeMethods.ft_cuda_synchronize(device.Index), "cuda_synchronize");
    }

    /// <summary>Makes libtorch refuse operators whose result depends on timing.</summary>
    public static void UseDeterministicAlgorithms(bool enabled)
    {
        EnsureLoaded();
        NativeMethods.Check(NativeMethods.ft_deterministic(enabled ? 1 : 0), "deterministic");
    }

    /// <summary>Loads the native library if it is not, and sets the thread count.</summary>
    /// <exception cref="FoveaException">It is not found, does not load, or was built for another libtorch.</exception>
    public static void EnsureLoaded()
    {
        if (!Volatile.Read(ref loaded))
            LoadOnce();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LoadOnce()
    {
        lock (LoadLock)
        {
            if (loaded)
                return;
            HeapSettings.Choose();
            NativeLibraries.Load("fovea_torch");
            if (!registered)
            {
                NativeLibraries.Register(typeof(TorchRuntime).Assembly);
                registered = true;
            }

            CheckVersion();
            NativeMethods.Check(NativeMethods.ft_keep_large_blocks(), "keep_large_blocks");
            NativeMethods.Check(NativeMethods.ft_set_threads(InitialThreads()), "set_threads");
            Volatile.Write(ref loaded, true);
        }
    }

    private static bool registered;

    private static int InitialThreads() =>
        int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), out var threads) && threads > 0 ? threads : Environment.ProcessorCount;

    private static void CheckVersion()
    {
        const string marker = "TORCH_VERSION=";
        var text = NativeMethods.Text(&BuildTextOf);
        var start = text.IndexOf(marker, StringComparison.Ordinal);
        if (start < 0)
            return;
        start += marker.Length;
        LibtorchFit.Check(NativeMethods.Text(&BuiltVersionText), text[start..text.IndexOfAny([',', '\n', ' '], start)]);
    }

    private static int ReadInt(delegate*<int*, int> read, string call)
    {
        EnsureLoaded();
        int value;
        NativeMethods.Check(read(&value), call);
        return value;
    }

    private static int BuiltVersionText(byte* buffer, int capacity, int* length) => NativeMethods.ft_built_version(buffer, capacity, length);

    private static int BuildTextOf(byte* buffer, int capacity, int* length) => NativeMethods.ft_build_text(buffer, capacity, length);

    private static int HasOneDnnOf(int* result) => NativeMethods.ft_has_onednn(result);

    private static int CudaCountOf(int* result) => NativeMethods.ft_cuda_device_count(result);

    private static int ThreadsOf(int* result) => NativeMethods.ft_get_threads(result);
}
