using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>Pictures, each with a PNG whose values are classes.</summary>
internal static class MaskPairReader
{
    public static FormatReader Reader { get; } = new(
        DatasetFormat.MaskPairs,
        "pictures and masks in image/ and label/, images/ and masks/, train/ and trainannot/, or listed as 'picture mask' in train.txt",
        MaskPairLayout.Recognises, MaskPairLayout.Splits, Open);

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        // Values are looked for in all splits, so that a class which one split lacks does not shift the others.
        var all = MaskPairLayout.Find(folder, null, new FaultLog(FaultPolicy.Skip));
        var pairs = MaskPairLayout.Find(folder, options.Split, log);
        var notes = new List<string>();
        return Create(folder, options, DatasetFormat.MaskPairs, pairs, MaskClasses.Decoder(folder, options, [.. all.Select(static pair => pair.Mask)], notes), notes);
    }

    /// <summary>The data set of picture and mask pairs, with the depth of each picture where there is some.</summary>
    public static IDataset Create(
        string folder, DatasetOptions options, DatasetFormat format, IEnumerable<MaskPair> pairs, IMaskDecoder decoder, IReadOnlyList<string> notes,
        Func<string, string?>? depthOf = null)
    {
        var samples = pairs.Select(pair => new Sample(pair.Picture, new Annotation())
        {
            Id = Files.Relative(folder, pair.Picture),
            AnnotationPath = pair.Mask,
            DepthPath = depthOf?.Invoke(pair.Picture),
        });
        return new FileDataset([.. samples])
        {
            Name = FormatReader.NameOf(folder, options.Split),
            Format = format,
            Content = DatasetContent.Maps,
            Labels = decoder.Labels,
            Notes = notes,
            LoadParts = sample => new Annotation { Map = decoder.Decode(sample.AnnotationPath!, ImageInfo.Read(sample.ImagePath).Size) },
        };
    }
}
