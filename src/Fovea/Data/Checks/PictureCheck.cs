using Fovea.Data.Readers;

namespace Fovea.Data.Checks;

/// <summary>Looks for pictures that appear twice, above all in two splits, and for pictures that nothing mentions.</summary>
internal static class PictureCheck
{
    private static readonly string[] NotPictures = ["SegmentationClass", "SegmentationObject", "SegmentationClassAug", .. DepthPicture.Folders];

    public static FaultLog Duplicates(IDataset dataset, IReadOnlyList<SampleResult> samples, IReadOnlyDictionary<string, HashSet<string>> splits)
    {
        var log = new FaultLog(FaultPolicy.Skip);
        foreach (var group in samples.Where(static sample => sample.Hash is not null).GroupBy(static sample => sample.Hash))
        {
            var paths = group.Select(static sample => sample.Path).Distinct(StringComparer.Ordinal).ToList();
            for (var i = 1; i < paths.Count; i++)
            {
                var (first, second) = (SplitOf(paths[0], splits), SplitOf(paths[i], splits));
                var where = first is null || second is null || first == second ? "" : $", in '{second}' as in '{first}': what is trained on is also measured on";
                log.Warn(FaultKind.DuplicatePicture, paths[i], null, $"the same picture as {paths[0]}{where}", "every picture once");
            }
        }

        foreach (var (path, names) in splits.Where(static pair => SplitNames.Canonical(pair.Key) != "trainval")
            .SelectMany(static pair => pair.Value.Select(path => (path, pair.Key))).GroupBy(static pair => pair.path)
            .Select(static group => (group.Key, group.Select(static pair => VocSegmentationReader.IsAugmented(pair.Key) ? "train" : pair.Key).Distinct(StringComparer.Ordinal).ToList()))
            .Where(static pair => pair.Item2.Count > 1))
        {
            log.Warn(FaultKind.DuplicatePicture, path, "split", string.Join(" and ", names), "one split: what is trained on would also be measured on");
        }

        return log;
    }

    /// <summary>Pictures in the folder that are no sample and no mask of one, a line a folder.</summary>
    public static FaultLog Unmentioned(string folder, IDataset dataset)
    {
        var log = new FaultLog(FaultPolicy.Skip);
        var mentioned = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < dataset.Count; i++)
        {
            if (dataset.Format is DatasetFormat.InstanceMasks or DatasetFormat.Idx or DatasetFormat.Cifar or DatasetFormat.Cityscapes)
                continue;
            mentioned.Add(Path.GetFullPath(DatasetCheck.PathOf(dataset, i)));
            if (dataset.Content.HasFlag(DatasetContent.Maps))
                mentioned.Add(Path.GetFullPath(dataset[i].AnnotationPath!));
            if (dataset.Format == DatasetFormat.Rgbd)
                mentioned.Add(Path.GetFullPath(dataset[i].DepthPath!));
        }

        if (mentioned.Count == 0)
            return log;
        var left = Files.Pictures(Path.GetFullPath(folder), recursive: true)
            .Where(path => !mentioned.Contains(path) && !NotPictures.Contains(Path.GetFileName(Path.GetDirectoryName(path))));
        foreach (var group in left.GroupBy(static path => Path.GetDirectoryName(path)!))
        {
            var found = group.Count() == 1 ? $"picture {Path.GetFileName(group.First())}" : $"{group.Count()} pictures, the first {Path.GetFileName(group.First())},";
            log.Warn(FaultKind.AnnotationMissing, group.Key, null, $"{found} without annotation", "an annotation for every picture; these are not used");
        }

        return log;
    }

    private static string? SplitOf(string path, IReadOnlyDictionary<string, HashSet<string>> splits) =>
        splits.Where(pair => SplitNames.Canonical(pair.Key) != "trainval" && pair.Value.Contains(path)).Select(static pair => pair.Key).FirstOrDefault();
}
