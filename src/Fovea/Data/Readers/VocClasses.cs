namespace Fovea.Data.Readers;

/// <summary>The classes of PASCAL VOC with the background, and the colours of its palette.</summary>
internal static class VocClasses
{
    public static LabelSpace Labels { get; } = new(
    [
        "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable",
        "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ]);

    /// <summary>The decoder of masks whose values are the 21 classes, and 255 for outlines.</summary>
    public static MaskDecoder Decoder(LabelSpace used) => NamedClasses.Decoder(
        used, Labels.Names.Select(static (name, index) => KeyValuePair.Create((byte)index, (string?)name)).Append(KeyValuePair.Create(LabelMap.Ignore, (string?)null)));

    /// <summary>The 256 colours as RGB triples: bit 7 − k of red, green and blue are bits 0, 1 and 2 of the index shifted right by 3k.</summary>
    public static byte[] Palette()
    {
        var triples = new byte[3 * 256];
        for (var index = 0; index < 256; index++)
        {
            for (var (rest, bit) = (index, 7); rest > 0; rest >>= 3, bit--)
            {
                for (var channel = 0; channel < 3; channel++)
                    triples[3 * index + channel] |= (byte)((rest >> channel & 1) << bit);
            }
        }

        return triples;
    }
}
