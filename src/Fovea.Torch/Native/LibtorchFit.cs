using System.Text;
using System.Text.RegularExpressions;

namespace Fovea.Torch.Native;

/// <summary>Whether a native library and the libtorch it meets belong together; says so where they do not.</summary>
internal static partial class LibtorchFit
{
    private static readonly byte[] Marker = Encoding.ASCII.GetBytes("fovea-built-for-libtorch=");

    /// <summary>Refuses a libtorch of another version than the library was built for; a patch release does no harm.</summary>
    /// <param name="built">What the library was built for.</param>
    /// <param name="running">What the loader found.</param>
    /// <exception cref="FoveaException">They differ.</exception>
    public static void Check(string built, string running)
    {
        if (!SameMinor(built, running))
            throw new FoveaException(Differs(Mapped("libfovea_torch.so") ?? "libfovea_torch.so", built, running, Mapped("libtorch_cpu.so")));
    }

    /// <summary>What to say of a library that the loader refuses.</summary>
    /// <param name="path">The library.</param>
    /// <param name="loaderText">The loader's own text.</param>
    public static string Explain(string path, string loaderText)
    {
        var reason = Sentence(loaderText);
        if (BuiltFor(path) is not { } built)
            return $"{path} does not load: {reason} Run 'fovea doctor' to see what is missing.";
        if (NewerSystem().IsMatch(reason))
            return $"{path}, built for libtorch {built}, does not load: {reason} That libtorch was made for a newer system than this one: use one made for this system (LIBTORCH=FOLDER), or start on that system.";
        var (version, file) = Installed(Environment.GetEnvironmentVariable("LD_LIBRARY_PATH"));
        return version is null || SameMinor(built, version)
            ? $"{path}, built for libtorch {built}, does not load: {reason.TrimEnd('.')}; {Remedy(path)}"
            : $"{Differs(path, built, version, file)}. The loader said: {reason}";
    }

    /// <summary>The version of libtorch that a library file was built for, or null when it says none.</summary>
    public static string? BuiltFor(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var at = bytes.IndexOf(Marker);
        if (at < 0)
            return null;
        var rest = bytes[(at + Marker.Length)..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    /// <summary>The sentence of two versions that do not fit.</summary>
    public static string Differs(string path, string built, string running, string? file) =>
        $"{path} was built for libtorch {built} and runs with libtorch {running}{(file is null ? "" : $" ({file})")}; {Remedy(path)}";

    private static string Remedy(string path) => path.StartsWith(NativeLibraries.CacheFolder, StringComparison.Ordinal)
        ? $"delete {NativeLibraries.CacheFolder} and start again: it is then built for the libtorch that is there"
        : "start through ./fovea, which builds for the libtorch it runs with (LIBTORCH=FOLDER names another than the system's)";

    // The runtime's text has a line for each way it tried to spell our own file's name, and one for what was amiss.
    private static string Sentence(string loaderText)
    {
        var lines = loaderText.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var text = lines.FirstOrDefault(static line => Reason().IsMatch(line) && !OwnName().IsMatch(line)) ?? string.Join(' ', lines);
        return text.EndsWith('.') ? text : text + ".";
    }

    private static bool SameMinor(string a, string b) => a.Split('.').Take(2).SequenceEqual(b.Split('.').Take(2));

    private static string? Mapped(string name) => File.ReadLines("/proc/self/maps").Select(static line => line.Split(' ')[^1])
        .FirstOrDefault(path => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal));

    // The libtorch that lies where the loader looks: its version by its file name (Debian) or by the headers beside it.
    private static (string? Version, string? File) Installed(string? searchPath)
    {
        var folders = (searchPath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Append("/usr/lib/x86_64-linux-gnu").Append("/usr/local/lib").Append("/usr/lib");
        foreach (var file in folders.Where(Directory.Exists).SelectMany(static folder => Directory.GetFiles(folder, "libtorch_cpu.so*")))
        {
            if (VersionedName().Match(file) is { Success: true } match)
                return (match.Groups[1].Value, file);
            var header = Path.Combine(Path.GetDirectoryName(file)!, "../include/torch/csrc/api/include/torch/version.h");
            if (File.Exists(header) && VersionLine().Match(File.ReadAllText(header)) is { Success: true } line)
                return (line.Groups[1].Value, file);
        }

        return (null, null);
    }

    [GeneratedRegex(@"libtorch_cpu\.so\.(\d+\.\d+(?:\.\d+)*)$")]
    private static partial Regex VersionedName();

    [GeneratedRegex("#define TORCH_VERSION \"([0-9.]+)")]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"GLIBC(XX)?_[0-9.]+['’] not found|CXXABI_")]
    private static partial Regex NewerSystem();

    [GeneratedRegex("undefined symbol|cannot open shared object file: No such file|not found \\(required by|ELF")]
    private static partial Regex Reason();

    [GeneratedRegex(@"fovea_\w+(\.so)*: cannot open")]
    private static partial Regex OwnName();
}
