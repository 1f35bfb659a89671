namespace Fovea.Data.Readers;

/// <summary>
/// PASCAL VOC segmentation: palette PNGs in SegmentationClass, 0 the background, 255 the outlines that do not count. The further
/// masks of SBD may lie beside them, as PNGs in SegmentationClassAug or as its MATLAB files in cls.
/// </summary>
internal static class VocSegmentationReader
{
    /// <summary>The split that VOC and SBD give together: VOC's training pictures and SBD's, less VOC's validation pictures.</summary>
    private const string Augmented = "train_aug";

    private static readonly string[] AugmentedNames = [Augmented, "trainaug"];

    public static FormatReader Reader { get; } = new(
        DatasetFormat.VocSegmentation, "pictures in JPEGImages/ and masks in SegmentationClass/", Recognises, Splits, Open);

    /// <summary>Whether a split is the training pictures and more, rather than one beside them.</summary>
    public static bool IsAugmented(string split) => AugmentedNames.Contains(split);

    private static bool Recognises(string folder) =>
        Files.Folder(folder, "SegmentationClass") is { } masks && Files.HasPicture(masks) && Files.Folder(folder, VocLayout.PictureFolders) is not null;

    private static IReadOnlyList<string> Splits(string folder)
    {
        var lists = Lists(folder);
        var named = AugmentedNames.Where(name => lists is not null && File.Exists(Path.Combine(lists, name + ".txt"))).ToList();
        var plain = VocLayout.SplitsOf(lists);
        return [.. plain, .. named.Count == 0 && Further(folder).Count > 0 && plain.Contains("train") ? [Augmented] : named];
    }

    private static string? Lists(string folder) => Files.Folder(Path.Combine(folder, "ImageSets"), "Segmentation");

    private static List<string> Further(string folder) =>
    [
        .. Files.Folder(folder, "SegmentationClassAug") is { } aug ? Files.Pictures(aug) : [], .. Files.Folder(folder, "cls") is { } sbd ? SbdReader.Maps(sbd) : [],
    ];

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var pictures = Files.ByStem(Files.Pictures(Files.Folder(folder, VocLayout.PictureFolders)!));
        var masks = Files.Pictures(Files.Folder(folder, "SegmentationClass")!);
        var further = Further(folder);
        var values = new Dictionary<byte, string>(options.PixelValues);
        values.TryAdd(LabelMap.Ignore, DatasetOptions.NoClass);
        var notes = new List<string>();
        GreyInColour.Note(masks, notes);
        var labels = options.Labels ?? FindLabels(folder, masks, values, notes);
        // VOC's own masks have outlines: where both have a picture, SBD's mask is not used.
        var known = masks.Select(Files.Stem).ToHashSet(StringComparer.Ordinal);
        var added = further.DistinctBy(Files.Stem).Where(path => !known.Contains(Files.Stem(path))).ToList();
        var pairs = options.Split == Augmented && !File.Exists(Path.Combine(Lists(folder)!, Augmented + ".txt"))
            ? Union(folder, masks, added, pictures, log)
            : Pairs(options.Split is { } split ? Path.Combine(Lists(folder)!, split + ".txt") : null, options.Split, [.. masks, .. added], pictures, log);
        return MaskPairReader.Create(folder, options, DatasetFormat.VocSegmentation, pairs, new MatDecoder(new MaskDecoder(labels, values)), notes);
    }

    /// <summary>What the masks say; VOC's own names for a folder named as VOC's are (VOC2012) that names none itself.</summary>
    private static LabelSpace FindLabels(string folder, IReadOnlyList<string> masks, Dictionary<byte, string> values, List<string> notes)
    {
        var labels = MaskClasses.Find(folder, masks, values, out var note);
        var isVoc = Path.GetFileName(Path.GetFullPath(folder)).StartsWith("VOC", StringComparison.Ordinal);
        if (isVoc && labels.Names[0] == "0" && labels.Count <= VocClasses.Labels.Count)
        {
            labels = VocClasses.Labels;
            note = ClassNames.Note(labels, "PASCAL VOC");
        }

        notes.Add(note);
        return labels;
    }

    /// <summary>The pictures of the training list and those that SBD adds, less those of the validation list.</summary>
    private static List<MaskPair> Union(string folder, List<string> masks, List<string> added, ILookup<string, string> pictures, FaultLog log)
    {
        var pairs = Pairs(Path.Combine(Lists(folder)!, "train.txt"), Augmented, masks, pictures, log);
        var list = Path.Combine(Lists(folder)!, "val.txt");
        var left = File.Exists(list) ? Files.Lines(list).Select(static line => line.Text).ToHashSet(StringComparer.Ordinal) : [];
        return [.. pairs, .. Pairs(null, Augmented, [.. added.Where(path => !left.Contains(Files.Stem(path)))], pictures, log)];
    }

    /// <summary>The pictures that a list names, or those of all masks, with their masks.</summary>
    internal static List<MaskPair> Pairs(string? list, string? split, IReadOnlyList<string> masks, ILookup<string, string> pictures, FaultLog log)
    {
        var pairs = new List<MaskPair>();
        var entries = list is null
            ? masks.Select(static path => (File: path, Field: (string?)null, Name: Files.Stem(path)))
            : Files.Lines(list).Select(line => (File: list, Field: (string?)$"line {line.Number}", Name: line.Text));
        var byStem = Files.ByStem(masks);
        foreach (var (file, field, name) in entries)
        {
            // Lists of other tools name paths, "/JPEGImages/2007_000032.jpg /SegmentationClassAug/2007_000032.png".
            var stem = name.Contains('/', StringComparison.Ordinal) ? Files.Stem(name.Split(' ')[0]) : name;
            if (byStem[stem].FirstOrDefault() is not { } mask)
                log.Error(FaultKind.AnnotationMissing, file, field, $"'{name}'", "a name with a mask in SegmentationClass");
            else if (pictures[stem].FirstOrDefault() is not { } picture)
                log.Error(FaultKind.PictureMissing, file, field, $"no picture '{stem}'", "a picture of this name in JPEGImages");
            else
                pairs.Add(new MaskPair(split, picture, mask));
        }

        return pairs;
    }
}
