using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Fovea.Torch.Native;

/// <summary>
/// Finds and loads the native libraries (<c>fovea_torch</c>, <c>fovea_image</c>) when they are first used, never in a
/// static constructor, so that a machine that lacks one loses only what that one does and hears why.
/// </summary>
public static class NativeLibraries
{
    /// <summary>The environment variable that names a folder to look in first.</summary>
    public const string FolderVariable = "FOVEA_NATIVE";

    private static readonly ConcurrentDictionary<string, nint> Loaded = new();
    private static readonly Lock LoadLock = new();

    /// <summary>Makes <paramref name="assembly"/> resolve its <c>fovea_*</c> imports through <see cref="Load"/>.</summary>
    public static void Register(Assembly assembly) =>
        NativeLibrary.SetDllImportResolver(assembly, static (name, _, _) => name.StartsWith("fovea_", StringComparison.Ordinal) ? Load(name) : 0);

    /// <summary>Loads a library by its bare name, once per process.</summary>
    /// <param name="name">Bare name, such as <c>fovea_torch</c>.</param>
    /// <exception cref="FoveaException">No folder holds it or the loader refuses it; the message lists every place
    /// looked at and the loader's own text.</exception>
    public static nint Load(string name)
    {
        if (Loaded.TryGetValue(name, out var handle))
            return handle;
        ProcessorSettings.Choose();
        lock (LoadLock)
            return Loaded.GetOrAdd(name, LoadFromFolders);
    }

    /// <summary>The folders searched, in order: the variable's, the program's own, its package layout, the user's cache.</summary>
    public static IReadOnlyList<string> SearchFolders()
    {
        var folders = new List<string>();
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named)
            folders.Add(Path.GetFullPath(named));
        folders.Add(AppContext.BaseDirectory);
        folders.Add(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"));
        folders.Add(CacheFolder);
        return folders;
    }

    /// <summary>Where a package user's natively built libraries are kept: one folder per product version.</summary>
    public static string CacheFolder { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/tmp", ".cache"),
        "fovea", typeof(NativeLibraries).Assembly.GetName().Version?.ToString(3) ?? "0", "native");

    private static nint LoadFromFolders(string name)
    {
        var file = $"lib{name}.so";
        var tried = SearchFolders().Select(folder => Path.Combine(folder, file)).ToList();
        if ((tried.FirstOrDefault(File.Exists) ?? NativeBuilder.TryBuild(name)) is { } path)
        {
            try
            {
                return NativeLibrary.Load(path);
            }
            catch (DllNotFoundException e)
            {
                throw new FoveaException(LibtorchFit.Explain(path, e.Message), e);
            }
        }

        throw new FoveaException(
            $"the native library {file} was not found; looked in {string.Join(", ", tried.Select(Path.GetDirectoryName))}. " +
            $"Start through ./fovea, which builds it, or set {FolderVariable} to the folder that holds it.");
    }
}
