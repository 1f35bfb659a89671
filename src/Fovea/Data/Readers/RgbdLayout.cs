namespace Fovea.Data.Readers;

/// <summary>A picture, its depth and its mask.</summary>
internal readonly record struct RgbdTriple(string? Split, string Picture, string Depth, string Mask);

/// <summary>
/// Finds pictures with depth and mask: folders of the three kinds side by side, at any level (train/image, image/train, or one such set for
/// every picture, as SUN RGB-D has it), or list files.
/// </summary>
internal static class RgbdLayout
{
    private const int Levels = 5;

    private static readonly string[] PictureFolders = ["image", "images", "rgb", "color", "colour", "JPEGImages"];
    private static readonly string[] MaskFolders = ["label", "labels", "mask", "masks", "annotation", "annotations", "segmentation", "gt", "SegmentationClass"];
    private static readonly string[] MaskSuffixes = ["", "_label", "_labels", "_mask", "_gt", "_seg"];

    public static bool Recognises(string folder) => Lists(folder).Count > 0 || IsAbove(folder, Levels);

    public static IReadOnlyList<string> Splits(string folder) => Lists(folder) is { Count: > 0 } lists
        ? [.. lists.Select(Files.Stem)]
        : [.. Trios(folder).Select(static trio => trio.Split).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>All triples of the split; what lacks a part goes into the log.</summary>
    public static List<RgbdTriple> Find(string folder, string? split, string? depthFolder, FaultLog log) => Lists(folder) is { Count: > 0 } lists
        ? [.. lists.Where(list => split is null || Files.Stem(list) == split).SelectMany(list => ReadList(folder, list, log))]
        : [.. Trios(folder).Where(trio => split is null || trio.Split == split).SelectMany(trio => Match(trio, depthFolder, log))];

    /// <summary>Text files named as splits whose first line is "picture depth mask".</summary>
    private static List<string> Lists(string folder) => Files.List(folder, static path =>
        Path.GetExtension(path) == ".txt" && SplitNames.IsSplit(Files.Stem(path))
        && Fields(Files.Lines(path).Select(static line => line.Text).FirstOrDefault() ?? "") is [var picture, var depth, var mask]
        && Files.IsPicture(picture) && Files.IsPicture(depth) && Files.IsPicture(mask));

    private static string[] Fields(string line) => line.Split([' ', '\t', ',', ';'], StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<RgbdTriple> ReadList(string folder, string list, FaultLog log)
    {
        foreach (var (number, text) in Files.Lines(list))
        {
            var field = $"line {number}";
            if (Fields(text) is not { Length: 3 } fields)
            {
                log.Error(FaultKind.AnnotationMalformed, list, field, $"'{text}'", "the paths of a picture, of its depth and of its mask");
                continue;
            }

            var paths = Array.ConvertAll(fields, named => Files.Resolve(folder, folder, named, list, field));
            var missing = Array.FindIndex(paths, static path => !File.Exists(path));
            if (missing < 0)
                yield return new RgbdTriple(Files.Stem(list), paths[0], paths[1], paths[2]);
            else
                log.Error(KindOf(missing), list, field, $"no file '{fields[missing]}'", missing switch { 0 => "a picture", 1 => "the depth of the picture", _ => "the mask of the picture" });
        }
    }

    private static FaultKind KindOf(int part) => part switch { 0 => FaultKind.PictureMissing, 1 => FaultKind.Depth, _ => FaultKind.AnnotationMissing };

    /// <summary>Whether a trio lies in the folder or below; of sub-folders the first alone is looked at, for one picture's are like another's.</summary>
    private static bool IsAbove(string folder, int levels) =>
        Holds(folder) || (levels > 0 && Files.Folders(folder) is [var first, ..] && IsAbove(first, levels - 1));

    private static bool Holds(string folder) => Files.Folder(folder, PictureFolders) is not null && Files.Folder(folder, MaskFolders) is not null
        && Files.Folder(folder, DepthPicture.Folders) is not null;

    private static IEnumerable<(string? Split, string Home, string Pictures, string Masks)> Trios(string root) => Trios(root, null, Levels);

    private static IEnumerable<(string? Split, string Home, string Pictures, string Masks)> Trios(string folder, string? split, int levels)
    {
        if (!Holds(folder))
        {
            return levels == 0 ? [] : Files.Folders(folder).SelectMany(path =>
                Trios(path, split ?? (SplitNames.IsSplit(Path.GetFileName(path)) ? Path.GetFileName(path) : null), levels - 1));
        }

        var (pictures, masks) = (Files.Folder(folder, PictureFolders)!, Files.Folder(folder, MaskFolders)!);
        if (Files.HasPicture(pictures))
            return [(split, folder, pictures, masks)];
        return Files.Folders(pictures).Where(static path => SplitNames.IsSplit(Path.GetFileName(path)))
            .Select(path => ((string?)Path.GetFileName(path), folder, path, Path.Combine(masks, Path.GetFileName(path))))
            .Where(static trio => Directory.Exists(trio.Item4));
    }

    private static List<RgbdTriple> Match((string? Split, string Home, string Pictures, string Masks) trio, string? depthFolder, FaultLog log)
    {
        var found = new List<RgbdTriple>();
        var folder = DepthPicture.FolderBeside(trio.Pictures, depthFolder, trio.Home);
        if (folder is null)
        {
            log.Error(FaultKind.Depth, trio.Pictures, DepthPicture.Field, "no folder of depth pictures", $"a folder {depthFolder ?? DepthPicture.Folders[0]} beside it");
            return found;
        }

        var (pictures, depthFiles, maskFiles) = (Files.Pictures(trio.Pictures), Files.Pictures(folder), Files.Pictures(trio.Masks));
        var (depths, masks) = (Files.ByStem(depthFiles), Files.ByStem(maskFiles));
        var used = new HashSet<string>(StringComparer.Ordinal);
        // Cameras name the files of one moment differently: a folder for each picture tells them apart instead.
        var isSingle = pictures.Count == 1 && depthFiles.Count == 1 && maskFiles.Count == 1;
        foreach (var picture in pictures)
        {
            var stem = Files.Stem(picture);
            var depth = isSingle ? depthFiles[0] : DepthPicture.Find(depths, stem);
            var mask = isSingle ? maskFiles[0] : MaskSuffixes.SelectMany(suffix => masks[stem + suffix]).FirstOrDefault();
            used.UnionWith([depth ?? "", mask ?? ""]);
            if (depth is null)
                log.Error(FaultKind.Depth, picture, DepthPicture.Field, "no depth picture", $"a depth picture {stem}.png of 16 bits in {folder}");
            else if (mask is null)
                log.Error(FaultKind.AnnotationMissing, picture, null, "no mask", $"a mask named {stem}.png in {trio.Masks}");
            else
                found.Add(new RgbdTriple(trio.Split, picture, depth, mask));
        }

        foreach (var lone in depthFiles.Where(file => !used.Contains(file)))
            log.Error(FaultKind.Depth, lone, null, "depth without a picture", $"a picture named {Files.Stem(lone)} in {trio.Pictures}");
        foreach (var lone in maskFiles.Where(file => !used.Contains(file)))
            log.Error(FaultKind.PictureMissing, lone, null, "no picture", $"a picture named {Files.Stem(lone)} in {trio.Pictures}");
        return found;
    }
}
