namespace Fovea.Data;

/// <summary>Goes through folders without losing its way: links are followed, but not back into a folder that is being gone through.</summary>
public static class FileWalk
{
    /// <summary>
    /// The files of a folder, without those whose names begin with a dot: what systems and programs keep beside pictures, such as
    /// macOS's <c>._a.jpg</c>.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="recursive">Whether those of its sub-folders come too, links to folders included.</param>
    /// <returns>Paths that begin with <paramref name="folder"/>, in no order.</returns>
    /// <exception cref="IOException">A folder is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be read.</exception>
    public static IEnumerable<string> Files(string folder, bool recursive = false) => Walk(folder, recursive ? [Real(new DirectoryInfo(folder), folder)] : []);

    // The real folders from the first down to this one: a link to one of them would never end.
    private static IEnumerable<string> Walk(string folder, string[] within)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(static file => !Path.GetFileName(file.AsSpan()).StartsWith('.')))
            yield return file;
        if (within.Length == 0)
            yield break;
        foreach (var inner in new DirectoryInfo(folder).EnumerateDirectories())
        {
            var real = Real(inner, Path.Combine(within[^1], inner.Name));
            if (Array.Exists(within, above => above == real || above.StartsWith(real.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
                continue;
            foreach (var file in Walk(Path.Combine(folder, inner.Name), [.. within, real]))
                yield return file;
        }
    }

    private static string Real(DirectoryInfo folder, string path) => folder.LinkTarget is null ? Path.GetFullPath(path) : folder.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
}
