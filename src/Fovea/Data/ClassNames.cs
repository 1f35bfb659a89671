namespace Fovea.Data;

/// <summary>Where a data set's class names come from when they are not given.</summary>
internal static class ClassNames
{
    private const int Shown = 20;
    private static readonly string[] FileNames =
        ["classes.txt", "labels.txt", "class_names.txt", "obj.names", "classes.names", "predefined_classes.txt"];

    /// <summary>The names in a file of class names in the folder, one a line, or null when there is no such file.</summary>
    /// <exception cref="DataException">A name appears twice.</exception>
    public static LabelSpace? Find(string folder, out string? file)
    {
        file = FileNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return file is null ? null : Read(file);
    }

    /// <summary>Reads a file of class names, one a line.</summary>
    public static LabelSpace Read(string file)
    {
        var lines = Files.Lines(file).ToList();
        if (lines.Count == 0)
            throw new DataException(file, null, "an empty file", "one class name a line");
        var twice = lines.GroupBy(static line => line.Text, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1);
        if (twice is not null)
            throw new DataException(file, $"line {twice.Last().Number}", $"'{twice.Key}' a second time", "every class name once");
        return new LabelSpace(lines.Select(static line => line.Text));
    }

    /// <summary>Names for classes that have only numbers: "0", "1", ...</summary>
    public static LabelSpace Numbered(int count) => new(Enumerable.Range(0, count).Select(static i => $"{i}"));

    /// <summary>"one of A, B, C; did you mean 'B'?"</summary>
    public static string Expected(LabelSpace labels, string name)
    {
        return $"one of {List(labels)}{NearestName.Suggest(name, labels.Names)}";
    }

    /// <summary>The sentence a data set's notes open with.</summary>
    public static string Note(LabelSpace labels, string source) =>
        $"{Counted.Of(labels.Count, "class")} from {source}{(labels.Count > 0 ? ": " : "")}{List(labels)}";

    private static string List(LabelSpace labels) =>
        string.Join(", ", labels.Names.Take(Shown)) + (labels.Count > Shown ? $" ... {labels[labels.Count - 1]}" : "");
}
