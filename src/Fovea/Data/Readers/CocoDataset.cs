using System.Globalization;
using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>Images of COCO files. Boxes are kept in memory; masks and keypoints stay in the JSON until they are loaded.</summary>
internal sealed class CocoDataset : IDataset
{
    private readonly Picture[] pictures;
    private readonly Entry[] items;
    private readonly int[] firstItem;

    /// <param name="pictures">The pictures.</param>
    /// <param name="items">The objects, ordered by picture.</param>
    public CocoDataset(Picture[] pictures, Entry[] items)
    {
        this.pictures = pictures;
        this.items = items;
        firstItem = new int[pictures.Length + 1];
        foreach (var item in items)
            firstItem[item.Picture + 1]++;
        for (var i = 0; i < pictures.Length; i++)
            firstItem[i + 1] += firstItem[i];
    }

    public required string Name { get; init; }

    public required DatasetFormat Format { get; init; }

    public required DatasetContent Content { get; init; }

    public required LabelSpace Labels { get; init; }

    public required KeypointLayout? Keypoints { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public int Count => pictures.Length;

    public Sample this[int index] => Create(index, static (in Entry item) => item.ToInstance());

    public Sample Load(int index)
    {
        if ((Content & (DatasetContent.Masks | DatasetContent.Keypoints)) == 0)
            return this[index];
        using var parts = new CocoParts(pictures[index].Json, pictures[index].Size, Keypoints);
        return Create(index, (in Entry item) => item.ToInstance() with { Mask = parts.ReadMask(item.Record), Keypoints = parts.ReadKeypoints(item.Record) });
    }

    public Image LoadImage(int index, ImageChannels channels = ImageChannels.Rgb) => Pictures.Load(this[index], channels);

    private delegate Instance Converter(in Entry item);

    private Sample Create(int index, Converter convert)
    {
        var picture = pictures[index];
        var instances = new Instance[firstItem[index + 1] - firstItem[index]];
        for (var i = 0; i < instances.Length; i++)
            instances[i] = convert(items[firstItem[index] + i]);
        return new Sample(picture.Path, new Annotation { Instances = instances })
        {
            Id = picture.Id,
            AnnotationPath = picture.Json,
            DeclaredSize = picture.Size,
        };
    }

    /// <summary>An image record whose picture exists.</summary>
    internal readonly record struct Picture(string Path, string Id, ImageSize Size, string Json);

    /// <summary>An annotation record that keeps the rules.</summary>
    internal readonly record struct Entry(int Picture, int Label, Box Box, CocoRecord Record)
    {
        public Instance ToInstance() => new(Label, Box)
        {
            IsCrowd = Record.IsCrowd,
            IsDifficult = Record.IsDifficult,
            Area = double.IsNaN(Record.Area) ? null : Record.Area,
            Id = Record.Id.ToString(CultureInfo.InvariantCulture),
        };
    }
}
