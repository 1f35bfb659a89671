using Fovea.Data;
using Fovea.Imaging;

namespace Fovea.Tests.Data.Loading;

/// <summary>Small pictures in memory, each painted with its own index, in several sizes.</summary>
internal sealed class MemoryDataset(int count) : IDataset
{
    public static readonly ImageSize[] Sizes = [new(20, 30), new(30, 20), new(24, 24), new(18, 36)];

    public HashSet<int> Broken { get; } = [];

    public Func<Sample, Sample> Change { get; init; } = static sample => sample;

    public Exception Fault { get; init; } = new DataException("image", null, "nothing", "something");

    public int Loads;

    public string Name => "memory";

    public DatasetFormat Format => DatasetFormat.Coco;

    public DatasetContent Content => DatasetContent.Boxes | DatasetContent.Masks | DatasetContent.Maps | DatasetContent.Classes;

    public LabelSpace Labels { get; } = new(["a", "b", "c"]);

    public KeypointLayout? Keypoints { get; init; }

    public IReadOnlyList<string> Notes => [];

    public int Count => count;

    public Sample this[int index]
    {
        get
        {
            var size = Sizes[index % Sizes.Length];
            var objects = Enumerable.Range(0, index % 3).Select(i => Object(size, i)).ToList();
            return Change(new Sample($"pictures/{index}.png", new Annotation
            {
                Label = index % 3,
                Instances = objects,
                Map = new LabelMap(size, [.. Enumerable.Repeat((byte)(index % 3), size.Height * size.Width)]),
            })
            {
                Id = $"{index}",
                DeclaredSize = size,
            });
        }
    }

    public Sample Load(int index) => this[index];

    public Image LoadImage(int index, ImageChannels channels = ImageChannels.Rgb)
    {
        Interlocked.Increment(ref Loads);
        if (Broken.Contains(index))
            throw Fault;
        var size = Sizes[index % Sizes.Length];
        // Unequal work brings threads out of step.
        Thread.SpinWait(index * 7919 % 50_000);
        var pixels = new byte[size.Height * size.Width * 3];
        new Random(index).NextBytes(pixels);
        pixels[0] = (byte)index;
        return new Image(size, 3, pixels);
    }

    private static Instance Object(ImageSize size, int i)
    {
        var bitmap = new byte[size.Height * size.Width];
        for (var y = 4; y < 14; y++)
            bitmap.AsSpan(y * size.Width + 3 + i, 8).Fill(1);
        return new Instance(i, new Box(3 + i, 4, 11 + i, 14)) { Mask = RunLengthMask.FromBitmap(bitmap, size), IsCrowd = i == 1 && size.Width == 24 };
    }
}
