namespace Fovea.Data.Readers;

/// <summary>PASCAL VOC segmentation: palette PNGs in SegmentationClass, 0 the background, 255 the outlines that do not count.</summary>
internal static class VocSegmentationReader
{
    private static readonly string[] VocClasses =
    [
        "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable",
        "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ];

    public static FormatReader Reader { get; } = new(
        DatasetFormat.VocSegmentation, "pictures in JPEGImages/ and masks in SegmentationClass/", Recognises, Splits, Open);

    private static bool Recognises(string folder) =>
        Files.Folder(folder, "SegmentationClass") is { } masks && Files.HasPicture(masks) && Files.Folder(folder, VocLayout.PictureFolders) is not null;

    private static IReadOnlyList<string> Splits(string folder) =>
        VocLayout.SplitsOf(Files.Folder(Path.Combine(folder, "ImageSets"), "Segmentation"));

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var pictures = Files.ByStem(Files.Pictures(Files.Folder(folder, VocLayout.PictureFolders)!));
        var maskFolder = Files.Folder(folder, "SegmentationClass")!;
        var masks = Files.Pictures(maskFolder);
        var values = new Dictionary<byte, string>(options.PixelValues);
        values.TryAdd(LabelMap.Ignore, DatasetOptions.NoClass);
        var notes = new List<string>();
        var labels = options.Labels ?? FindLabels(folder, masks, values, notes);
        var pairs = Pairs(folder, options.Split, maskFolder, masks, pictures, log);
        return MaskPairReader.Create(folder, options, DatasetFormat.VocSegmentation, pairs, new MaskDecoder(labels, values), notes);
    }

    /// <summary>What the masks say; VOC's own names for a folder named as VOC's are (VOC2012) that names none itself.</summary>
    private static LabelSpace FindLabels(string folder, IReadOnlyList<string> masks, Dictionary<byte, string> values, List<string> notes)
    {
        var labels = MaskClasses.Find(folder, masks, values, out var note);
        var isVoc = Path.GetFileName(Path.GetFullPath(folder)).StartsWith("VOC", StringComparison.Ordinal);
        if (isVoc && labels.Names[0] == "0" && labels.Count <= VocClasses.Length)
        {
            labels = new LabelSpace(VocClasses);
            note = ClassNames.Note(labels, "PASCAL VOC");
        }

        notes.Add(note);
        return labels;
    }

    private static List<MaskPair> Pairs(
        string folder, string? split, string maskFolder, IReadOnlyList<string> masks, ILookup<string, string> pictures, FaultLog log)
    {
        var pairs = new List<MaskPair>();
        var list = split is null ? null : Path.Combine(Files.Folder(Path.Combine(folder, "ImageSets"), "Segmentation")!, split + ".txt");
        var entries = list is null
            ? masks.Select(static path => (File: path, Field: (string?)null, Name: Files.Stem(path)))
            : Files.Lines(list).Select(line => (File: list, Field: (string?)$"line {line.Number}", Name: line.Text));
        var byStem = Files.ByStem(masks);
        foreach (var (file, field, name) in entries)
        {
            if (byStem[name].FirstOrDefault() is not { } mask)
                log.Error(FaultKind.AnnotationMissing, file, field, $"'{name}'", $"a name with a mask in {maskFolder}");
            else if (pictures[name].FirstOrDefault() is not { } picture)
                log.Error(FaultKind.PictureMissing, file, field, $"no picture '{name}'", "a picture of this name in JPEGImages");
            else
                pairs.Add(new MaskPair(split, picture, mask));
        }

        return pairs;
    }
}
