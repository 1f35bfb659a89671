using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>
/// The Semantic Boundaries Dataset (Hariharan et al. 2011): img/*.jpg and cls/*.mat, whose GTcls.Segmentation holds the classes of
/// PASCAL VOC, with train.txt and val.txt for the splits. It has no void.
/// </summary>
internal static class SbdReader
{
    public static FormatReader Reader { get; } = new(
        DatasetFormat.Sbd, "pictures in img/ and MATLAB files in cls/, with train.txt and val.txt", Recognises, VocLayout.SplitsOf, Open);

    private static bool Recognises(string folder) => Files.Folder(folder, "img") is not null && Files.Folder(folder, "cls") is { } maps && Maps(maps).Count > 0;

    public static List<string> Maps(string folder) => Files.List(folder, static path => string.Equals(Path.GetExtension(path), ".mat", StringComparison.OrdinalIgnoreCase));

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var notes = new List<string>();
        var labels = NamedClasses.Choose(VocClasses.Labels, options, "PASCAL VOC", notes);
        var maps = Maps(Files.Folder(folder, "cls")!);
        var pictures = Files.ByStem(Files.Pictures(Files.Folder(folder, "img")!));
        var pairs = VocSegmentationReader.Pairs(options.Split is { } split ? Path.Combine(folder, split + ".txt") : null, options.Split, maps, pictures, log);
        return MaskPairReader.Create(folder, options, DatasetFormat.Sbd, pairs, new MatDecoder(VocClasses.Decoder(labels)), notes);
    }
}

/// <summary>Label maps in the MATLAB files of SBD, beside masks of other kinds.</summary>
/// <param name="others">Decodes masks that are no MATLAB files, and knows the values.</param>
internal sealed class MatDecoder(MaskDecoder others) : IMaskDecoder
{
    public LabelSpace Labels => others.Labels;

    public LabelMap Decode(string path, ImageSize pictureSize)
    {
        if (Files.IsPicture(path))
            return others.Decode(path, pictureSize);
        var (size, values) = MatFile.ReadMap(path, "GTcls", "Segmentation");
        return others.Decode(new Image(size, 1, values), path, pictureSize);
    }
}
