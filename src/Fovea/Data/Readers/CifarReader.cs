using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>CIFAR binary batches: a record is one label byte (CIFAR-100: coarse and fine) and 32x32 pixels, plane by plane.</summary>
internal static class CifarReader
{
    private const int Side = 32;
    private const int Pixels = Side * Side;
    private static readonly string[] SubFolders = ["cifar-10-batches-bin", "cifar-100-binary"];

    public static FormatReader Reader { get; } = new(
        DatasetFormat.Cifar, "data_batch_1.bin ... and test_batch.bin (CIFAR-10), or train.bin and test.bin (CIFAR-100)", Recognises, Splits, Open);

    private static bool Recognises(string folder) => Splits(folder).Count > 0;

    private static IReadOnlyList<string> Splits(string folder) =>
        [.. Batches(folder).Select(static batch => batch.Split).Distinct(StringComparer.Ordinal)];

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var batches = Batches(folder).Where(batch => options.Split is null || batch.Split == options.Split).ToList();
        var fine = batches[0].LabelBytes == 2;
        var home = Path.GetDirectoryName(batches[0].Path)!;
        var namesFile = Path.Combine(home, fine ? "fine_label_names.txt" : "batches.meta.txt");
        var labels = options.Labels
            ?? (File.Exists(namesFile) ? ClassNames.Read(namesFile) : ClassNames.Find(home, out _)) ?? ClassNames.Numbered(fine ? 100 : 10);
        return new PackedDataset([.. batches.Select(batch => OpenBatch(batch.Path, batch.LabelBytes, labels))])
        {
            Name = FormatReader.NameOf(folder, options.Split),
            Format = DatasetFormat.Cifar,
            Labels = labels,
            Notes = options.Labels is null ? [ClassNames.Note(labels, File.Exists(namesFile) ? Path.GetFileName(namesFile) : "the format")] : [],
        };
    }

    private static PackedImages OpenBatch(string path, int labelBytes, LabelSpace labels)
    {
        var record = labelBytes + 3 * Pixels;
        var length = new FileInfo(path).Length;
        if (length == 0 || length % record != 0)
            throw new DataException(path, "length", $"{length} bytes", $"a multiple of {record}, the length of a record");
        var file = PackedFile.Open(path, _ => length);
        return new PackedImages(Files.Stem(path), path, new ImageSize(Side, Side), ReadLabels(file, labelBytes, record, labels), index => Decode(file, labelBytes, record, index));
    }

    private static byte[] ReadLabels(PackedFile file, int labelBytes, int record, LabelSpace labels)
    {
        var values = new byte[file.Length / record];
        using var stream = new BufferedStream(File.OpenRead(file.FilePath), 1 << 16);
        var buffer = new byte[record];
        for (var i = 0; i < values.Length; i++)
        {
            stream.ReadExactly(buffer);
            values[i] = buffer[labelBytes - 1];
            if (values[i] >= labels.Count)
                throw new DataException(file.FilePath, $"record {i}, label", $"{values[i]}", $"0 to {labels.Count - 1}, the numbers of the {Counted.Of(labels.Count, "class")}");
        }

        return values;
    }

    private static Image Decode(PackedFile file, int labelBytes, int record, int index)
    {
        Span<byte> planes = stackalloc byte[3 * Pixels];
        file.Read((long)index * record + labelBytes, planes);
        var image = new Image(new ImageSize(Side, Side), 3);
        for (var i = 0; i < Pixels; i++)
        {
            image.Data[3 * i] = planes[i];
            image.Data[3 * i + 1] = planes[Pixels + i];
            image.Data[3 * i + 2] = planes[2 * Pixels + i];
        }

        return image;
    }

    private static List<(string Split, string Path, int LabelBytes)> Batches(string folder)
    {
        var home = SubFolders.Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists) ?? folder;
        var batches = new List<(string, string, int)>();
        foreach (var path in Files.List(home, static path => Path.GetExtension(path) == ".bin"))
        {
            var name = Files.Stem(path);
            if (name.StartsWith("data_batch", StringComparison.Ordinal))
                batches.Add(("train", path, 1));
            else if (name == "test_batch")
                batches.Add(("test", path, 1));
            else if (name is "train" or "test")
                batches.Add((name, path, 2));
        }

        return batches;
    }
}
