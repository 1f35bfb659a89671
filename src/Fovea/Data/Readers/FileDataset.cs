using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>A data set whose pictures are files and whose samples, less masks and maps, are kept in memory.</summary>
internal sealed class FileDataset(IReadOnlyList<Sample> samples) : IDataset
{
    public required string Name { get; init; }

    public required DatasetFormat Format { get; init; }

    public required DatasetContent Content { get; init; }

    public required LabelSpace Labels { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public KeypointLayout? Keypoints => null;

    /// <summary>Reads what lies in further files, or null when there are none.</summary>
    public Func<Sample, Annotation>? LoadParts { get; init; }

    public int Count => samples.Count;

    public Sample this[int index] => samples[index];

    public Sample Load(int index) =>
        LoadParts is null ? samples[index] : samples[index] with { Annotation = LoadParts(samples[index]) };

    public Image LoadImage(int index, ImageChannels channels = ImageChannels.Rgb) => Pictures.Load(samples[index], channels);
}
