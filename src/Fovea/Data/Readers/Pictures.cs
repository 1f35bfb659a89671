using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>Decodes the picture of a sample and holds it against what the annotation says about it.</summary>
internal static class Pictures
{
    /// <exception cref="DataException">The picture is not of the size its annotation states.</exception>
    public static Image Load(Sample sample, ImageChannels channels)
    {
        var image = Image.Load(sample.ImagePath, channels);
        if (sample.DeclaredSize is { } declared && declared != image.Size)
            throw SizeProblem(sample, declared, ImageInfo.Read(sample.ImagePath))!.ToException();
        return image;
    }

    /// <summary>The problem with the size an annotation states, or null when there is none.</summary>
    public static DataProblem? SizeProblem(Sample sample, ImageSize declared, ImageInfo info)
    {
        if (declared == info.Size)
            return null;
        var file = sample.AnnotationPath ?? sample.ImagePath;
        return info.StoredSize == declared && info.Size != info.StoredSize
            ? new DataProblem(
                Severity.Error, FaultKind.Orientation, file, $"size of {Path.GetFileName(sample.ImagePath)}",
                $"{declared}, the size before EXIF orientation {info.Orientation}",
                $"{info.Size}, the size as displayed: its boxes lie on the wrong axes; annotate again, or remove the EXIF orientation")
            : new DataProblem(
                Severity.Error, FaultKind.SizeMismatch, file, $"size of {Path.GetFileName(sample.ImagePath)}",
                $"{declared}", $"{info.Size}, the size of the picture");
    }
}
