namespace Fovea.Data.Readers;

/// <summary>A picture and its mask.</summary>
internal readonly record struct MaskPair(string? Split, string Picture, string Mask);

/// <summary>Finds pictures and their masks: by list files, by two folders side by side, or by a folder and its "annot" twin.</summary>
internal static class MaskPairLayout
{
    private static readonly string[] PictureFolders = ["images", "image", "imgs", "img", "JPEGImages", "inputs", "701_StillsRaw_full"];
    private static readonly string[] MaskFolders =
        ["masks", "mask", "labels", "label", "annotations", "annotation", "segmentations", "targets", "gt", "SegmentationClass", "LabeledApproved_full"];

    private static readonly string[] TwinSuffixes = ["annot", "_annot", "_mask", "_masks", "_label", "_labels"];
    private static readonly string[] StemSuffixes =
        ["_mask", "_masks", "_label", "_labels", "_labelIds", "_L", "_gt", "_seg", "_segmentation", "_annotation", "-mask"];

    /// <summary>Split names; empty when the folder is one set.</summary>
    public static IReadOnlyList<string> Splits(string folder)
    {
        var lists = Lists(folder);
        return lists.Count > 0
            ? [.. lists.Select(Files.Stem)]
            : [.. FolderPairs(folder).Select(static pair => pair.Split).OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    public static bool Recognises(string folder) => Lists(folder).Count > 0 || FolderPairs(folder).Any();

    /// <summary>All pairs of the split; what has no partner goes into the log.</summary>
    public static List<MaskPair> Find(string folder, string? split, FaultLog log)
    {
        var lists = Lists(folder);
        if (lists.Count > 0)
            return [.. lists.Where(list => split is null || Files.Stem(list) == split).SelectMany(list => ReadList(folder, list, log))];
        return
        [
            .. FolderPairs(folder).Where(pair => split is null || pair.Split == split)
                .SelectMany(pair => Match(pair.Split, pair.Pictures, pair.Masks, log)),
        ];
    }

    /// <summary>Text files in the folder named as splits whose first line is "picture mask".</summary>
    private static List<string> Lists(string folder) => Files.List(folder, static path =>
        Path.GetExtension(path) == ".txt" && SplitNames.IsSplit(Files.Stem(path))
        && Fields(Files.Lines(path).Select(static line => line.Text).FirstOrDefault() ?? "") is [var picture, var mask]
        && Files.IsPicture(picture) && Files.IsPicture(mask));

    private static IEnumerable<MaskPair> ReadList(string folder, string list, FaultLog log)
    {
        var split = Files.Stem(list);
        foreach (var (number, text) in Files.Lines(list))
        {
            var field = $"line {number}";
            if (Fields(text) is not [var picture, var mask])
            {
                log.Error(FaultKind.AnnotationMalformed, list, field, $"'{text}'", "the path of a picture and of its mask");
                continue;
            }

            var paths = new MaskPair(split, Place(folder, picture, list, field), Place(folder, mask, list, field));
            if (!File.Exists(paths.Picture))
                log.Error(FaultKind.PictureMissing, list, field, $"no file '{picture}'", "a picture");
            else if (!File.Exists(paths.Mask))
                log.Error(FaultKind.AnnotationMissing, list, field, $"no file '{mask}'", "the mask of the picture");
            else
                yield return paths;
        }
    }

    // Lists that were written on another machine (SegNet's /SegNet/CamVid/train/a.png) name absolute paths, of which the end is here.
    private static string Place(string folder, string named, string list, string field)
    {
        var parts = named.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var end = !named.StartsWith('/') ? null : Enumerable.Range(0, Math.Max(0, parts.Length - 1)).Select(skipped => string.Join('/', parts[skipped..]))
            .FirstOrDefault(tail => File.Exists(Path.Combine(folder, tail)));
        return Files.Resolve(folder, folder, end ?? named, list, field);
    }

    private static string[] Fields(string line) => line.Split([' ', '\t', ',', ';'], StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<(string? Split, string Pictures, string Masks)> FolderPairs(string folder)
    {
        if (Sides(folder) is var (pictures, masks))
        {
            if (Files.HasPicture(pictures) && Files.HasPicture(masks))
                return [(null, pictures, masks)];
            // images/train beside masks/train
            return Files.Folders(pictures).Where(static path => SplitNames.IsSplit(Path.GetFileName(path)))
                .Select(path => ((string?)Path.GetFileName(path), path, Path.Combine(masks, Path.GetFileName(path))))
                .Where(static pair => Directory.Exists(pair.Item3) && Files.HasPicture(pair.path) && Files.HasPicture(pair.Item3));
        }

        // train/images beside train/masks, or train beside trainannot
        return Files.Folders(folder).Where(static path => SplitNames.IsSplit(Path.GetFileName(path))).Select(path =>
        {
            var split = Path.GetFileName(path);
            return Sides(path) is var (inner, innerMasks)
                ? ((string?)split, inner, innerMasks)
                : (split, path, Files.Folder(folder, [.. TwinSuffixes.Select(suffix => split + suffix)]) ?? "");
        }).Where(static pair => pair.Item3.Length > 0 && Files.HasPicture(pair.Item2) && Files.HasPicture(pair.Item3));
    }

    private static (string Pictures, string Masks)? Sides(string folder) =>
        Files.Folder(folder, PictureFolders) is { } pictures && Files.Folder(folder, MaskFolders) is { } masks ? (pictures, masks) : null;

    /// <summary>Pairs the pictures and masks of two folders by name; what has no partner goes into the log.</summary>
    public static IEnumerable<MaskPair> Match(string? split, string pictureFolder, string maskFolder, FaultLog log)
    {
        var masks = Files.ByStem(Files.Pictures(maskFolder));
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var picture in Files.Pictures(pictureFolder))
        {
            var stem = Files.Stem(picture);
            var mask = StemSuffixes.Prepend("").SelectMany(suffix => masks[stem + suffix]).FirstOrDefault();
            if (mask is null)
            {
                log.Error(FaultKind.AnnotationMissing, picture, null, "no mask", $"a mask named {stem}.png in {maskFolder}");
                continue;
            }

            used.Add(mask);
            yield return new MaskPair(split, picture, mask);
        }

        foreach (var mask in masks.SelectMany(static group => group).Where(mask => !used.Contains(mask)))
            log.Error(FaultKind.PictureMissing, mask, null, "no picture", $"a picture named {Files.Stem(mask)} in {pictureFolder}");
    }
}
