namespace Fovea.Data.Readers;

/// <summary>The pictures of a YOLO folder by split; the split is null when there is none.</summary>
internal static class YoloLayout
{
    public static bool Recognises(string folder)
    {
        var config = YoloConfig.Find(folder);
        return PictureFolders(folder).Any() || (config is { Splits.Count: > 0 } && config.Splits.Any(split => split.Places.Any(place => Locate(folder, place) is not null)));
    }

    public static IReadOnlyList<string> Splits(string folder) => YoloConfig.Find(folder) is { Splits.Count: > 0 } config
        ? [.. config.Splits.Select(static split => split.Split)]
        : [.. PictureFolders(folder).Select(static place => place.Split).OfType<string>()];

    /// <summary>Pictures of the split in order.</summary>
    /// <exception cref="DataException">data.yaml names a place that is not there, or outside the folder.</exception>
    public static List<string> Pictures(string folder, string? split, YoloConfig? config, FaultLog log)
    {
        if (config is not { Splits.Count: > 0 })
        {
            return [.. PictureFolders(folder).Where(place => split is null || place.Split == split).SelectMany(place => FromFolder(folder, place.Path, log))];
        }

        var pictures = new List<string>();
        foreach (var (key, places) in config.Splits.Where(item => split is null || item.Split == split))
        {
            foreach (var place in places)
            {
                var path = Locate(folder, place)
                    ?? throw new DataException(config.FilePath, key, $"'{place}', which is not there", $"a folder of pictures or a list of them inside {folder}");
                pictures.AddRange(File.Exists(path) ? FromList(folder, path, log) : FromFolder(folder, path, log));
            }
        }

        return pictures;
    }

    /// <summary>The label file of a picture: labels/ for the last images/ below the data set's folder, otherwise beside the picture.</summary>
    public static string LabelFile(string root, string picture)
    {
        var parts = Files.Relative(root, Path.GetDirectoryName(picture)!).Split('/');
        var at = Array.FindLastIndex(parts, static part => part == "images");
        if (at >= 0)
            parts[at] = "labels";
        return Path.Combine([root, .. parts.Where(static part => part != "."), Files.Stem(picture) + ".txt"]);
    }

    /// <summary>Finds a place inside the folder; "../train/images", as some tools write, is train/images.</summary>
    private static string? Locate(string folder, string place)
    {
        var relative = place.Replace('\\', '/');
        while (relative.StartsWith("../", StringComparison.Ordinal) || relative.StartsWith("./", StringComparison.Ordinal))
            relative = relative[(relative.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (relative.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(relative) || relative.Split('/').Contains(".."))
            return null;
        var path = Path.Combine([folder, .. relative.Split('/').Where(static part => part is not ("" or "."))]);
        return Directory.Exists(path) || File.Exists(path) ? path : null;
    }

    private static IEnumerable<(string? Split, string Path)> PictureFolders(string folder)
    {
        if (Files.Folder(folder, "images") is { } images && Directory.Exists(Path.Combine(folder, "labels")))
        {
            if (HasLabels(folder, images))
                return [(null, images)];
            return Files.Folders(images).Where(path => HasLabels(folder, path)).Select(static path => ((string?)Path.GetFileName(path), path));
        }

        if (HasLabels(folder, folder))
            return [(null, folder)];
        return Files.Folders(folder).Where(static path => SplitNames.IsSplit(Path.GetFileName(path)))
            .Select(static path => ((string?)Path.GetFileName(path), Path: Directory.Exists(Path.Combine(path, "images")) ? Path.Combine(path, "images") : path))
            .Where(place => HasLabels(folder, place.Path));
    }

    private static bool HasLabels(string root, string pictureFolder) =>
        Files.Pictures(pictureFolder).Any(picture => File.Exists(LabelFile(root, picture)));

    private static List<string> FromFolder(string root, string pictureFolder, FaultLog log)
    {
        var pictures = Files.Pictures(pictureFolder, recursive: true);
        var stems = pictures.Select(picture => LabelFile(root, picture)).ToHashSet(StringComparer.Ordinal);
        foreach (var labelFolder in stems.Select(static path => Path.GetDirectoryName(path)!).Distinct(StringComparer.Ordinal).Where(Directory.Exists))
        {
            // Text files that begin with a number are labels; classes.txt and notes are not.
            foreach (var orphan in Files.List(labelFolder, path => Path.GetExtension(path) == ".txt" && !stems.Contains(path) && LooksLikeLabels(path)))
                log.Error(FaultKind.PictureMissing, orphan, null, "no picture", $"a picture named {Files.Stem(orphan)} in {pictureFolder}");
        }

        return pictures;
    }

    private static bool LooksLikeLabels(string path) =>
        (Files.Lines(path).Select(static line => line.Text).FirstOrDefault() ?? "").Split(' ') is { Length: >= 5 } fields && int.TryParse(fields[0], out _);

    private static IEnumerable<string> FromList(string folder, string list, FaultLog log)
    {
        foreach (var (number, text) in Files.Lines(list))
        {
            var field = $"line {number}";
            var path = Locate(folder, text) ?? Files.Resolve(folder, folder, text, list, field);
            if (File.Exists(path))
                yield return path;
            else
                log.Error(FaultKind.PictureMissing, list, field, $"no file '{text}'", "a picture");
        }
    }
}
