namespace Fovea.Data.Readers;

/// <summary>A row of a <see cref="LabelTable"/>.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Picture">The picture it names, relative to the table.</param>
/// <param name="Classes">The classes of the picture.</param>
/// <param name="Split">The split it belongs to, or null.</param>
internal sealed record LabelRow(int Line, string Picture, IReadOnlyList<string> Classes, string? Split);

/// <summary>
/// Pictures and their classes: the first column names the picture; then either a column for each class with 1 where it is true and 0
/// where not, or one column <c>labels</c> with names separated by semicolons, bars or spaces. A column <c>split</c> says where a row belongs.
/// </summary>
internal sealed class LabelTable
{
    private static readonly string[] ListNames = ["labels", "label", "tags", "classes"];

    private readonly string root;

    private LabelTable(string root, string path, IReadOnlyList<LabelRow> rows, IReadOnlyList<string> classes)
    {
        this.root = root;
        (Path, Rows, Classes) = (path, rows, classes);
    }

    public string Path { get; }

    public IReadOnlyList<LabelRow> Rows { get; }

    /// <summary>The classes in the order of the columns, or of the alphabet where they are listed.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Reads a table.</summary>
    /// <param name="root">Folder of the data set.</param>
    /// <param name="path">The table.</param>
    /// <exception cref="DataException">It has no columns of classes, or a row does not follow them.</exception>
    public static LabelTable Read(string root, string path)
    {
        var lines = CsvFile.Read(path).ToList();
        if (lines.Count == 0)
            throw new DataException(path, null, "an empty file", "a row of headings and a row for each picture");
        var headings = lines[0].Values;
        var split = Column(headings, "split");
        var columns = Enumerable.Range(1, Math.Max(0, headings.Count - 1)).Where(i => i != split).ToList();
        if (columns.Count == 0)
            throw new DataException(path, $"line {lines[0].Line}", $"the headings {string.Join(", ", headings)}", "the picture, then a column for each class, or one called labels");
        if (headings.GroupBy(static name => name, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1) is { } twice)
            throw new DataException(path, $"line {lines[0].Line}", $"the heading '{twice.Key}' twice", "every heading once");
        foreach (var (line, values) in lines)
        {
            if (values.Count != headings.Count)
                throw new DataException(path, $"line {line}", Counted.Of(values.Count, "value"), $"{headings.Count}, one for each heading; values with separators stand in double quotes");
        }

        var isList = columns.Count == 1 && ListNames.Contains(headings[columns[0]], StringComparer.OrdinalIgnoreCase);
        var separator = isList ? Separator(lines.Skip(1).Select(row => row.Values[columns[0]])) : ' ';
        var rows = lines.Skip(1).Select(row => new LabelRow(
            row.Line, row.Values[0],
            isList ? Listed(row.Values[columns[0]], separator) : [.. columns.Where(i => IsTrue(path, row.Line, headings[i], row.Values[i])).Select(i => headings[i])],
            split < 0 ? null : row.Values[split])).ToList();
        var classes = isList ? rows.SelectMany(static row => row.Classes).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal) : columns.Select(i => headings[i]);
        return new LabelTable(root, path, rows, [.. classes]);
    }

    /// <summary>The samples of some rows; rows at fault go into the log.</summary>
    public List<Sample> Samples(LabelSpace labels, Func<LabelRow, bool> isWanted, FaultLog log)
    {
        var (samples, seen) = (new List<Sample>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var row in Rows.Where(isWanted))
        {
            var field = $"line {row.Line}";
            if (row.Classes.FirstOrDefault(name => !labels.TryIndexOf(name, out _)) is { } unknown)
                log.Error(FaultKind.UnknownClass, Path, field, $"'{unknown}'", ClassNames.Expected(labels, unknown));
            else if (Find(row.Picture, field) is not { } picture)
                log.Error(FaultKind.PictureMissing, Path, field, $"'{row.Picture}'", "a picture beside the table or in images/ beside it");
            else if (!seen.Add(picture))
                log.Error(FaultKind.DuplicateId, Path, field, $"'{row.Picture}' a second time", "one row for each picture");
            else
                samples.Add(new Sample(picture, new Annotation { Labels = [.. row.Classes.Select(labels.IndexOf).Distinct().Order()] }) { Id = Files.Relative(root, picture), AnnotationPath = Path });
        }

        return samples;
    }

    private string? Find(string named, string field)
    {
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        return new[] { folder, System.IO.Path.Combine(folder, "images") }.Select(place => Files.Resolve(root, place, named, Path, field)).FirstOrDefault(File.Exists);
    }

    private static int Column(IReadOnlyList<string> headings, string name) => headings.Select(static (text, i) => (text, i))
        .Where(pair => pair.i > 0 && string.Equals(pair.text, name, StringComparison.OrdinalIgnoreCase)).Select(static pair => pair.i).FirstOrDefault(-1);

    // Names may hold spaces where something else separates them.
    private static char Separator(IEnumerable<string> lists)
    {
        var used = lists.SelectMany(static list => list).ToHashSet();
        return used.Contains(';') ? ';' : used.Contains('|') ? '|' : ' ';
    }

    private static string[] Listed(string list, char separator) => list.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsTrue(string path, int line, string heading, string value) => value switch
    {
        "1" or "1.0" => true,
        "0" or "0.0" => false,
        _ when bool.TryParse(value, out var answer) => answer,
        _ => throw new DataException(path, $"line {line}, {heading}", value.Length == 0 ? "nothing" : $"'{value}'", "1 where the class is true of the picture, 0 where not"),
    };
}
