namespace Fovea.Data.Readers;

/// <summary>The classes of Cityscapes: the label ids of its files, the 19 that are trained and judged, and their colours.</summary>
internal static class CityscapesClasses
{
    /// <summary>The greatest label id; the licence plate's is −1, which 8 bits store as 255.</summary>
    public const int LastId = 33;

    private static readonly (byte Id, string Name, (byte R, byte G, byte B) Colour)[] Trained =
    [
        (7, "road", (128, 64, 128)), (8, "sidewalk", (244, 35, 232)), (11, "building", (70, 70, 70)), (12, "wall", (102, 102, 156)),
        (13, "fence", (190, 153, 153)), (17, "pole", (153, 153, 153)), (19, "traffic light", (250, 170, 30)), (20, "traffic sign", (220, 220, 0)),
        (21, "vegetation", (107, 142, 35)), (22, "terrain", (152, 251, 152)), (23, "sky", (70, 130, 180)), (24, "person", (220, 20, 60)),
        (25, "rider", (255, 0, 0)), (26, "car", (0, 0, 142)), (27, "truck", (0, 0, 70)), (28, "bus", (0, 60, 100)),
        (31, "train", (0, 80, 100)), (32, "motorcycle", (0, 0, 230)), (33, "bicycle", (119, 11, 32)),
    ];

    // Of the other ids: unlabeled and its like, dynamic, ground, parking, rail track, guard rail, bridge, tunnel, caravan, trailer.
    private static readonly (byte R, byte G, byte B)[] OtherColours =
        [(0, 0, 0), (111, 74, 0), (81, 0, 81), (250, 170, 160), (230, 150, 140), (180, 165, 180), (150, 100, 100), (150, 120, 90), (0, 0, 90), (0, 0, 110)];

    /// <summary>The 19 classes in the order of their train ids.</summary>
    public static LabelSpace Labels { get; } = new(Trained.Select(static item => item.Name));

    /// <summary>The label id of a class by name.</summary>
    public static byte IdOf(string name) => Trained[Labels.IndexOf(name)].Id;

    /// <summary>What label ids stand for; null for those that are not judged.</summary>
    public static IEnumerable<KeyValuePair<byte, string?>> ByLabelId() => Enumerable.Range(0, LastId + 1).Append(LabelMap.Ignore)
        .Select(static id => KeyValuePair.Create((byte)id, Array.Find(Trained, item => item.Id == id).Name))!;

    /// <summary>What train ids stand for; null for 255.</summary>
    public static IEnumerable<KeyValuePair<byte, string?>> ByTrainId() => Labels.Names
        .Select(static (name, index) => KeyValuePair.Create((byte)index, (string?)name)).Append(KeyValuePair.Create(LabelMap.Ignore, (string?)null));

    /// <summary>What colours stand for among the classes used.</summary>
    public static Dictionary<(byte R, byte G, byte B), byte> ByColour(LabelSpace used)
    {
        // The licence plate has the car's colour: of colour files alone it cannot be told.
        var colours = OtherColours.ToDictionary(static colour => colour, static _ => LabelMap.Ignore);
        foreach (var (_, name, colour) in Trained)
            colours[colour] = NamedClasses.Number(used, name);
        return colours;
    }
}
