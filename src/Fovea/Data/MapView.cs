using Fovea.Imaging;

namespace Fovea.Data;

/// <summary>
/// A data set of objects with masks, seen as maps for semantic segmentation: class 0 is "background", the others follow.
/// Smaller objects lie on larger ones; crowd regions do not count.
/// </summary>
internal sealed class MapView(IDataset inner) : IDataset
{
    public string Name => inner.Name;

    public DatasetFormat Format => inner.Format;

    public DatasetContent Content => DatasetContent.Maps;

    public LabelSpace Labels { get; } = new(inner.Labels.Names.Prepend("background"));

    public KeypointLayout? Keypoints => null;

    public IReadOnlyList<string> Notes { get; } = [.. inner.Notes, "maps are painted from the masks of objects: background first, smaller objects on top, crowds ignored"];

    public int Count => inner.Count;

    public Sample this[int index] => inner[index] with { Annotation = new Annotation() };

    public Sample Load(int index)
    {
        var sample = inner.Load(index);
        var size = sample.DeclaredSize ?? ImageInfo.Read(sample.ImagePath).Size;
        var (values, objects) = (new byte[size.Height * size.Width], new ushort[size.Height * size.Width]);
        ushort number = 0;
        foreach (var instance in sample.Annotation.Instances!.OrderByDescending(static item => item.IsCrowd).ThenByDescending(static item => item.Mask?.Area ?? 0))
        {
            var mask = instance.Mask ?? throw new DataException(
                sample.AnnotationPath ?? sample.ImagePath, instance.Id, "an object without a mask", "a mask for every object, to paint a map from");
            Paint(mask, values, instance.IsCrowd ? LabelMap.Ignore : (byte)(instance.Label + 1));
            Paint(mask, objects, instance.IsCrowd ? (ushort)0 : ++number);
        }

        return sample with { Annotation = new Annotation { Map = new LabelMap(size, values) { Objects = objects } } };
    }

    public Image LoadImage(int index, ImageChannels channels = ImageChannels.Rgb) => inner.LoadImage(index, channels);

    /// <summary>Runs go down the columns, starting with pixels outside the object.</summary>
    private static void Paint<T>(RunLengthMask mask, T[] values, T label)
    {
        var (height, width) = (mask.Size.Height, mask.Size.Width);
        var position = 0L;
        for (var run = 0; run < mask.Counts.Length; run++)
        {
            var end = position + mask.Counts[run];
            for (; run % 2 == 1 && position < end; position++)
                values[position % height * width + position / height] = label;
            position = end;
        }
    }
}
