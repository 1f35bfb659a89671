using Fovea.Imaging;
using Fovea.Ops.Kernels;

namespace Fovea.Metrics;

/// <summary>What of a detection is compared with the truth.</summary>
public enum CocoOverlap
{
    /// <summary>Its box.</summary>
    Box,

    /// <summary>Its mask.</summary>
    Mask,

    /// <summary>Its keypoints, by object keypoint similarity.</summary>
    Keypoints,
}

/// <summary>
/// The COCO evaluation of detections, number for number as the reference computes it: precision averaged over ten overlaps from
/// 0.5 to 0.95 and 101 recalls; crowds, areas and the limits of 1, 10 and 100 (of keypoints, 20) detections of a class per image by its rules.
/// </summary>
/// <remarks>
/// An image is matched when it is added, so neither pictures nor masks are kept. Detections of equal score rank in the order in
/// which their images were added, and within an image in the order given.
/// </remarks>
public sealed class CocoEvaluator
{
    private readonly LabelSpace labels;
    private readonly CocoOverlap overlap;
    private readonly KeypointSimilarity? similarity;
    private readonly CocoClass[] classes;
    private int images;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="labels">The classes.</param>
    /// <param name="overlap">What is compared.</param>
    /// <param name="spreads">Of keypoints the standard deviation of each, relative to the root of the object's area; those of COCO's 17 of a person when null.</param>
    public CocoEvaluator(LabelSpace labels, CocoOverlap overlap, IReadOnlyList<double>? spreads = null)
    {
        this.labels = labels;
        this.overlap = overlap;
        similarity = overlap == CocoOverlap.Keypoints ? new KeypointSimilarity(spreads ?? KeypointSimilarity.CocoPerson) : null;
        classes = [.. labels.Names.Select(static _ => new CocoClass())];
    }

    /// <summary>Adds an image.</summary>
    /// <param name="truth">Its objects; their <see cref="Instance.Area"/> where given, else the area of the mask or box, sorts them by size.</param>
    /// <param name="detections">What was found in it, in any order; of each class the best 100 count, of keypoints the best 20.</param>
    /// <param name="name">Name of the image, for messages.</param>
    /// <exception cref="FoveaException">A class is not in the label space, a score is not a number, or masks or keypoints are compared and those of a detection are missing.</exception>
    public void Add(IReadOnlyList<Instance> truth, IReadOnlyList<Detection> detections, string name = "image")
    {
        if (detections.Any(static detection => float.IsNaN(detection.Score)))
            throw new FoveaException($"{name}: found a detection whose score is not a number; the network has diverged");
        var most = similarity is null ? CocoRules.MostDetections : CocoRules.MostKeypointDetections;
        var groups = new SortedDictionary<int, (List<Instance> Truth, List<Detection> Found)>();
        foreach (var instance in truth)
            Group(instance.Label).Truth.Add(instance);
        foreach (var index in ScoreOrder.Descending<float>(detections.Select(static detection => detection.Score).ToArray()))
        {
            if (Group(detections[index].Label).Found is var best && best.Count < most)
                best.Add(detections[index]);
        }

        foreach (var (label, group) in groups)
            AddClass(classes[label], [.. group.Truth], [.. group.Found], name);
        images++;

        (List<Instance> Truth, List<Detection> Found) Group(int label)
        {
            if (label < 0 || label >= labels.Count)
                throw new FoveaException($"{name}: found class {label}, expected 0 to {labels.Count - 1}");
            if (!groups.TryGetValue(label, out var group))
                groups[label] = group = ([], []);
            return group;
        }
    }

    /// <summary>The figures over all images added.</summary>
    public CocoResult Compute()
    {
        var curves = new CocoCurves?[classes.Length, CocoRules.Areas.Length];
        Parallel.For(0, classes.Length * CocoRules.Areas.Length, job =>
            curves[job / CocoRules.Areas.Length, job % CocoRules.Areas.Length] = classes[job / CocoRules.Areas.Length].Curves(job % CocoRules.Areas.Length));
        return new CocoResult(labels, classes, curves, overlap, images);
    }

