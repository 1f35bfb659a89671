namespace Fovea.Data.Readers;

/// <summary>One COCO JSON file of a folder and the split it stands for, null when the folder has one file only.</summary>
internal sealed record CocoSource(string Json, string? Split);

/// <summary>Finds the JSON files of a COCO folder and the pictures they name.</summary>
internal static class CocoLayout
{
    private const string KeypointPrefix = "person_keypoints";
    private static readonly string[] OtherKinds = ["captions", "panoptic", "image_info", "stuff"];

    /// <summary>The JSON files of objects, or those of persons with keypoints.</summary>
    public static IReadOnlyList<CocoSource> Find(string folder, bool keypoints)
    {
        var files = new[] { folder }.Concat(Files.Folders(folder))
            .SelectMany(static path => Files.List(path, static file => Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase)))
            .Where(path => keypoints ? IsKeypoints(path) : IsObjects(path)).ToList();
        if (!keypoints && files.Exists(static path => Prefix(path) == "instances"))
            files.RemoveAll(static path => Prefix(path) != "instances");
        return files.Count == 1 && !SplitNames.IsSplit(SplitOf(folder, files[0]))
            ? [new CocoSource(files[0], null)]
            : [.. files.Select(path => new CocoSource(path, SplitOf(folder, path)))];
    }

    /// <summary>The folder in which most of the first pictures lie.</summary>
    public static string PictureFolder(string folder, CocoSource source, IReadOnlyList<CocoImage> images)
    {
        var split = source.Split ?? "";
        string[] candidates =
        [
            Path.Combine(folder, split), Path.Combine(folder, "images", split), Path.Combine(folder, "images"), Path.GetDirectoryName(source.Json)!,
            Path.Combine(folder, "JPEGImages"), Path.Combine(folder, "data"), folder,
        ];
        var sample = images.Take(20).ToList();
        return candidates.MaxBy(candidate => sample.Count(image => File.Exists(Path.Combine(candidate, image.FileName))))!;
    }

    private static bool IsKeypoints(string path) => Prefix(path) == KeypointPrefix;

    private static bool IsObjects(string path) =>
        Prefix(path) == "instances" || (!IsKeypoints(path) && !OtherKinds.Contains(Prefix(path), StringComparer.Ordinal) && CocoFile.IsCoco(path));

    /// <summary>"instances" of "instances_train2017.json".</summary>
    private static string Prefix(string path)
    {
        var name = Files.Stem(path);
        return name.StartsWith(KeypointPrefix, StringComparison.Ordinal) ? KeypointPrefix
            : name.StartsWith("image_info", StringComparison.Ordinal) ? "image_info"
            : name.Split('_')[0];
    }

    /// <summary>"train2017" of "instances_train2017.json", "valid" of "valid/_annotations.coco.json".</summary>
    private static string SplitOf(string folder, string path)
    {
        var parent = Path.GetDirectoryName(path)!;
        if (parent != folder && SplitNames.IsSplit(Path.GetFileName(parent)))
            return Path.GetFileName(parent);
        var name = Files.Stem(path);
        var prefix = Prefix(path);
        return name.Length > prefix.Length + 1 && prefix.Length > 0 ? name[(prefix.Length + 1)..] : name;
    }
}
