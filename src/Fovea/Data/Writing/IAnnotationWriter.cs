namespace Fovea.Data.Writing;

/// <summary>Writes the annotations of a data set in one format, image by image.</summary>
internal interface IAnnotationWriter
{
    /// <summary>The folder of a split's pictures, relative to the data set's.</summary>
    string PictureFolder(string? split);

    /// <summary>Writes the annotations of one split.</summary>
    void Write(string? split, IEnumerable<OutgoingSample> samples);

    /// <summary>Writes what belongs to the whole data set: class names and the like.</summary>
    void Finish();
}

/// <summary>A sample on its way out.</summary>
/// <param name="Sample">The sample with its masks and keypoints.</param>
/// <param name="PictureName">File name of the picture in the new data set.</param>
/// <param name="Size">Size of the picture.</param>
internal sealed record OutgoingSample(Sample Sample, string PictureName, ImageSize Size)
{
    public string Stem => Path.GetFileNameWithoutExtension(PictureName);
}

/// <summary>Counts what the target format cannot hold.</summary>
internal sealed class Losses
{
    private readonly SortedDictionary<string, int> counts = new(StringComparer.Ordinal);

    public void Count(string what) => counts[what] = counts.GetValueOrDefault(what) + 1;

    public IReadOnlyList<string> Lines => [.. counts.Select(static pair => $"{pair.Value} x {pair.Key}")];
}
