using Fovea.Data;

namespace Fovea.Training;

/// <summary>Counts what a part of the data holds.</summary>
internal static class DataCensus
{
    // Maps are files of their own: of a large set, some tell enough.
    private const int MostMaps = 200;

    /// <param name="dataset">The part.</param>
    /// <param name="task">What is counted: images, objects or pixels.</param>
    /// <exception cref="DataException">A map cannot be read.</exception>
    public static DataFacts Count(IDataset dataset, ModelTask task) => task switch
    {
        ModelTask.Classification => Images(dataset),
        ModelTask.MultiLabel => CountedBy(dataset, "labels", static annotation => annotation.PresentLabels ?? []),
        ModelTask.Semantic => Pixels(dataset),
        _ => CountedBy(dataset, "objects", static annotation => (annotation.Instances ?? []).Select(static instance => instance.Label)),
    };

    /// <summary>"205 images; objects: RBC 2345, WBC 208, Platelets 201; 2 images without".</summary>
    public static string Describe(DataFacts facts, IReadOnlyList<string> labels)
    {
        const int shown = 12;
        var total = Math.Max(1, facts.Counts.Sum());
        var order = Enumerable.Range(0, labels.Count).OrderByDescending(i => labels.Count > shown ? facts.Counts[i] : 0).Take(shown);
        var classes = string.Join(", ", order.Select(i => facts.Unit.StartsWith("pixels", StringComparison.Ordinal)
            ? FormattableString.Invariant($"{labels[i]} {100.0 * facts.Counts[i] / total:0.#} %")
            : FormattableString.Invariant($"{labels[i]} {facts.Counts[i]}")));
        var more = labels.Count > shown ? $" and {Counted.Of(labels.Count - shown, "more class")}" : "";
        var empty = facts.Empty > 0 ? $"; {Counted.Of(facts.Empty, "image")} with none" : "";
        return FormattableString.Invariant($"{facts.Name}, {Counted.Of(facts.Images, "image")}; {facts.Unit}: {classes}{more}{empty}");
    }

    private static DataFacts Images(IDataset dataset)
    {
        var counts = new long[dataset.Labels.Count];
        for (var i = 0; i < dataset.Count; i++)
        {
            if (dataset[i].Annotation.Label is { } label)
                counts[label]++;
        }

        return new DataFacts(dataset.Name, dataset.Count, "images", counts, 0, dataset.Notes);
    }

    private static DataFacts CountedBy(IDataset dataset, string unit, Func<Annotation, IEnumerable<int>> labelsOf)
    {
        var counts = new long[dataset.Labels.Count];
        var empty = 0;
        for (var i = 0; i < dataset.Count; i++)
        {
            var isEmpty = true;
            foreach (var label in labelsOf(dataset[i].Annotation))
            {
                counts[label]++;
                isEmpty = false;
            }

            empty += isEmpty ? 1 : 0;
        }

        return new DataFacts(dataset.Name, dataset.Count, unit, counts, empty, dataset.Notes);
    }

    private static DataFacts Pixels(IDataset dataset)
    {
        var counts = new long[256];
        var read = Math.Min(dataset.Count, MostMaps);
        Parallel.For(0, read, i =>
        {
            var own = new long[256];
            foreach (var value in dataset.Load((int)((long)i * dataset.Count / read)).Annotation.Map!.Values)
                own[value]++;
            lock (counts)
            {
                for (var value = 0; value < own.Length; value++)
                    counts[value] += own[value];
            }
        });
        var unit = read < dataset.Count ? FormattableString.Invariant($"pixels of {Counted.Of(read, "image")}") : "pixels";
        return new DataFacts(dataset.Name, dataset.Count, unit, counts[..dataset.Labels.Count], 0, dataset.Notes);
    }
}
