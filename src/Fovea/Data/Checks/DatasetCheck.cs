using Fovea.Data.Readers;

namespace Fovea.Data.Checks;

/// <summary>Examines a data set and lists every problem, with file, field, what was found and what was expected, before anything runs.</summary>
public static class DatasetCheck
{
    /// <summary>Examines a folder.</summary>
    /// <param name="folder">The folder of the data set.</param>
    /// <param name="options">How it is opened; <see cref="DatasetOptions.Faults"/> plays no part, all faults are listed.</param>
    /// <param name="decode">
    /// Whether every picture, mask and map is decoded, which also finds truncated files, wrong mask values and pictures that
    /// appear twice; otherwise only annotations and the headers of pictures are read.
    /// </param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="cancellation">Stops the examination.</param>
    /// <exception cref="FoveaException">The folder is not there or holds no known format.</exception>
    public static CheckReport Run(
        string folder, DatasetOptions options, bool decode = true, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        options = options with { Faults = FaultPolicy.Skip, BoxFaults = null, Format = options.Format ?? Dataset.DetectFormat(folder) };
        var log = new FaultLog(FaultPolicy.Skip);
        if (Open(folder, options, log) is not { } dataset)
            return new CheckReport { Folder = folder, Format = options.Format, Problems = log.Problems };

        if (dataset.Count == 0)
            log.Error(FaultKind.PictureMissing, folder, null, "no pictures", "at least one");
        var splits = options.Split is null ? OpenSplits(folder, options, log) : [];
        var samples = SampleCheck.Run(dataset, decode, progress, cancellation);
        foreach (var result in samples)
            log.Add(result.Problems);
        log.Add(ClassCheck.Run(dataset, folder, samples, isGiven: options.Labels is not null));
        log.Add(PictureCheck.Duplicates(dataset, samples, splits));
        if (options.Split is null)
            log.Add(PictureCheck.Unmentioned(folder, dataset));
        return new CheckReport
        {
            Folder = folder,
            Format = dataset.Format,
            Labels = dataset.Labels,
            Splits = splits.Count > 0 ? [.. splits.Select(static pair => (pair.Key, pair.Value.Count))] : [(options.Split ?? "all", dataset.Count)],
            Images = dataset.Count,
            Objects = samples.Sum(static result => result.Objects),
            Notes = dataset.Notes,
            Problems = [.. log.Problems.DistinctBy(static problem => problem.ToString())],
        };
    }

    private static IDataset? Open(string folder, DatasetOptions options, FaultLog log)
    {
        try
        {
            return Dataset.Open(folder, options, log);
        }
        catch (DataException fault)
        {
            log.Add(fault, FaultKind.AnnotationMalformed);
        }
        catch (FoveaException fault)
        {
            log.Error(FaultKind.AnnotationMalformed, folder, null, fault.Message, "a data set that can be opened");
        }

        return null;
    }

    /// <summary>Every split by itself: its lists may have faults of their own. Pictures by path, to compare splits.</summary>
    private static SortedDictionary<string, HashSet<string>> OpenSplits(string folder, DatasetOptions options, FaultLog log)
    {
        var pictures = new SortedDictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var split in Dataset.Splits(folder, options.Format))
        {
            if (Open(folder, options with { Split = split }, log) is { } dataset)
                pictures[split] = [.. Enumerable.Range(0, dataset.Count).Select(i => PathOf(dataset, i))];
        }

        return pictures;
    }

    /// <summary>The picture's path, without reading anything.</summary>
    internal static string PathOf(IDataset dataset, int index) =>
        dataset is IPicturePaths paths ? paths.PicturePath(index) : dataset[index].ImagePath;
}
