using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>
/// CamVid, whose 32 classes are read as the 11 that SegNet groups them into: RGB masks in the 32 colours, or masks whose values are
/// the 11 classes and 11 for void. Pictures and masks lie as in mask-pairs, or in the folders of the original download.
/// </summary>
internal static class CamVidReader
{
    private const byte Void = 11;

    private static readonly (string Name, (byte R, byte G, byte B)[] Colours)[] Classes =
    [
        ("sky", [(128, 128, 128)]),
        // Building, archway, bridge, tunnel, wall.
        ("building", [(128, 0, 0), (192, 0, 128), (0, 128, 64), (64, 0, 64), (64, 192, 0)]),
        // Column or pole, traffic cone.
        ("pole", [(192, 192, 128), (0, 0, 64)]),
        // Road, lane markings of both kinds.
        ("road", [(128, 64, 128), (128, 0, 192), (192, 0, 64)]),
        // Sidewalk, parking block, road shoulder; the sidewalk of SegNet's own colour files.
        ("pavement", [(0, 0, 192), (64, 192, 128), (128, 128, 192), (60, 40, 222)]),
        // Tree, other vegetation.
        ("tree", [(128, 128, 0), (192, 192, 0)]),
        // Sign, text, traffic light.
        ("sign", [(192, 128, 128), (128, 128, 64), (0, 64, 64)]),
        ("fence", [(64, 64, 128)]),
        // Car, pickup truck, truck or bus, train, whatever else moves.
        ("car", [(64, 0, 128), (64, 128, 192), (192, 128, 192), (192, 64, 128), (128, 64, 64)]),
        // Pedestrian, child, cart or pram, animal.
        ("pedestrian", [(64, 64, 0), (192, 128, 64), (64, 0, 192), (64, 128, 64)]),
        // Bicyclist, motorcycle.
        ("bicyclist", [(0, 128, 192), (192, 0, 192)]),
    ];

    public static FormatReader Reader { get; } = new(
        DatasetFormat.CamVid, "701_StillsRaw_full/ and LabeledApproved_full/, or train/ and train_labels/ with RGB masks NAME_L.png", Recognises, MaskPairLayout.Splits, Open)
    {
        Accepts = MaskPairLayout.Recognises,
    };

    private static bool Recognises(string folder) => MaskPairLayout.Recognises(folder)
        && MaskPairLayout.Find(folder, null, new FaultLog(FaultPolicy.Skip)) is [var first, ..]
        && Files.Stem(first.Mask).EndsWith("_L", StringComparison.Ordinal);

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var notes = new List<string>();
        var all = new LabelSpace(Classes.Select(static item => item.Name));
        var labels = NamedClasses.Choose(all, options, "CamVid", notes);
        return MaskPairReader.Create(folder, options, DatasetFormat.CamVid, MaskPairLayout.Find(folder, options.Split, log), new Decoder(labels), notes);
    }

    private sealed class Decoder(LabelSpace labels) : IMaskDecoder
    {
        private readonly MaskDecoder byNumber = NamedClasses.Decoder(
            labels, Classes.Select(static (item, index) => KeyValuePair.Create((byte)index, (string?)item.Name))
                .Concat([KeyValuePair.Create(Void, (string?)null), KeyValuePair.Create(LabelMap.Ignore, (string?)null)]));

        private readonly ColourMasks byColour = new(
            labels, Classes.SelectMany(static item => item.Colours.Select(colour => (Colour: colour, item.Name))).Append((Colour: ((byte)0, (byte)0, (byte)0), Name: ""))
                .ToDictionary(static pair => pair.Colour, pair => NamedClasses.Number(labels, pair.Name)), "CamVid");

        public LabelSpace Labels => labels;

        public LabelMap Decode(string path, ImageSize pictureSize) =>
            ImageInfo.Read(path) is { HasPalette: false, Channels: 1 } ? byNumber.Decode(path, pictureSize) : byColour.Decode(path, pictureSize);
    }
}
