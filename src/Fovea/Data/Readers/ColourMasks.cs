using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>Masks that are pictures: a colour stands for a class.</summary>
/// <param name="labels">The classes of the map.</param>
/// <param name="colours">What each colour stands for; <see cref="LabelMap.Ignore"/> for no class.</param>
/// <param name="source">Whose colours they are, for messages.</param>
internal sealed class ColourMasks(LabelSpace labels, IReadOnlyDictionary<(byte R, byte G, byte B), byte> colours, string source) : IMaskDecoder
{
    public LabelSpace Labels => labels;

    public LabelMap Decode(string path, ImageSize pictureSize)
    {
        var image = Image.Load(path);
        if (image.Size != pictureSize)
            throw new DataException(path, "size", $"{image.Size}", $"{pictureSize}, the size of its picture");
        var (data, values) = (image.Data, new byte[image.Width * image.Height]);
        // Neighbours are mostly alike.
        var (last, label) = ((-1, -1, -1), LabelMap.Ignore);
        for (int i = 0, at = 0; i < values.Length; i++, at += 3)
        {
            if (last != (data[at], data[at + 1], data[at + 2]))
            {
                last = (data[at], data[at + 1], data[at + 2]);
                if (!colours.TryGetValue((data[at], data[at + 1], data[at + 2]), out label))
                    throw new DataException(path, "values", $"colour {last.Item1} {last.Item2} {last.Item3} at column {i % image.Width} of row {i / image.Width}", $"one of the {Counted.Of(colours.Count, "colour")} of {source}, unchanged: no JPEG, no smoothing");
            }

            values[i] = label;
        }

        return new LabelMap(image.Size, values);
    }
}
