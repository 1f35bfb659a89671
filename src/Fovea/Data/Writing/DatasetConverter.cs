using Fovea.Data.Readers;
using Fovea.Imaging;
using Fovea.Torch.Serialization;

namespace Fovea.Data.Writing;

/// <summary>What a conversion wrote and what the new format could not hold.</summary>
/// <param name="Images">Images written.</param>
/// <param name="Losses">One line for every kind of thing that was lost or changed, with how often.</param>
public sealed record ConversionReport(int Images, IReadOnlyList<string> Losses);

/// <summary>Writes data sets of objects as VOC, COCO or YOLO.</summary>
public static class DatasetConverter
{
    /// <summary>The formats that can be written.</summary>
    public static IReadOnlyList<DatasetFormat> Targets { get; } = [DatasetFormat.Voc, DatasetFormat.Coco, DatasetFormat.Yolo];

    /// <summary>Writes data sets as one, each a split of it. The folder appears when all is written, or not at all.</summary>
    /// <param name="splits">The data sets with the names of their splits; one without a name when there is a single one.</param>
    /// <param name="target">One of <see cref="Targets"/>.</param>
    /// <param name="folder">The new folder; it must not exist, or be empty.</param>
    /// <param name="link">Whether pictures become symbolic links to the old files instead of copies.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <exception cref="FoveaException">The folder is not empty, a data set has no objects, their classes differ, or a file cannot be read.</exception>
    public static ConversionReport Convert(
        IReadOnlyList<(string? Split, IDataset Dataset)> splits, DatasetFormat target, string folder, bool link = false, IProgress<double>? progress = null)
    {
        var first = splits[0].Dataset;
        Require(splits, target, folder);
        var losses = new Losses();
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var temporary = $"{full}.{Path.GetRandomFileName()}";
        try
        {
            IAnnotationWriter writer = target switch
            {
                DatasetFormat.Voc => new VocWriter(temporary, first.Labels, losses),
                DatasetFormat.Coco => new CocoWriter(temporary, first.Labels, splits.Select(static split => split.Dataset.Keypoints).FirstOrDefault(static layout => layout is not null)),
                _ => new YoloWriter(temporary, first.Labels, losses),
            };
            var pictures = new PictureCopier(temporary, link, losses);
            var (done, total) = (0, splits.Sum(static split => split.Dataset.Count));
            foreach (var (split, dataset) in splits)
            {
                writer.Write(split, Enumerable.Range(0, dataset.Count).Select(i =>
                {
                    var outgoing = pictures.Copy(dataset, i, writer.PictureFolder(split));
                    progress?.Report((double)++done / total);
                    return outgoing;
                }));
            }

            writer.Finish();
            if (Directory.Exists(full))
                Directory.Delete(full);
            Directory.Move(temporary, full);
            return new ConversionReport(total, losses.Lines);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Unwritable(folder, e);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

    private static void Require(IReadOnlyList<(string? Split, IDataset Dataset)> splits, DatasetFormat target, string folder)
    {
        if (!Targets.Contains(target))
            throw new FoveaException($"convert: found target {target.Name()}, expected one of {string.Join(", ", Targets.Select(static format => format.Name()))}");
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new FoveaException($"{folder}: found something there already, expected a new or empty folder; nothing was written");
        foreach (var (_, dataset) in splits)
        {
            if (!dataset.Content.HasFlag(DatasetContent.Boxes))
                throw new FoveaException($"{dataset.Name}: found {dataset.Content.ToString().ToLowerInvariant()}, expected objects: only data sets of objects can be converted");
            if (!dataset.Labels.Equals(splits[0].Dataset.Labels))
                throw new FoveaException($"{dataset.Name}: found classes {string.Join(", ", dataset.Labels.Names)}, expected those of {splits[0].Dataset.Name}");
        }
    }
}

/// <summary>Brings pictures into the new data set under names that are theirs alone.</summary>
internal sealed class PictureCopier(string root, bool link, Losses losses)
{
    private readonly HashSet<string> stems = new(StringComparer.OrdinalIgnoreCase);

    public OutgoingSample Copy(IDataset dataset, int index, string folder)
    {
        var sample = dataset.Load(index);
        Directory.CreateDirectory(Path.Combine(root, folder));
        if (!File.Exists(sample.ImagePath))
            return Encode(dataset, index, sample, folder);
        var info = ImageInfo.Read(sample.ImagePath);
        if (sample.DeclaredSize is { } declared && Pictures.SizeProblem(sample, declared, info) is { } problem)
            throw problem.ToException();
        if (info.Orientation != 1)
            losses.Count("picture with an EXIF orientation: size and boxes are those of the picture as displayed");
        var name = FreeName(Files.Stem(sample.ImagePath), sample.Id) + Path.GetExtension(sample.ImagePath);
        var target = Path.Combine(root, folder, name);
        if (link)
            File.CreateSymbolicLink(target, Path.GetFullPath(sample.ImagePath));
        else
            File.Copy(sample.ImagePath, target);
        return new OutgoingSample(sample, name, info.Size);
    }

    private OutgoingSample Encode(IDataset dataset, int index, Sample sample, string folder)
    {
        var image = dataset.LoadImage(index, ImageChannels.Unchanged);
        var name = FreeName(sample.Id.Replace('#', '_'), sample.Id) + ".png";
        image.Save(Path.Combine(root, folder, name));
        return new OutgoingSample(sample, name, image.Size);
    }

    /// <summary>The picture's own name; where that is taken, its id, which says the folder; then with a number.</summary>
    private string FreeName(string stem, string id)
    {
        var candidate = stem;
        for (var i = 0; !stems.Add(candidate); i++)
            candidate = i == 0 ? Path.ChangeExtension(id, null).Replace('/', '_') : FormattableString.Invariant($"{stem}_{i}");
        return candidate;
    }
}
