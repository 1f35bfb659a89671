using System.Diagnostics;
using System.Globalization;
using Fovea.Imaging;
using Fovea.Torch;
using Fovea.Torch.Native;

namespace Fovea.Cli;

/// <summary>One line of <c>fovea doctor</c>.</summary>
/// <param name="Subject">What was looked at.</param>
/// <param name="Ok">Whether it is as it should be.</param>
/// <param name="Text">What was found.</param>
/// <param name="Remedy">What to do, or null.</param>
internal sealed record Finding(string Subject, bool Ok, string Text, string? Remedy = null);

/// <summary>Examines the machine. Nothing here fails as a whole because a part is missing.</summary>
internal static class Doctor
{
    private const long LowMemory = 2L << 30;
    private const long LowDisk = 2L << 30;

    public static IReadOnlyList<Finding> Examine()
    {
        var findings = new List<Finding>
        {
            Sdk(),
            new("runtime", true, $".NET {Environment.Version}, {System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}"),
        };
        findings.AddRange(Torch());
        findings.Add(Library("fovea_image", "OpenCV and JPEG", () => $"OpenCV {ImagingLibraries.OpenCvVersion}"));
        findings.Add(Library("fovea_codecs", "BMP, TIFF and WebP files", () => "loads"));
        findings.Add(Library("fovea_draw", "drawing", () => $"librsvg {ImagingLibraries.LibrsvgVersion}"));
        findings.Add(Memory());
        findings.Add(Disk());
        return findings;
    }

    private static Finding Sdk()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var version = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return int.TryParse(version.Split('.')[0], out var major) && major >= 10
                ? new Finding("SDK", true, $".NET SDK {version}")
                : new Finding("SDK", false, $"found '{version}', expected 10 or newer", "install the .NET 10 SDK");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return new Finding("SDK", false, "dotnet is not on the PATH", "install the .NET 10 SDK (only needed to build)");
        }
    }

    private static IEnumerable<Finding> Torch()
    {
        var findings = new List<Finding>();
        try
        {
            var text = TorchRuntime.BuildText;
            findings.Add(new Finding("libtorch", true, $"{TorchRuntime.BuiltVersion}, {CpuCapability(text)}"));
            findings.Add(Blas());
            findings.Add(TorchRuntime.HasOneDnn
                ? new Finding("oneDNN", true, "present")
                : new Finding("oneDNN", false, "this libtorch is built without it: convolutions are slow", "use Debian's libtorch-dev or an official build through LIBTORCH"));
            var bf16 = Processor.HasBFloat16;
            findings.Add(new Finding("bfloat16", true, bf16 ? "the processor has the instructions; precision auto uses them" : "the processor lacks the instructions; precision auto stays with float32"));
            var gpus = TorchRuntime.CudaDeviceCount;
            var absence = Loaded("libtorch_cuda").Any() ? "no GPU seen by this libtorch, which has CUDA" : "this libtorch has none";
            findings.Add(new Finding("CUDA", true, gpus > 0 ? $"{gpus} GPU" : $"{absence}; training runs on the processor"));
            var threads = TorchRuntime.Threads;
            findings.Add(new Finding("threads", threads >= Environment.ProcessorCount, $"{threads} of {Counted.Of(Environment.ProcessorCount, "core")}", threads >= Environment.ProcessorCount ? null : "unset OMP_NUM_THREADS to use all"));
        }
        catch (Exception e) when (e is FoveaException or DllNotFoundException)
        {
            findings.Add(new Finding("libtorch", false, e.Message.ReplaceLineEndings(" "), "apt-get install libtorch-dev libopenblas0-pthread, then start through ./fovea"));
        }

        return findings;
    }

    private static Finding Blas()
    {
        // The reference BLAS that comes by default is twenty times slower than OpenBLAS.
        List<string> loaded = [.. Loaded("blas"), .. Loaded("mkl")];
        var fast = loaded.FirstOrDefault(p => p.Contains("openblas", StringComparison.Ordinal) || p.Contains("mkl", StringComparison.Ordinal) || p.Contains("blis", StringComparison.Ordinal));
        return fast is not null || loaded.Count == 0
            ? new Finding("BLAS", true, fast ?? "inside libtorch")
            : new Finding("BLAS", false, loaded[0], "apt-get install libopenblas0-pthread");
    }

    // The libraries of this process whose paths hold a word.
    private static IEnumerable<string> Loaded(string word) =>
        File.ReadLines("/proc/self/maps").Select(static line => line.Split(' ')[^1]).Where(path => path.Contains(word, StringComparison.OrdinalIgnoreCase)).Distinct();

    private static string CpuCapability(string text) =>
        text.Split('\n').Select(l => l.Trim(' ', '-')).FirstOrDefault(l => l.StartsWith("CPU capability", StringComparison.Ordinal)) ?? "CPU capability unknown";

    private static Finding Library(string name, string purpose, Func<string> version)
    {
        try
        {
            NativeLibraries.Load(name);
            return new Finding(purpose, true, version());
        }
        catch (Exception e) when (e is FoveaException or DllNotFoundException or EntryPointNotFoundException)
        {
            return new Finding(purpose, false, e.Message.ReplaceLineEndings(" "), "start through ./fovea, which installs and builds it");
        }
    }

    private static Finding Memory()
    {
        var available = Processor.AvailableMemory();
        return new Finding("memory", available >= LowMemory, $"{Size(available)} free", available >= LowMemory ? null : "close other programs, or use small batches");
    }

    private static Finding Disk()
    {
        var free = new DriveInfo(Directory.GetCurrentDirectory()).AvailableFreeSpace;
        return new Finding("disk", free >= LowDisk, $"{Size(free)} free here", free >= LowDisk ? null : "free some space; checkpoints need it");
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.0} GiB");
}
