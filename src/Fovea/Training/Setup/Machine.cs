using System.Text.RegularExpressions;
using Fovea.Torch;

namespace Fovea.Training;

/// <summary>What a run computes on and with, in words.</summary>
internal static partial class Machine
{
    public static IEnumerable<Fact> Facts(Device device)
    {
        yield return new Fact("device", device.IsCuda ? $"{device}" : $"cpu, {ProcessorName()}, {Counted.Of(TorchRuntime.Threads, "thread")}");
        var product = typeof(Machine).Assembly.GetName().Version?.ToString(3);
        yield return new Fact("versions", $"Fovea {product}, .NET {Environment.Version}, libtorch {TorchRuntime.BuiltVersion}, BLAS {Blas()}, oneDNN {OneDnn()}");
    }

    private static string ProcessorName() =>
        File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : "unknown processor";

    private static string Blas()
    {
        if (!File.Exists("/proc/self/maps"))
            return "unknown";
        var loaded = File.ReadLines("/proc/self/maps").Select(static l => Path.GetFileName(l[(l.LastIndexOf(' ') + 1)..])).FirstOrDefault(static name => BlasName().IsMatch(name));
        return loaded is null ? "inside libtorch" : loaded;
    }

    private static string OneDnn() => OneDnnVersion().Match(TorchRuntime.BuildText) is { Success: true } match ? match.Groups[1].Value : "absent";

    [GeneratedRegex(@"^lib(openblas|mkl|blis|blas)[^/]*\.so")]
    private static partial Regex BlasName();

    [GeneratedRegex(@"MKL-DNN v([0-9.]+)")]
    private static partial Regex OneDnnVersion();
}
