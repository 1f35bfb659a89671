using Fovea.Data.Readers;
using Fovea.Imaging;
using Fovea.Imaging.Codecs;

namespace Fovea.Data.Writing;

/// <summary>Label maps as the servers of benchmarks want them: the values of the data set's own files instead of class numbers.</summary>
public static class BenchmarkMaps
{
    /// <summary>The formats that there are maps for.</summary>
    public static IReadOnlyList<DatasetFormat> Formats { get; } = [DatasetFormat.Cityscapes, DatasetFormat.Ade20k, DatasetFormat.VocSegmentation];

    /// <summary>Encodes a map as PNG: Cityscapes' label ids, ADE20K's values from 1, or VOC's indices with its palette.</summary>
    /// <param name="map">The map; <see cref="LabelMap.Ignore"/> becomes the data set's value for no class.</param>
    /// <param name="labels">The classes of the map, under the data set's names.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <exception cref="FoveaException">The data set has no such class, there are not all classes of ADE20K, or the format is none of these.</exception>
    public static byte[] Encode(LabelMap map, LabelSpace labels, DatasetFormat format)
    {
        // ADE20K's classes have no names of their own: all of them in their order, or their numbers are not known.
        if (format == DatasetFormat.Ade20k && labels.Count != Ade20kReader.ClassCount)
            throw new FoveaException($"label maps: found {Counted.Of(labels.Count, "class")}, expected the {Ade20kReader.ClassCount} of ADE20K in their order: its benchmark wants their numbers");
        var (values, none) = format switch
        {
            DatasetFormat.Cityscapes => (labels.Names.Select(CityscapesClasses.IdOf), (byte)0),
            DatasetFormat.Ade20k => (Enumerable.Range(1, labels.Count).Select(static value => (byte)value), (byte)0),
            DatasetFormat.VocSegmentation => (labels.Names.Select(static name => (byte)VocClasses.Labels.IndexOf(name)), LabelMap.Ignore),
            _ => throw new FoveaException($"label maps: found {format.Name()}, expected one of {string.Join(", ", Formats.Select(static known => known.Name()))}"),
        };
        var table = new byte[256];
        Array.Fill(table, none);
        foreach (var (index, value) in values.Index())
            table[index] = value;
        var image = new Image(map.Size, 1, Array.ConvertAll(map.Values, value => table[value]));
        return format == DatasetFormat.VocSegmentation ? PngEncoder.EncodeIndices(image, VocClasses.Palette()) : PngEncoder.Encode(image);
    }
}
