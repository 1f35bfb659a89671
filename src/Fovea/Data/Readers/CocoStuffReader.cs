using System.Globalization;

namespace Fovea.Data.Readers;

/// <summary>
/// COCO-Stuff pixel maps: stuffthingmaps/train2017/*.png beside train2017/ or images/train2017/, whose values are category ids less
/// one and 255 for void. Of the 182 ids 171 are used, 80 of things and 91 of stuff.
/// </summary>
internal static class CocoStuffReader
{
    private const int LastId = 182;
    private const string NameFile = "labels.txt";

    // Ids that COCO once meant to use: street sign, hat, shoe, eye glasses, plate, mirror, window, desk, door, blender, hair brush.
    private static readonly int[] Unused = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83, 91];
    private static readonly string[] MapFolders = ["stuffthingmaps", "stuffthingmaps_trainval2017", "stuff_pixelmaps"];

    public static FormatReader Reader { get; } = new(
        DatasetFormat.CocoStuff, "stuffthingmaps/train2017 beside train2017/ or images/train2017", Recognises, Splits, Open)
    {
        Accepts = static folder => Splits(folder).Count > 0,
    };

    private static bool Recognises(string folder) => Files.Folder(folder, MapFolders) is not null && Splits(folder).Count > 0;

    private static IReadOnlyList<string> Splits(string folder) => Maps(folder) is not { } maps
        ? []
        : [.. Files.Folders(maps).Select(static path => Path.GetFileName(path)).Where(split => PictureFolder(folder, split) is not null && Files.HasPicture(Path.Combine(maps, split)))];

    // annotations/ may hold maps as well; that they are those of COCO-Stuff must be said.
    private static string? Maps(string folder) => Files.Folder(folder, [.. MapFolders, "annotations"]);

    private static string? PictureFolder(string folder, string split) =>
        Files.Folder(folder, split) ?? (Files.Folder(folder, "images") is { } images ? Files.Folder(images, split) : null);

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var notes = new List<string>();
        var names = Names(Path.Combine(folder, NameFile), out var source);
        var labels = NamedClasses.Choose(new LabelSpace(names.OrderBy(static pair => pair.Key).Select(static pair => pair.Value)), options, source, notes);
        var values = names.Select(static pair => KeyValuePair.Create((byte)(pair.Key - 1), (string?)pair.Value)).Append(KeyValuePair.Create(LabelMap.Ignore, (string?)null));
        var splits = options.Split is { } one ? [one] : Splits(folder);
        var pairs = splits.SelectMany(split => MaskPairLayout.Match(split, PictureFolder(folder, split)!, Path.Combine(Maps(folder)!, split), log)).ToList();
        return MaskPairReader.Create(folder, options, DatasetFormat.CocoStuff, pairs, NamedClasses.Decoder(labels, values), notes);
    }

    /// <summary>Lines such as "1: person", or the ids themselves where there is no such file.</summary>
    private static Dictionary<int, string> Names(string file, out string source)
    {
        var names = Enumerable.Range(1, LastId).Except(Unused).ToDictionary(static id => id, static id => id.ToString(CultureInfo.InvariantCulture));
        source = File.Exists(file) ? NameFile : $"COCO-Stuff ({NameFile} would name them)";
        foreach (var (number, text) in File.Exists(file) ? Files.Lines(file) : [])
        {
            var parts = text.Split(':', 2, StringSplitOptions.TrimEntries);
            if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id > LastId)
                throw new DataException(file, $"line {number}", $"'{text}'", $"ID: NAME with an id up to {LastId}");
            if (names.ContainsKey(id))
                names[id] = parts[1];
        }

        return names;
    }
}
