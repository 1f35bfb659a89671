using System.IO.Enumeration;
using Fovea.Data;
using Fovea.Imaging;
using Fovea.Transforms;

namespace Fovea.Cli.Predictions;

/// <summary>Finds the pictures that a command line means.</summary>
internal static class PictureFiles
{
    private static readonly HashSet<string> Extensions =
        new([".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The files in the order given, those of a folder or pattern by name.</summary>
    /// <exception cref="FoveaException">Something is not there, or a folder or pattern holds no picture.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> inputs) => [.. inputs.SelectMany(Find).Distinct(StringComparer.Ordinal)];

    /// <summary>Reads a picture, with the depth beside it where a network takes that.</summary>
    /// <exception cref="FoveaException">It cannot be read.</exception>
    public static Scene Load(string file, ImageChannels channels)
    {
        var image = Image.Load(file, channels);
        return Scene.Of(image, name: file) with { Depth = channels == ImageChannels.Rgbd ? DepthPicture.Load(DepthPicture.Beside(file), image.Size) : null };
    }

    private static IReadOnlyList<string> Find(string input)
    {
        if (File.Exists(input))
            return [input];
        if (Directory.Exists(input))
            return NotEmpty(Sorted(input, "*", SearchOption.AllDirectories).Where(static file => Extensions.Contains(Path.GetExtension(file))), input);
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
        return Sorted(root, "*", rest.Length > 1 ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
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

    private static List<string> Sorted(string folder, string pattern, SearchOption option)
    {
        var files = Directory.EnumerateFiles(folder, pattern, option).ToList();
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static List<string> NotEmpty(IEnumerable<string> files, string input) => files.ToList() is { Count: > 0 } found
        ? found
        : throw new FoveaException($"{input}: found no pictures, expected at least one ({string.Join(", ", Extensions)})");
}
