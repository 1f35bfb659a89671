using System.Globalization;

namespace Fovea.Torch;

/// <summary>Facts about the machine's processor and memory, as Linux tells them.</summary>
public static class Processor
{
    private const string InfoFile = "/proc/cpuinfo";

    private static readonly Lazy<IReadOnlySet<string>> Flags = new(ReadFlags);

    private static readonly Lazy<bool> Avx512 = new(static () => Flags.Value.Contains("avx512f") && !IsLimited("ONEDNN_MAX_CPU_ISA") && !IsLimited("DNNL_MAX_CPU_ISA"));

    /// <summary>Whether the processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX-BF16).</summary>
    public static bool HasBFloat16 => Flags.Value.Contains("avx512_bf16") || Flags.Value.Contains("amx_bf16");

    /// <summary>Whether convolutions are computed with vectors of 512 bits: the processor has them, and oneDNN was not told to leave them.</summary>
    internal static bool HasAvx512 => Avx512.Value;

    /// <summary>Whether AMD made the processor.</summary>
    internal static bool IsAmd => File.Exists(InfoFile) && File.ReadLines(InfoFile).Any(static line => line.EndsWith("AuthenticAMD", StringComparison.Ordinal));

    /// <summary>Bytes of memory that can be had without swapping.</summary>
    public static long AvailableMemory()
    {
        var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static bool IsLimited(string variable) =>
        Environment.GetEnvironmentVariable(variable)?.ToUpperInvariant() is "SSE41" or "AVX" or "AVX2" or "AVX2_VNNI";

    private static HashSet<string> ReadFlags()
    {
        if (!File.Exists(InfoFile))
            return [];
        var line = File.ReadLines(InfoFile).FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal));
        return line is null ? [] : [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
    }
}
