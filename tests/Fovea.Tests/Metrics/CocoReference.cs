using Fovea.Imaging;

namespace Fovea.Tests.Metrics;

/// <summary>Images with their objects and detections, evaluated by tests/python/coco_reference.py.</summary>
internal sealed class CocoReference
{
    private readonly List<double> truth = [];
    private readonly List<double> found = [];
    private readonly List<double> truthBoxes = [];
    private readonly List<double> foundBoxes = [];
    private readonly List<long> truthRuns = [];
    private readonly List<long> foundRuns = [];
    private readonly List<long> truthLengths = [];
    private readonly List<long> foundLengths = [];
    private int images;

    public void Add(IReadOnlyList<Instance> instances, IReadOnlyList<Detection> detections, bool masks)
    {
        foreach (var instance in instances)
        {
            truth.AddRange([images, instance.Label, instance.Area ?? instance.Mask?.Area ?? Area(instance.Box), instance.IsCrowd ? 1 : 0]);
            AddShape(instance.Box, masks ? instance.Mask : null, truthBoxes, truthRuns, truthLengths);
        }

        foreach (var detection in detections)
        {
            found.AddRange([images, detection.Label, masks ? detection.Mask!.Area : Area(detection.Box), detection.Score]);
            AddShape(detection.Box, masks ? detection.Mask : null, foundBoxes, foundRuns, foundLengths);
        }

        images++;
    }

    /// <summary>The twelve figures.</summary>
    public double[] Evaluate(int classes) => PythonReference.Run(
        """
        import sys; sys.path.insert(0, path)
        import coco_reference as coco
        if len(tl):
            starts = lambda lengths: np.concatenate([[0], np.cumsum(lengths)]).astype(int)
            ts, fs = starts(tl), starts(fl)
            def overlap(f, t):
                return coco.mask_overlap([coco.decode(fr[fs[i]:fs[i + 1]]) for i in f], [coco.decode(tr[ts[i]:ts[i + 1]]) for i in t], truth[t, 3])
        else:
            overlap = lambda f, t: coco.box_overlap(fb[f], tb[t], truth[t, 3])
        out['stats'] = coco.evaluate(truth, found, overlap, int(n[0]), int(n[1]))
        """.Replace("path)", $"r'{Path.Combine(TestRepository.Root, "tests", "python")}')", StringComparison.Ordinal),
        ("truth", Rows(truth)), ("found", Rows(found)), ("tb", Rows(truthBoxes)), ("fb", Rows(foundBoxes)),
        ("tr", truthRuns.ToArray()), ("fr", foundRuns.ToArray()), ("tl", truthLengths.ToArray()), ("fl", foundLengths.ToArray()),
        ("n", new[] { classes, images })).Doubles("stats");

    private static void AddShape(Box box, RunLengthMask? mask, List<double> boxes, List<long> runs, List<long> lengths)
    {
        boxes.AddRange([box.X1, box.Y1, box.X2, box.Y2]);
        if (mask is null)
            return;
        runs.AddRange(mask.Counts.Select(count => (long)count));
        lengths.Add(mask.Counts.Length);
    }

    private static double Area(Box box) => ((double)box.X2 - box.X1) * ((double)box.Y2 - box.Y1);

    private static NdArray Rows(List<double> values) => new(values.ToArray(), values.Count / 4, 4);
}