    // Detections come best first.
    private void AddClass(CocoClass target, Instance[] truth, Detection[] detections, string name)
    {
        var objects = Array.ConvertAll(truth, instance => new CocoObject(AreaOf(instance, name), instance.IsCrowd, instance.IsCrowd || (similarity is not null && !KeypointSimilarity.IsLabelled(instance))));
        var areas = Array.ConvertAll(detections, detection => AreaOf(detection, name));
        if (overlap == CocoOverlap.Mask)
            CheckSizes([.. truth.Select(static instance => instance.Mask!.Size), .. detections.Select(static detection => detection.Mask!.Size)], name);
        target.AddObjects(objects);
        var outcomes = new CocoOutcome[detections.Length * CocoRules.Areas.Length];
        CocoMatcher.Match(Overlaps(detections, truth), areas, objects, outcomes);
        target.AddDetections(Array.ConvertAll(detections, static detection => detection.Score), outcomes);
    }

    private static void CheckSizes(ImageSize[] sizes, string name)
    {
        foreach (var size in sizes)
        {
            if (size != sizes[0])
                throw new FoveaException($"{name}: found masks of {sizes[0]} and {size}, expected all of the size of the image");
        }
    }

    private double[,] Overlaps(Detection[] detections, Instance[] truth)
    {
        if (overlap == CocoOverlap.Mask)
        {
            return RunLengthMask.IoU(
                Array.ConvertAll(detections, static detection => detection.Mask!), Array.ConvertAll(truth, static instance => instance.Mask!),
                Array.ConvertAll(truth, static instance => instance.IsCrowd));
        }

        var overlaps = new double[detections.Length, truth.Length];
        if (similarity is not null)
        {
            for (var i = 0; i < detections.Length; i++)
            {
                for (var j = 0; j < truth.Length; j++)
                    overlaps[i, j] = similarity.Of(detections[i].Keypoints!, truth[j]);
            }

            return overlaps;
        }

        for (var i = 0; i < detections.Length; i++)
        {
            for (var j = 0; j < truth.Length; j++)
                overlaps[i, j] = BoxOverlap(detections[i].Box, truth[j].Box, truth[j].IsCrowd);
        }

        return overlaps;
    }

    // In double precision, and against a crowd relative to the detection alone.
    private static double BoxOverlap(Box detection, Box truth, bool isCrowd)
    {
        var width = Math.Min((double)detection.X2, truth.X2) - Math.Max((double)detection.X1, truth.X1);
        var height = Math.Min((double)detection.Y2, truth.Y2) - Math.Max((double)detection.Y1, truth.Y1);
        if (width <= 0 || height <= 0)
            return 0;
        var intersection = width * height;
        return intersection / (isCrowd ? BoxArea(detection) : BoxArea(detection) + BoxArea(truth) - intersection);
    }

    private static double BoxArea(Box box) => ((double)box.X2 - box.X1) * ((double)box.Y2 - box.Y1);

    private double AreaOf(Detection detection, string name) => overlap switch
    {
        CocoOverlap.Box => BoxArea(detection.Box),
        CocoOverlap.Mask => detection.Mask?.Area ?? throw new FoveaException($"{name}: found a detection of '{labels[detection.Label]}' without a mask, expected one; compare boxes instead"),
        _ => similarity!.ExtentOf(detection, $"{name}: found a detection of '{labels[detection.Label]}'"),
    };

    private double AreaOf(Instance instance, string name)
    {
        if (overlap == CocoOverlap.Mask && instance.Mask is null)
            throw new FoveaException($"{name}: found an object of '{labels[instance.Label]}' without a mask, expected one; compare boxes instead");
        return KeypointSimilarity.AreaOf(instance);
    }
}
