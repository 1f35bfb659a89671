namespace Fovea.Data.Readers;

/// <summary>Pictures with a depth picture of 16 bits and a mask whose values are classes, as SUN RGB-D and NYU have them.</summary>
internal static class RgbdReader
{
    public static FormatReader Reader { get; } = new(
        DatasetFormat.Rgbd, "pictures, depth PNGs and masks in image/, depth/ and label/, also below train/ or in a folder for each picture, or listed as 'picture depth mask' in train.txt",
        RgbdLayout.Recognises, RgbdLayout.Splits, Open);

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        // Values are looked for in all splits, so that a class which one split lacks does not shift the others.
        var all = RgbdLayout.Find(folder, null, options.DepthFolder, new FaultLog(FaultPolicy.Skip));
        var triples = RgbdLayout.Find(folder, options.Split, options.DepthFolder, log);
        var notes = new List<string>();
        var decoder = MaskClasses.Decoder(folder, options, [.. all.Select(static triple => triple.Mask)], notes);
        var depths = triples.ToDictionary(static triple => triple.Picture, static triple => triple.Depth, StringComparer.Ordinal);
        return MaskPairReader.Create(
            folder, options, DatasetFormat.Rgbd, triples.Select(static triple => new MaskPair(triple.Split, triple.Picture, triple.Mask)), decoder, notes,
            depths.GetValueOrDefault);
    }
}
