using Fovea.Imaging;

namespace Fovea.Metrics;

/// <summary>
/// The figures of the ISBI 2012 challenge on electron micrographs: the probability that a pixel is inside an object is cut at
/// several thresholds, what is left falls into objects (connected by sides), and each figure is given at the threshold that is
/// best for it; V_rand and V_info also after the borders between objects were thinned to one pixel, by which the challenge ranks now. Objects of the truth are the connected pixels of any class but the first.
/// </summary>
/// <param name="thresholds">Probabilities above which a pixel is inside; 0.1 to 0.9 in steps of 0.1 when null.</param>
public sealed class MembraneEvaluator(IReadOnlyList<double>? thresholds = null)
{
    private readonly IReadOnlyList<double> thresholds = thresholds ?? [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    private readonly List<Comparison[]> images = [];
    private int empty;

    /// <summary>Adds an image.</summary>
    /// <param name="truth">Its true classes; pixels to ignore count neither way.</param>
    /// <param name="foreground">The probability of each pixel not to be of the first class.</param>
    /// <param name="name">Name of the image, for messages.</param>
    /// <returns>The greatest V_rand over the thresholds, borders thinned; NaN for an image without objects, which is counted and left out.</returns>
    /// <exception cref="FoveaException">There is not one probability for every pixel.</exception>
    public double Add(LabelMap truth, float[] foreground, string name = "image")
    {
        if (foreground.Length != truth.Values.Length)
            throw new FoveaException($"{name}: found {foreground.Length} probabilities, expected one for each of {truth.Values.Length} pixels");
        var inside = Array.ConvertAll(truth.Values, static value => value is 0 or LabelMap.Ignore ? (byte)0 : (byte)1);
        if (!inside.Contains((byte)1))
        {
            empty++;
            return double.NaN;
        }

        var objects = ConnectedComponents.Label(inside, truth.Size, diagonal: false).Labels;
        var own = new Comparison[thresholds.Count];
        Parallel.For(0, own.Length, i => own[i] = Compare(truth, inside, objects, foreground, thresholds[i]));
        images.Add(own);
        return own.Max(static at => at.Thinned.RandF);
    }

    /// <summary>The figures over all images added.</summary>
    public MembraneResult Compute() => new(thresholds, images, empty);

    private static Comparison Compare(LabelMap truth, byte[] inside, int[] objects, float[] foreground, double threshold)
    {
        var answer = new byte[foreground.Length];
        var counts = new long[4];
        for (var i = 0; i < answer.Length; i++)
        {
            answer[i] = foreground[i] > threshold ? (byte)1 : (byte)0;
            if (truth.Values[i] == LabelMap.Ignore)
                answer[i] = 0;
            else
                counts[inside[i] << 1 | answer[i]]++;
        }

        PartitionComparison Partition(byte[] found) => PartitionComparison.Of(objects, ConnectedComponents.Label(found, truth.Size, diagonal: false).Labels);
        return new Comparison(
            Partition(answer), Partition(BorderThinning.Of(answer, truth.Size)),
            new BinaryOverlap(counts[3], counts[1], counts[2], counts[0]), TopologyWarp.Of(inside, answer, truth.Size));
    }

    /// <summary>An image at one threshold.</summary>
    internal sealed record Comparison(PartitionComparison Partition, PartitionComparison Thinned, BinaryOverlap Pixels, TopologyWarp Warp);
}

/// <summary>The figures of the membrane challenge, each at its best threshold.</summary>
public sealed class MembraneResult
{
    internal MembraneResult(IReadOnlyList<double> thresholds, IReadOnlyList<MembraneEvaluator.Comparison[]> images, int empty)
    {
        Thresholds = thresholds;
        RandF = Means(static at => at.Partition.RandF);
        InfoF = Means(static at => at.Partition.InfoF);
        (ThinnedRandF, ThinnedInfoF) = (Means(static at => at.Thinned.RandF), Means(static at => at.Thinned.InfoF));
        PixelF = Over(all => all.Aggregate(default(BinaryOverlap), static (sum, at) => sum + at.Pixels).Dice);
        Warping = Means(static at => (double)at.Warp.Differing / (at.Pixels.TruePositives + at.Pixels.FalsePositives + at.Pixels.FalseNegatives + at.Pixels.TrueNegatives));
        var topology = Means(static at => at.Warp.Splits + at.Warp.Mergers);
        if (images.Count > 0)
        {
            var at = topology.Index().MinBy(static entry => entry.Item).Index;
            Values = new OrderedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["rand_error"] = 1 - RandF.Max(),
                ["pixel_error"] = 1 - PixelF.Max(),
                ["warping_error"] = Warping.Min(),
                ["v_rand"] = RandF.Max(),
                ["v_info"] = InfoF.Max(),
                ["v_rand_thinned"] = ThinnedRandF.Max(),
                ["v_info_thinned"] = ThinnedInfoF.Max(),
                ["splits"] = images.Average(own => own[at].Warp.Splits),
                ["mergers"] = images.Average(own => own[at].Warp.Mergers),
            };
            Notes = [FormattableString.Invariant($"partition: best thresholds {Best(RandF)} for rand_error, {Best(ThinnedRandF)} for v_rand_thinned, {Best(PixelF)} for pixel_error, {thresholds[Warping.Index().MinBy(static entry => entry.Item).Index]} for warping_error, {thresholds[at]} for splits and mergers (means of an image)")];
        }

        if (empty > 0)
            Notes = [.. Notes, $"partition: {Counted.Of(empty, "image has no object in truth and is", "images have no object in truth and are")} left out"];

        double[] Over(Func<IEnumerable<MembraneEvaluator.Comparison>, double> figure) => [.. Enumerable.Range(0, thresholds.Count).Select(i => figure(images.Select(own => own[i])))];
        double[] Means(Func<MembraneEvaluator.Comparison, double> figure) => Over(all => all.Select(figure).DefaultIfEmpty(double.NaN).Average());
        double Best(IReadOnlyList<double> figures) => thresholds[figures.Index().MaxBy(static entry => entry.Item).Index];
    }

    /// <summary>Figures by name: rand_error, pixel_error, warping_error, v_rand, v_info, v_rand_thinned, v_info_thinned, splits, mergers; empty without images.</summary>
    public IReadOnlyDictionary<string, double> Values { get; } = new Dictionary<string, double>();

    /// <summary>What the figures do not say.</summary>
    public IReadOnlyList<string> Notes { get; } = [];

    /// <summary>The thresholds.</summary>
    public IReadOnlyList<double> Thresholds { get; }

    /// <summary>Mean V_rand of an image at every threshold.</summary>
    public IReadOnlyList<double> RandF { get; }

    /// <summary>Mean V_info of an image at every threshold.</summary>
    public IReadOnlyList<double> InfoF { get; }

    /// <summary>Mean V_rand of an image at every threshold, borders thinned.</summary>
    public IReadOnlyList<double> ThinnedRandF { get; }

    /// <summary>Mean V_info of an image at every threshold, borders thinned.</summary>
    public IReadOnlyList<double> ThinnedInfoF { get; }

    /// <summary>F1 of the pixels of all images at every threshold, inside being what is sought.</summary>
    public IReadOnlyList<double> PixelF { get; }

    /// <summary>Mean share of an image's pixels that bending the truth does not explain, at every threshold.</summary>
    public IReadOnlyList<double> Warping { get; }
}
