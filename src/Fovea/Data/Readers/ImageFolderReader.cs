namespace Fovea.Data.Readers;

/// <summary>Pictures in one sub-folder per class, or in such sub-folders below train/ and val/.</summary>
internal static class ImageFolderReader
{
    public static FormatReader Reader { get; } = new(
        DatasetFormat.ImageFolder, "a sub-folder of pictures per class, or such sub-folders below train/ and val/", Recognises, Splits, Open);

    private static bool Recognises(string folder) => Splits(folder).Count > 0 || ClassFolders(folder).Any();

    private static IReadOnlyList<string> Splits(string folder) =>
        [.. SplitFolders(folder).Select(static path => Path.GetFileName(path))];

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var splits = SplitFolders(folder);
        var roots = splits.Count == 0 ? [folder] : splits;
        // Classes come from every split, so that a class which one split lacks does not shift the numbers of the others.
        var found = new LabelSpace(roots.SelectMany(ClassFolders).Select(static path => Path.GetFileName(path))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        var labels = options.Labels ?? found;
        var notes = options.Labels is null ? new List<string> { ClassNames.Note(labels, splits.Count == 0 ? "the sub-folders" : $"the sub-folders of {string.Join(", ", Splits(folder))}") } : [];
        notes.AddRange(roots.SelectMany(root => WithoutPictures(folder, root, labels, log)));
        var samples = new List<Sample>();
        foreach (var root in roots.Where(root => options.Split is null || Path.GetFileName(root) == options.Split))
        {
            foreach (var classFolder in ClassFolders(root))
                Add(samples, folder, classFolder, labels, log);
        }

        return new FileDataset(samples)
        {
            Name = FormatReader.NameOf(folder, options.Split),
            Format = DatasetFormat.ImageFolder,
            Content = DatasetContent.Classes,
            Labels = labels,
            Notes = notes,
        };
    }

    private static void Add(List<Sample> samples, string folder, string classFolder, LabelSpace labels, FaultLog log)
    {
        var name = Path.GetFileName(classFolder);
        if (!labels.TryIndexOf(name, out var label))
        {
            log.Error(FaultKind.UnknownClass, classFolder, "class", $"'{name}'", ClassNames.Expected(labels, name));
            return;
        }

        var annotation = new Annotation { Label = label };
        samples.AddRange(Files.Pictures(classFolder, recursive: true)
            .Select(path => new Sample(path, annotation) { Id = Files.Relative(folder, path) }));
    }

    // A folder without a file is a class whose pictures are missing, unless the class is known otherwise; one with other files is none.
    private static IEnumerable<string> WithoutPictures(string folder, string root, LabelSpace known, FaultLog log)
    {
        foreach (var path in Files.Folders(root).Where(static path => !SplitNames.IsSplit(Path.GetFileName(path)) && !Files.HasPicture(path, recursive: true)))
        {
            var name = Files.Relative(folder, path);
            if (known.TryIndexOf(Path.GetFileName(path), out _))
                yield return $"{name}: holds no picture of this class";
            else if (Files.IsEmpty(path))
                log.Error(FaultKind.ClassUse, path, "class", "no picture", "at least one; put pictures there or remove the folder");
            else
                yield return $"{name}: holds files but no picture, so that it is taken for no class";
        }
    }

    private static List<string> SplitFolders(string folder) =>
        Files.Folders(folder).FindAll(static path => SplitNames.IsSplit(Path.GetFileName(path)) && ClassFolders(path).Any());

    private static IEnumerable<string> ClassFolders(string folder) =>
        Files.Folders(folder).Where(static path => Files.HasPicture(path, recursive: true));
}
