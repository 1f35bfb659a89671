using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>Pictures with YOLO labels, kept relative; the size of a picture is read from its header when its sample is asked for.</summary>
internal sealed class YoloDataset : IDataset, IPicturePaths
{
    private readonly string folder;
    private readonly string[] pictures;
    private readonly YoloObject[][] objects;
    private readonly (int Count, int Values)? keypointShape;
    private readonly long[] sizes;

    public YoloDataset(string folder, string[] pictures, YoloObject[][] objects, (int Count, int Values)? keypointShape)
    {
        this.folder = folder;
        this.pictures = pictures;
        this.objects = objects;
        this.keypointShape = keypointShape;
        sizes = new long[pictures.Length];
        Content = DatasetContent.Boxes
            | (objects.Any(static list => list.Any(static item => item.HasPolygon)) ? DatasetContent.Masks : 0)
            | (objects.Any(static list => list.Any(static item => item.HasKeypoints)) ? DatasetContent.Keypoints : 0);
        Keypoints = keypointShape is var (count, _) ? new KeypointLayout([.. Enumerable.Range(0, count).Select(static i => $"{i}")], []) : null;
    }

    public required string Name { get; init; }

    public DatasetFormat Format => DatasetFormat.Yolo;

    public DatasetContent Content { get; }

    public required LabelSpace Labels { get; init; }

    public KeypointLayout? Keypoints { get; }

    public required IReadOnlyList<string> Notes { get; init; }

    public int Count => pictures.Length;

    public Sample this[int index] => Create(index, static (item, size, _) => ToInstance(item, size));

    public Sample Load(int index) => Create(index, (item, size, labels) => ToInstance(item, size) with
    {
        Mask = item.HasPolygon ? RunLengthMask.FromPolygons([Scale(YoloLabels.Numbers(labels, item.Line), size)], size) : null,
        Keypoints = item.HasKeypoints ? ReadKeypoints(YoloLabels.Numbers(labels, item.Line), size) : null,
    });

    public Image LoadImage(int index, ImageChannels channels = ImageChannels.Rgb) => Image.Load(pictures[index], channels);

    public string PicturePath(int index) => pictures[index];

    private Sample Create(int index, Func<YoloObject, ImageSize, string, Instance> convert)
    {
        var labels = YoloLayout.LabelFile(folder, pictures[index]);
        var size = SizeOf(index);
        return new Sample(pictures[index], new Annotation { Instances = Array.ConvertAll(objects[index], item => convert(item, size, labels)) })
        {
            Id = Files.Relative(folder, pictures[index]),
            AnnotationPath = labels,
        };
    }

    private ImageSize SizeOf(int index)
    {
        var packed = Volatile.Read(ref sizes[index]);
        if (packed == 0)
        {
            var size = ImageInfo.Read(pictures[index]).Size;
            packed = ((long)size.Height << 32) | (uint)size.Width;
            Volatile.Write(ref sizes[index], packed);
        }

        return new ImageSize((int)(packed >> 32), (int)packed);
    }

    private static Instance ToInstance(YoloObject item, ImageSize size) => new(
        item.Class, new Box(item.Box.X1 * size.Width, item.Box.Y1 * size.Height, item.Box.X2 * size.Width, item.Box.Y2 * size.Height))
    {
        Id = $"line {item.Line}",
    };

    private static double[] Scale(double[] corners, ImageSize size)
    {
        for (var i = 0; i < corners.Length; i++)
            corners[i] *= i % 2 == 0 ? size.Width : size.Height;
        return corners;
    }

    private Keypoint[] ReadKeypoints(double[] numbers, ImageSize size)
    {
        var (count, values) = keypointShape!.Value;
        var points = new Keypoint[count];
        for (var i = 0; i < count; i++)
        {
            var at = 4 + i * values;
            var (x, y) = ((float)(numbers[at] * size.Width), (float)(numbers[at + 1] * size.Height));
            // Without a third value a point at the origin is one that is not labelled.
            points[i] = new Keypoint(x, y, values == 3 ? (int)numbers[at + 2] : x == 0 && y == 0 ? 0 : 2);
        }

        return points;
    }
}
