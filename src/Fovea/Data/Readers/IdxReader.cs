using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>The MNIST family: NAME-images-idx3-ubyte and NAME-labels-idx1-ubyte, gzipped or not.</summary>
internal static class IdxReader
{
    public static FormatReader Reader { get; } = new(
        DatasetFormat.Idx, "NAME-images-idx3-ubyte and NAME-labels-idx1-ubyte, with or without .gz", Recognises, Splits, Open);

    private static bool Recognises(string folder) => ImageFiles(folder).Count > 0;

    private static IReadOnlyList<string> Splits(string folder) => [.. ImageFiles(folder).Select(SplitOf)];

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var files = ImageFiles(folder);
        var classFiles = files.ToDictionary(SplitOf, static path => (Path: LabelFile(path), Labels: ReadLabels(LabelFile(path))), StringComparer.Ordinal);
        // A class that one split lacks must not change the class count of the other.
        var highest = classFiles.Values.Max(static file => file.Labels.Max());
        var named = options.Labels ?? ClassNames.Find(folder, out _);
        var labels = named ?? ClassNames.Numbered(highest + 1);
        var parts = new List<PackedImages>();
        foreach (var path in files.Where(path => options.Split is null || SplitOf(path) == options.Split))
        {
            var (labelPath, values) = classFiles[SplitOf(path)];
            if (Array.FindIndex(values, value => value >= labels.Count) is >= 0 and var bad)
                throw new DataException(labelPath, $"label {bad}", $"{values[bad]}", $"0 to {labels.Count - 1}, the numbers of the {Counted.Of(labels.Count, "class")}");
            parts.Add(OpenImages(path, labelPath, values));
        }

        return new PackedDataset(parts)
        {
            Name = FormatReader.NameOf(folder, options.Split),
            Format = DatasetFormat.Idx,
            Labels = labels,
            Notes = options.Labels is null ? [ClassNames.Note(labels, named is null ? "the highest label" : "the file of class names")] : [],
        };
    }

    private static PackedImages OpenImages(string path, string labelPath, byte[] labels)
    {
        var file = IdxFile.Open(path);
        if (file.Dimensions.Length is not 3 and not 4)
            throw new DataException(path, "header", Counted.Of(file.Dimensions.Length, "dimension"), "3: images, rows, columns (or 4, with channels)");
        if (file.Count != labels.Length)
            throw new DataException(labelPath, "header", Counted.Of(labels.Length, "label"), $"{file.Count}, the number of images in {Path.GetFileName(path)}");
        var channels = file.Dimensions is [_, _, _, var depth] ? depth : 1;
        if (channels is not 1 and not 3)
            throw new DataException(path, "header, dimension 3", Counted.Of(channels, "channel"), "1 or 3");
        var size = new ImageSize(file.Dimensions[1], file.Dimensions[2]);
        return new PackedImages(SplitOf(path), path, size, labels, index =>
        {
            var image = new Image(size, channels);
            file.Read(index, image.Data);
            return image;
        });
    }

    private static byte[] ReadLabels(string path)
    {
        if (!File.Exists(path))
            throw new DataException(path, null, "nothing", "the labels of the images beside it");
        var file = IdxFile.Open(path);
        return file.Dimensions.Length == 1
            ? file.ReadAll()
            : throw new DataException(path, "header", Counted.Of(file.Dimensions.Length, "dimension"), "1: one label an image");
    }

    private static List<string> ImageFiles(string folder) => Files.List(folder, static path => IsImages(Path.GetFileName(path)));

    private static bool IsImages(string name) =>
        name.Contains("images", StringComparison.Ordinal) && (name.Contains("idx3-ubyte", StringComparison.Ordinal) || name.Contains("idx4-ubyte", StringComparison.Ordinal));

    private static string LabelFile(string images) => Path.Combine(Path.GetDirectoryName(images)!, Path.GetFileName(images)
        .Replace("images", "labels", StringComparison.Ordinal)
        .Replace("idx3", "idx1", StringComparison.Ordinal).Replace("idx4", "idx1", StringComparison.Ordinal));

    /// <summary>"train" of "train-images-idx3-ubyte.gz".</summary>
    private static string SplitOf(string path)
    {
        var name = Path.GetFileName(path);
        return name[..name.IndexOf("images", StringComparison.Ordinal)].TrimEnd('-', '_', '.');
    }
}
