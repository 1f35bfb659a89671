namespace Fovea.Data.Checks;

/// <summary>Looks at how the classes are used: never at all, or under two names.</summary>
internal static class ClassCheck
{
    // A name that occurs this rarely beside a similar one is probably a slip of the pen.
    private const double RareShare = 0.05;

    // Short names such as "cow" and "car" are near each other without being slips.
    private const int ShortestSuspect = 5;

    public static FaultLog Run(IDataset dataset, string folder, IReadOnlyList<SampleResult> samples, bool isGiven)
    {
        var log = new FaultLog(FaultPolicy.Skip);
        if (dataset.Labels.Count == 0)
            log.Warn(FaultKind.ClassUse, folder, "classes", "none", "at least one to train on; name them where no object is labelled on purpose (--classes, data.classes in a recipe)");
        var counts = new long[dataset.Labels.Count];
        foreach (var sample in samples)
        {
            for (var label = 0; label < counts.Length; label++)
                counts[label] += sample.ClassCounts[label];
        }

        // Header-only examination of maps counts no pixels.
        if (counts.Sum() == 0)
            return log;
        var unused = Enumerable.Range(0, counts.Length).Where(label => counts[label] == 0).Select(label => dataset.Labels[label]).ToList();
        if (unused.Count > 0)
        {
            log.Warn(
                FaultKind.ClassUse, folder, "classes", $"none of {string.Join(", ", unused.Take(10))}{(unused.Count > 10 ? $" and {unused.Count - 10} more" : "")}",
                $"every one of the {Counted.Of(counts.Length, "class")} at least once");
        }

        // Classes that have only numbers, of which the first is never used, are those of masks that count from one.
        if (!isGiven && dataset.Content.HasFlag(DatasetContent.Maps) && counts.Length > 2 && counts[0] == 0 && dataset.Labels[0] == "0" && counts.Skip(1).All(static count => count > 0))
        {
            log.Warn(
                FaultKind.MaskValues, folder, "values", $"1 to {counts.Length - 1}, never 0",
                "classes from 0; where 0 is no class and 1 the first class, say so (--first-class-value 1, data.first_class_value)");
        }

        // Names that a file declares are meant; those found in annotations and folder names may be slips.
        var areFound = !isGiven && dataset.Format is (DatasetFormat.Voc or DatasetFormat.ImageFolder);
        for (var label = 0; label < counts.Length && areFound; label++)
        {
            var name = dataset.Labels[label];
            if (counts[label] == 0 || name.Length < ShortestSuspect)
                continue;
            var similar = NearestName.Find(name, dataset.Labels.Names.Where((other, i) => counts[i] * RareShare > counts[label] && other != name));
            if (similar is not null)
                log.Warn(FaultKind.ClassUse, folder, "classes", $"'{name}' {counts[label]} times beside '{similar}'", "one spelling of every class");
        }

        return log;
    }
}
