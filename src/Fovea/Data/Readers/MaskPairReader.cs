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
        var labels = options.Labels;
        var notes = new List<string>();
        if (labels is null)
        {
            labels = MaskClasses.Find(folder, [.. all.Select(static pair => pair.Mask)], options.PixelValues, out var note);
            notes.Add(note);
        }

        return Create(folder, options, DatasetFormat.MaskPairs, pairs, new MaskDecoder(labels, options.PixelValues), notes);
    }

    /// <summary>The data set of picture and mask pairs.</summary>
    public static IDataset Create(
        string folder, DatasetOptions options, DatasetFormat format, IEnumerable<MaskPair> pairs, MaskDecoder decoder, IReadOnlyList<string> notes)
    {
        var samples = pairs.Select(pair => new Sample(pair.Picture, new Annotation())
        {
            Id = Files.Relative(folder, pair.Picture),
            AnnotationPath = pair.Mask,
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
