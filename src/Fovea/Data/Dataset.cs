using Fovea.Data.Readers;

namespace Fovea.Data;

/// <summary>Opens folders of labelled images.</summary>
public static class Dataset
{
    /// <summary>Opens a folder of labelled images.</summary>
    /// <param name="folder">The folder of the data set.</param>
    /// <param name="format">Its format, or null to find it from what lies in the folder.</param>
    /// <param name="split">The split, such as "train" or "val" ("val" also finds "val2017", "valid" ...), or null for all images.</param>
    /// <param name="labels">The classes in their order, or null to take them from the folder; see <see cref="IDataset.Notes"/> for where from.</param>
    /// <exception cref="FoveaException">The folder or the split is not there, or the folder holds no known format.</exception>
    /// <exception cref="DataException">An annotation is at fault.</exception>
    public static IDataset Open(string folder, DatasetFormat? format = null, string? split = null, LabelSpace? labels = null) =>
        Open(folder, new DatasetOptions { Format = format, Split = split, Labels = labels });

    /// <summary>Opens a folder of labelled images.</summary>
    /// <param name="folder">The folder of the data set.</param>
    /// <param name="options">Format, split, classes and what is done about faults.</param>
    /// <exception cref="FoveaException">The folder or the split is not there, or the folder holds no known format.</exception>
    /// <exception cref="DataException">An annotation is at fault and <see cref="DatasetOptions.Faults"/> is <see cref="FaultPolicy.Error"/>.</exception>
    public static IDataset Open(string folder, DatasetOptions options)
    {
        var log = new FaultLog(options.Faults, options.BoxFaults);
        var dataset = Open(folder, options, log);
        var leftOut = log.Conclude(folder);
        return leftOut.Count == 0 ? dataset : dataset.WithNotes(leftOut);
    }

    /// <summary>The splits that a folder has, under the names it gives them; empty when it has none.</summary>
    /// <param name="folder">The folder of the data set.</param>
    /// <param name="format">Its format, or null to find it.</param>
    public static IReadOnlyList<string> Splits(string folder, DatasetFormat? format = null) => Reader(folder, format).Splits(Path.TrimEndingDirectorySeparator(folder));

    /// <summary>Finds the format of a folder.</summary>
    /// <exception cref="FoveaException">No format fits; the message lists what was looked for.</exception>
    public static DatasetFormat DetectFormat(string folder) => Reader(folder, null).Format;

    /// <summary>Whether a folder holds data of a format.</summary>
    internal static bool Holds(string folder, DatasetFormat format) => Directory.Exists(folder) && FormatReader.All.Single(reader => reader.Format == format).Accepts(folder);

    internal static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        folder = Path.TrimEndingDirectorySeparator(folder);
        var reader = Reader(folder, options.Format);
        var split = options.Split is null ? null : SplitNames.Resolve(folder, options.Split, reader.Splits(folder));
        return reader.Open(folder, options with { Split = split, Format = reader.Format }, log);
    }

    // A folder around a data set (VOCdevkit around VOC2012) looks like one of class folders, whose pictures lie deeper.
    private static (string Folder, string Format)? Inner(string folder)
    {
        foreach (var inner in Files.Folders(folder).Where(static path => !SplitNames.IsSplit(Path.GetFileName(path)) && !Files.HasPicture(path)))
        {
            if (FormatReader.All.FirstOrDefault(reader => reader.Recognises(inner)) is { Format: not DatasetFormat.ImageFolder } reader)
                return (inner, reader.Format.Name());
        }

        return null;
    }

    private static FormatReader Reader(string folder, DatasetFormat? format)
    {
        if (!Directory.Exists(folder))
            throw new FoveaException($"{folder}: found {(File.Exists(folder) ? "a file" : "nothing")}, expected the folder of a data set");
        var readers = FormatReader.All;
        if (format is not null)
        {
            var chosen = readers.Single(reader => reader.Format == format);
            return chosen.Accepts(folder)
                ? chosen
                : throw new FoveaException($"{folder}: found no {format.Value.Name()} data, expected {chosen.LooksFor}");
        }

        var found = readers.FirstOrDefault(reader => reader.Recognises(folder));
        if (found?.Format == DatasetFormat.ImageFolder && Inner(folder) is var (inner, name))
            throw new FoveaException($"{folder}: found {Path.GetFileName(inner)}/, which holds {name} data, expected a data set itself; give {inner}, or --format image-folder if its folders are classes");
        return found ?? throw new FoveaException(
            $"{folder}: found no known data format, expected one of: "
            + string.Join("; ", readers.Select(static reader => $"{reader.Format.Name()} ({reader.LooksFor})")));
    }
}
