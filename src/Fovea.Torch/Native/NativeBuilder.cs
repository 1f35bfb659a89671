using System.Diagnostics;

namespace Fovea.Torch.Native;

/// <summary>
/// Builds a native library from the sources that travel in the NuGet packages (folder <c>fovea-native</c> beside the program)
/// into the user's cache, once: a package cannot know which libtorch, OpenCV or librsvg its user has.
/// </summary>
internal static class NativeBuilder
{
    private static readonly Dictionary<string, string> Switches = new()
    {
        ["fovea_torch"] = "FOVEA_TORCH",
        ["fovea_image"] = "FOVEA_IMAGE",
        ["fovea_codecs"] = "FOVEA_IMAGE",
        ["fovea_draw"] = "FOVEA_DRAW",
    };

    /// <summary>Where the sources lie when the program was built from the packages.</summary>
    public static string SourceFolder => Path.Combine(AppContext.BaseDirectory, "fovea-native");

    /// <summary>Builds a library if the sources are there.</summary>
    /// <returns>Its path, or null when there are no sources.</returns>
    /// <exception cref="FoveaException">The build failed; the message says how to install what it needs.</exception>
    public static string? TryBuild(string name)
    {
        if (!File.Exists(Path.Combine(SourceFolder, "CMakeLists.txt")))
            return null;
        var folder = NativeLibraries.CacheFolder;
        var built = Path.Combine(folder, $"lib{name}.so");
        Directory.CreateDirectory(folder);
        // Two programs that start at once must not write into each other's build.
        using var gate = WaitForLock(Path.Combine(folder, "lock"));
        if (File.Exists(built))
            return built;
        Console.Error.WriteLine($"fovea: building lib{name}.so in {folder} (once; a minute or two)");
        var work = Path.Combine(folder, "cmake-" + Switches[name]);
        var switches = Switches.Values.Distinct().Select(s => $"-D{s}={(s == Switches[name] ? "ON" : "OFF")}");
        Run(name, "cmake", ["-S", SourceFolder, "-B", work, "-DCMAKE_BUILD_TYPE=Release", .. switches]);
        Run(name, "cmake", ["--build", work, "--parallel"]);
        foreach (var file in Directory.GetFiles(work, "libfovea_*.so"))
            File.Move(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        return built;
    }

    private static string Packages() => string.Join(' ', File.ReadLines(Path.Combine(SourceFolder, "packages.txt")));

    private static FileStream WaitForLock(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                Thread.Sleep(200);
            }
        }
    }

    private static void Run(string name, string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0)
                return;
            var lines = errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            throw new FoveaException($"lib{name}.so could not be built: {string.Join(" ", lines.Take(4))} Install what it needs (Debian: apt-get install {Packages()}) and start again.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new FoveaException($"lib{name}.so has to be built on first use, and {program} is missing. Install what it needs (Debian: apt-get install {Packages()}) and start again.", e);
        }
    }
}
