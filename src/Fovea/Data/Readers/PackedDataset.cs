using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>Images of one size packed in files, each with a class.</summary>
internal sealed class PackedDataset(IReadOnlyList<PackedImages> parts) : IDataset
{
    public required string Name { get; init; }

    public required DatasetFormat Format { get; init; }

    public DatasetContent Content => DatasetContent.Classes;

    public required LabelSpace Labels { get; init; }

    public KeypointLayout? Keypoints => null;

    public required IReadOnlyList<string> Notes { get; init; }

    public int Count { get; } = parts.Sum(static part => part.Labels.Count);

    public Sample this[int index]
    {
        get
        {
            var (part, record) = Find(index);
            return new Sample($"{part.FilePath}#{record}", new Annotation { Label = part.Labels[record] })
            {
                Id = $"{part.Name}#{record}",
                DeclaredSize = part.Size,
            };
        }
    }

    public Sample Load(int index) => this[index];

    public Image LoadImage(int index, ImageChannels channels = ImageChannels.Rgb)
    {
        var (part, record) = Find(index);
        var image = part.Read(record);
        return channels == ImageChannels.Unchanged ? image : image.ConvertTo(channels);
    }

    private (PackedImages Part, int Record) Find(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        var part = 0;
        while (index >= parts[part].Labels.Count)
            index -= parts[part++].Labels.Count;
        return (parts[part], index);
    }
}

/// <summary>One file of packed images.</summary>
/// <param name="Name">Name of the part, the beginning of the ids of its images: "train".</param>
/// <param name="FilePath">The file.</param>
/// <param name="Size">Size of every image.</param>
/// <param name="Labels">The class of every image.</param>
/// <param name="Read">Decodes the image of a number.</param>
internal sealed record PackedImages(string Name, string FilePath, ImageSize Size, IReadOnlyList<byte> Labels, Func<int, Image> Read);
