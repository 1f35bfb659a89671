using System.Globalization;

namespace Fovea.Data.Readers;

/// <summary>
/// ADE20K as SceneParse150 has it: images/training with annotations/training, value 0 for what is none of the 150 classes, class n − 1
/// for value n.
/// </summary>
internal static class Ade20kReader
{
    public const int ClassCount = 150;
    private const string NameFile = "objectInfo150.txt";

    public static FormatReader Reader { get; } = new(
        DatasetFormat.Ade20k, $"images/training and annotations/training with {NameFile}, or files named ADE_train_*", Recognises, MaskPairLayout.Splits, Open)
    {
        Accepts = MaskPairLayout.Recognises,
    };

    private static bool Recognises(string folder) => MaskPairLayout.Recognises(folder) && (File.Exists(Path.Combine(folder, NameFile))
        || (MaskPairLayout.Find(folder, null, new FaultLog(FaultPolicy.Skip)) is [var first, ..] && Files.Stem(first.Picture).StartsWith("ADE_", StringComparison.Ordinal)));

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var notes = new List<string>();
        var all = Names(Path.Combine(folder, NameFile), out var source);
        var labels = NamedClasses.Choose(all, options, source, notes);
        var values = all.Names.Select(static (name, index) => KeyValuePair.Create((byte)(index + 1), (string?)name))
            .Concat([KeyValuePair.Create((byte)0, (string?)null), KeyValuePair.Create(LabelMap.Ignore, (string?)null)]);
        return MaskPairReader.Create(folder, options, DatasetFormat.Ade20k, MaskPairLayout.Find(folder, options.Split, log), NamedClasses.Decoder(labels, values), notes);
    }

    /// <summary>A line a class, number first and names last, tabs between; numbers for names where the file is not there.</summary>
    private static LabelSpace Names(string file, out string source)
    {
        source = File.Exists(file) ? NameFile : $"SceneParse150 ({NameFile} would name them)";
        if (!File.Exists(file))
            return new LabelSpace(Enumerable.Range(1, ClassCount).Select(static value => value.ToString(CultureInfo.InvariantCulture)));
        var names = new string[ClassCount];
        foreach (var (number, text) in Files.Lines(file))
        {
            var fields = text.Split('\t');
            if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                continue;
            if (value is < 1 or > ClassCount || names[value - 1] is not null)
                throw new DataException(file, $"line {number}", $"class {value}", $"every number from 1 to {ClassCount} once");
            names[value - 1] = fields[^1].Split(',')[0].Trim();
        }

        if (Array.IndexOf(names, null) is >= 0 and var missing)
            throw new DataException(file, null, $"no class {missing + 1}", $"a line for every number from 1 to {ClassCount}");
        // A few first names belong to two classes.
        var twice = names.GroupBy(static name => name, StringComparer.Ordinal).Where(static group => group.Count() > 1).Select(static group => group.Key).ToHashSet(StringComparer.Ordinal);
        return new LabelSpace(names.Select((name, index) => twice.Contains(name) ? $"{name} {index + 1}" : name));
    }
}
