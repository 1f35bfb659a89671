namespace Fovea.Data.Readers;

/// <summary>How a format is recognised, which splits a folder of it has, and how it is opened.</summary>
/// <param name="Format">The format.</param>
/// <param name="LooksFor">What in a folder gives it away, for the error when nothing fits.</param>
/// <param name="Recognises">Whether a folder holds the format, from its file names alone where possible.</param>
/// <param name="Splits">The splits of a folder; empty when it has none.</param>
/// <param name="Open">Opens a folder; faults of annotations go into the log.</param>
internal sealed record FormatReader(
    DatasetFormat Format,
    string LooksFor,
    Func<string, bool> Recognises,
    Func<string, IReadOnlyList<string>> Splits,
    Func<string, DatasetOptions, FaultLog, IDataset> Open)
{
    /// <summary>Whether a folder may be read as the format when somebody says it is; as <see cref="Recognises"/> unless set.</summary>
    public Func<string, bool> Accepts { get; init; } = Recognises;

    /// <summary>All formats; where several fit a folder, the first is taken.</summary>
    public static IReadOnlyList<FormatReader> All { get; } =
    [
        CocoReader.Instances, CocoReader.PersonKeypoints, VocReader.Reader, VocSegmentationReader.Reader, SbdReader.Reader, CityscapesReader.Reader, YoloReader.Reader,
        IdxReader.Reader, CifarReader.Reader, MultiLabelReader.Reader, InstanceMaskReader.Reader, RgbdReader.Reader, Ade20kReader.Reader, CamVidReader.Reader,
        MaskPairReader.Reader, CocoStuffReader.Reader, ImageFolderReader.Reader,
    ];

    /// <summary>The folder's name with the split: "bccd/train".</summary>
    public static string NameOf(string folder, string? split)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return split is null ? name : $"{name}/{split}";
    }
}
