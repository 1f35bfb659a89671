using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fovea.Tests;
using Fovea.Torch;
using Fovea.Torch.Native;

namespace Fovea.Gpu.Tests;

/// <summary>
/// The device that these tests run on: a real GPU where libtorch has CUDA, else one that <c>libpretend_gpu.so</c> puts in its
/// place. On that one everything is computed by the processor, but a tensor of the processor among its tensors is refused and
/// its memory cannot be read without a copy, as on a real one.
/// </summary>
internal static class Gpu
{
    public static Device Device => Device.Parse("cuda");

    /// <summary>Whether the device is none.</summary>
    public static bool IsPretended { get; private set; }

    /// <summary>Relative difference to the processor that is none: a real GPU convolves in TF32, of 10 bits.</summary>
    public static double Tolerance => IsPretended ? 1e-3 : 3e-2;

#pragma warning disable CA2255 // libtorch asks for devices once, so this must come before anything else
    [ModuleInitializer]
    internal static void Load()
#pragma warning restore CA2255
    {
        var folder = Environment.GetEnvironmentVariable(NativeLibraries.FolderVariable) ?? Path.Combine(TestRepository.Root, "build", "native");
        var path = Path.Combine(folder, "pretend-gpu", "libpretend_gpu.so");
        if (!File.Exists(path))
            return;
        NativeLibrary.Load(path);
        IsPretended = true;
    }
}
