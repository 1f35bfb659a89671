namespace Fovea.Data.Readers;

/// <summary>
/// A table with a row for each picture and its classes, none, one or several: <c>labels.csv</c> in the folder (with a column <c>split</c> if it
/// has splits), or one in each of <c>train/</c>, <c>valid/</c>, <c>test/</c>, where Roboflow calls it <c>_classes.csv</c>.
/// </summary>
internal static class MultiLabelReader
{
    private static readonly string[] FileNames = ["labels.csv", "_classes.csv"];

    public static FormatReader Reader { get; } = new(
        DatasetFormat.MultiLabel, "labels.csv with a picture and its classes in each row, or such a table (also _classes.csv) in train/ and val/", static folder => Tables(folder).Count > 0, Splits, Open);

    private static IReadOnlyList<string> Splits(string folder) => Tables(folder) switch
    {
        [] => [],
        [(null, var table)] => [.. LabelTable.Read(folder, table).Rows.Select(static row => row.Split).OfType<string>().Distinct(StringComparer.Ordinal)],
        var tables => [.. tables.Select(static table => table.Split!)],
    };

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var tables = Tables(folder).ConvertAll(table => (table.Split, Table: LabelTable.Read(folder, table.Path)));
        // Classes come from every split, so that a class which one split lacks does not shift the numbers of the others.
        var labels = options.Labels ?? new LabelSpace(tables.SelectMany(static table => table.Table.Classes).Distinct(StringComparer.Ordinal));
        var samples = new List<Sample>();
        foreach (var (split, table) in tables)
            samples.AddRange(table.Samples(labels, row => options.Split is null || (split ?? row.Split) == options.Split, log));
        return new FileDataset(samples)
        {
            Name = FormatReader.NameOf(folder, options.Split),
            Format = DatasetFormat.MultiLabel,
            Content = DatasetContent.Labels,
            Labels = labels,
            Notes = options.Labels is null ? [ClassNames.Note(labels, string.Join(", ", tables.Select(table => Files.Relative(folder, table.Table.Path))))] : [],
        };
    }

    /// <summary>The folder's own table, or those of its splits.</summary>
    private static List<(string? Split, string Path)> Tables(string folder) => TableOf(folder) is { } own
        ? [(null, own)]
        : [.. Files.Folders(folder).Select(static path => (Split: (string?)Path.GetFileName(path), Table: TableOf(path)))
            .Where(static pair => pair.Table is not null && SplitNames.IsSplit(pair.Split!)).Select(static pair => (pair.Split, pair.Table!))];

    private static string? TableOf(string folder) => FileNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
