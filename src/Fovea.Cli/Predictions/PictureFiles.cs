using System.IO.Enumeration;
using Fovea.Data;

namespace Fovea.Cli.Predictions;

/// <summary>Finds the pictures that a command line means.</summary>
internal static class PictureFiles
{
    private static readonly HashSet<string> Extensions =
        new([".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The files in the order given, those of a folder or pattern by name.</summary>
    /// <exception cref="FoveaException">Something is not there, or a folder or pattern holds no picture.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> inputs) => [.. inputs.SelectMany(Find).Distinct(StringComparer.Ordinal)];

    /// <summary>Keeps results out of the folders that pictures are read from: they could take a picture's place, or be read as one the next time.</summary>
    /// <param name="files">The pictures.</param>
    /// <param name="output">The folder for results, or null for none.</param>
    /// <exception cref="UsageException">One of the pictures lies in the folder.</exception>
    public static void CheckApart(IEnumerable<string> files, string? output)
    {
        if (output is null)
            return;
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        if (files.FirstOrDefault(file => Path.GetDirectoryName(Path.GetFullPath(file)) == folder) is { } file)
            throw new UsageException($"--out {output}: found {Path.GetFileName(file)} there, one of the pictures to read, expected another folder, so that no picture is written over");
    }

    private static IReadOnlyList<string> Find(string input)
    {
        if (File.Exists(input))
            return [input];
        if (Directory.Exists(input))
            return NotEmpty(Sorted(input, recursive: true).Where(static file => Extensions.Contains(Path.GetExtension(file))), input);
        if (!input.Contains('*', StringComparison.Ordinal) && !input.Contains('?', StringComparison.Ordinal))
            throw new FoveaException($"{input}: found nothing, expected a picture, a folder of pictures or a pattern");
        return NotEmpty(Matches(input), input);
    }

    // ** stands for any folders, * and ? for letters within one name.
    private static IEnumerable<string> Matches(string pattern)
    {
        var parts = pattern.Replace('\\', '/').Split('/');
        var plain = parts.TakeWhile(static part => !part.Contains('*', StringComparison.Ordinal) && !part.Contains('?', StringComparison.Ordinal)).ToList();
        var root = plain.Count == 0 ? "." : plain is [""] ? "/" : string.Join('/', plain);
        if (!Directory.Exists(root))
            return [];
        var rest = parts[plain.Count..];
        return Sorted(root, rest.Length > 1)
            .Where(file => Fits(Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar), rest))
            .Select(file => plain.Count == 0 ? Path.GetRelativePath(root, file) : file);
    }

    private static bool Fits(ReadOnlySpan<string> names, ReadOnlySpan<string> patterns)
    {
        if (patterns.Length == 0)
            return names.Length == 0;
        if (patterns[0] == "**")
            return Fits(names, patterns[1..]) || (names.Length > 0 && Fits(names[1..], patterns));
        return names.Length > 0 && FileSystemName.MatchesSimpleExpression(patterns[0], names[0], ignoreCase: false) && Fits(names[1..], patterns[1..]);
    }

    private static List<string> Sorted(string folder, bool recursive)
    {
        var files = FileWalk.Files(folder, recursive).ToList();
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static List<string> NotEmpty(IEnumerable<string> files, string input) => files.ToList() is { Count: > 0 } found
        ? found
        : throw new FoveaException($"{input}: found no pictures, expected at least one ({string.Join(", ", Extensions)})");
}
