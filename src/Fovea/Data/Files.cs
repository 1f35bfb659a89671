namespace Fovea.Data;

/// <summary>Finding picture files, always in the same order, and never outside the data set's folder.</summary>
internal static class Files
{
    private static readonly HashSet<string> PictureExtensions =
        new([".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif"], StringComparer.OrdinalIgnoreCase);

    public static bool IsPicture(string path) => PictureExtensions.Contains(Path.GetExtension(path));

    public static bool IsPng(string path) => string.Equals(Path.GetExtension(path), ".png", StringComparison.OrdinalIgnoreCase);

    /// <summary>The pictures of a folder by ordinal path, without hidden files.</summary>
    public static List<string> Pictures(string folder, bool recursive = false) => List(folder, IsPicture, recursive);

    public static bool HasPicture(string folder, bool recursive = false) => FileWalk.Files(folder, recursive).Any(IsPicture);

    /// <summary>Whether neither the folder nor any below it has a file.</summary>
    public static bool IsEmpty(string folder) => !FileWalk.Files(folder, recursive: true).Any();

    public static List<string> List(string folder, Func<string, bool> select, bool recursive = false)
    {
        var files = FileWalk.Files(folder, recursive).Where(select).ToList();
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>The sub-folders by ordinal name, without hidden ones.</summary>
    public static List<string> Folders(string folder)
    {
        var folders = Directory.EnumerateDirectories(folder).Where(static path => !IsHidden(path)).ToList();
        folders.Sort(StringComparer.Ordinal);
        return folders;
    }

    /// <summary>The first of the given names that is a sub-folder, whatever its case, or null.</summary>
    public static string? Folder(string parent, params ReadOnlySpan<string> names)
    {
        if (!Directory.Exists(parent))
            return null;
        var folders = Folders(parent);
        foreach (var name in names)
        {
            if (folders.Find(path => string.Equals(Path.GetFileName(path), name, StringComparison.OrdinalIgnoreCase)) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>Pictures of a folder by file name without extension.</summary>
    public static ILookup<string, string> ByStem(IEnumerable<string> files) => files.ToLookup(static path => Stem(path), StringComparer.Ordinal);

    public static string Stem(string path) => Path.GetFileNameWithoutExtension(path);

    /// <summary>A path relative to the data set's folder, with forward slashes: the same id on every system.</summary>
    public static string Relative(string root, string path) => Path.GetRelativePath(root, path).Replace('\\', '/');

    /// <summary>Resolves a path that a file of the data set names; it begins as <paramref name="root"/> does, so that one file has one path.</summary>
    /// <exception cref="DataException">It lies outside the data set's folder.</exception>
    public static string Resolve(string root, string baseFolder, string named, string file, string field)
    {
        if (named.Contains('\0', StringComparison.Ordinal))
            throw new DataException(file, field, "a path with a zero character", "a path");
        var full = Path.GetFullPath(Path.Combine(baseFolder, named.Replace('\\', '/')));
        var home = Path.GetFullPath(root);
        if (full != home && !full.StartsWith(home.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new DataException(file, field, $"'{named}'", $"a path inside {root}: lists cannot name files outside their data set");
        return Path.Combine(root, Path.GetRelativePath(home, full));
    }

    /// <summary>The lines of a text file that hold something, with their 1-based numbers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="trims">Whether white space at their ends goes; tabs there may mean something.</param>
    public static IEnumerable<(int Number, string Text)> Lines(string path, bool trims = true)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Trim() is { Length: > 0 } text)
                yield return (number, (trims ? text : line).TrimStart('\uFEFF'));
        }
    }

    private static bool IsHidden(string path) => Path.GetFileName(path.AsSpan())[0] == '.';
}
