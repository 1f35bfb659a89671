using System.Globalization;

namespace Fovea.Torch;

/// <summary>Facts about the machine's processor and memory, as Linux tells them.</summary>
public static class Processor
{
    private const string InfoFile = "/proc/cpuinfo";

    private static readonly Lazy<IReadOnlySet<string>> Flags = new(ReadFlags);

    /// <summary>Whether the processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX-BF16).</summary>
    public static bool HasBFloat16 => Flags.Value.Contains("avx512_bf16") || Flags.Value.Contains("amx_bf16");

    /// <summary>Whether the processor computes with vectors of 512 bits.</summary>
    internal static bool HasAvx512 => Flags.Value.Contains("avx512f");

    /// <summary>Whether AMD made the processor.</summary>
    internal static bool IsAmd => File.Exists(InfoFile) && File.ReadLines(InfoFile).Any(static line => line.EndsWith("AuthenticAMD", StringComparison.Ordinal));

    /// <summary>Bytes of memory that can be had without swapping.</summary>
    public static long AvailableMemory()
    {
        var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static HashSet<string> ReadFlags()
    {
        if (!File.Exists(InfoFile))
            return [];
        var line = File.ReadLines(InfoFile).FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal));
        return line is null ? [] : [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
    }
}
