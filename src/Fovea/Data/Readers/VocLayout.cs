namespace Fovea.Data.Readers;

/// <summary>Where the XML files and pictures of a VOC set lie.</summary>
/// <param name="Annotations">Folder of the XML files.</param>
/// <param name="Pictures">Folder of the pictures.</param>
/// <param name="Lists">Folder of the split lists, or null.</param>
internal sealed record VocLayout(string Annotations, string Pictures, string? Lists)
{
    public static readonly string[] PictureFolders = ["JPEGImages", "images", "imgs", "img"];

    /// <summary>The layouts of a folder by split; the split is null when the folder is one set, with or without lists.</summary>
    public static IReadOnlyList<(string? Split, VocLayout Layout)> Find(string folder)
    {
        if (FindOne(folder) is { } single)
            return [(null, single)];
        return
        [
            .. Files.Folders(folder).Where(static path => SplitNames.IsSplit(Path.GetFileName(path)))
                .Select(static path => ((string?)Path.GetFileName(path), Layout: FindOne(path)))
                .Where(static pair => pair.Layout is not null).Select(static pair => (pair.Item1, pair.Layout!)),
        ];
    }

    /// <summary>The lists of a folder such as ImageSets/Main that name pictures, by split; lists of one class ("cat_train") are not among them.</summary>
    public static IReadOnlyList<string> SplitsOf(string? lists) => lists is null
        ? []
        : [.. Files.List(lists, static path => Path.GetExtension(path) == ".txt" && SplitNames.IsSplit(Files.Stem(path))).Select(Files.Stem)];

    private static VocLayout? FindOne(string folder)
    {
        var annotations = Files.Folder(folder, "Annotations", "annotation", "xml", "xmls", "labels");
        if (annotations is null || !HasXml(annotations))
            annotations = HasXml(folder) ? folder : null;
        if (annotations is null)
            return null;
        var pictures = Files.Folder(folder, PictureFolders) ?? folder;
        return new VocLayout(annotations, pictures, Files.Folder(Path.Combine(folder, "ImageSets"), "Main"));
    }

    private static bool HasXml(string folder) => Directory.EnumerateFiles(folder, "*.xml").Any();
}
