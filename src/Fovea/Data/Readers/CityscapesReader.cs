using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>
/// Cityscapes: leftImg8bit/SPLIT/CITY/*_leftImg8bit.png with gtFine/SPLIT/CITY/*_gtFine_labelIds.png, or labelTrainIds, or color where
/// there are no others.
/// </summary>
internal static class CityscapesReader
{
    private const string Pictures = "leftImg8bit", Masks = "gtFine", PictureEnd = "_leftImg8bit", MaskStart = "_gtFine_";

    private static readonly string[] Kinds = ["labelIds", "labelTrainIds", "color"];

    public static FormatReader Reader { get; } = new(
        DatasetFormat.Cityscapes, "leftImg8bit/ and gtFine/ with a folder per city below their splits", Recognises, Splits, Open);

    private static bool Recognises(string folder) => Files.Folder(folder, Pictures) is not null && Files.Folder(folder, Masks) is not null;

    private static IReadOnlyList<string> Splits(string folder) => [.. Files.Folders(Files.Folder(folder, Pictures)!)
        .Select(static path => Path.GetFileName(path)).Where(split => Directory.Exists(Path.Combine(Files.Folder(folder, Masks)!, split)))];

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var notes = new List<string>();
        var labels = NamedClasses.Choose(CityscapesClasses.Labels, options, "Cityscapes", notes);
        var splits = options.Split is { } one ? [one] : Splits(folder);
        if (splits.Any(static split => SplitNames.Canonical(split) == "test"))
            notes.Add("the labels of the test split are empty: the benchmark keeps them");
        var pairs = splits.SelectMany(split => Pairs(folder, split, log)).ToList();
        return MaskPairReader.Create(folder, options, DatasetFormat.Cityscapes, pairs, new Decoder(labels), notes);
    }

    private static IEnumerable<MaskPair> Pairs(string folder, string split, FaultLog log)
    {
        foreach (var city in Files.Folders(Path.Combine(Files.Folder(folder, Pictures)!, split)))
        {
            var masks = Path.Combine(Files.Folder(folder, Masks)!, split, Path.GetFileName(city));
            foreach (var picture in Files.Pictures(city))
            {
                var stem = Files.Stem(picture);
                var name = stem.EndsWith(PictureEnd, StringComparison.Ordinal) ? stem[..^PictureEnd.Length] : stem;
                if (Kinds.Select(kind => Path.Combine(masks, $"{name}{MaskStart}{kind}.png")).FirstOrDefault(File.Exists) is { } mask)
                    yield return new MaskPair(split, picture, mask);
                else
                    log.Error(FaultKind.AnnotationMissing, picture, null, "no mask", $"{name}{MaskStart}labelIds.png in {masks}");
            }
        }
    }

    private sealed class Decoder(LabelSpace labels) : IMaskDecoder
    {
        private readonly MaskDecoder byLabelId = NamedClasses.Decoder(labels, CityscapesClasses.ByLabelId());
        private readonly MaskDecoder byTrainId = NamedClasses.Decoder(labels, CityscapesClasses.ByTrainId());
        private readonly ColourMasks byColour = new(labels, CityscapesClasses.ByColour(labels), "Cityscapes");

        public LabelSpace Labels => labels;

        public LabelMap Decode(string path, ImageSize pictureSize) => Files.Stem(path) is var stem && stem.EndsWith("color", StringComparison.Ordinal)
            ? byColour.Decode(path, pictureSize)
            : (stem.EndsWith("TrainIds", StringComparison.Ordinal) ? byTrainId : byLabelId).Decode(path, pictureSize);
    }
}
