namespace Fovea.Metrics;

/// <summary>
/// Object keypoint similarity, COCO's overlap of keypoints: the mean of exp(−d²/(2 s² k²)) over the keypoints labelled in truth,
/// d being a keypoint's distance to where it should be, s² the object's area and k twice the spread of that keypoint.
/// </summary>
/// <param name="spreads">For each keypoint the standard deviation with which people place it, relative to s.</param>
public sealed class KeypointSimilarity(IReadOnlyList<double> spreads)
{
    // The distance from 1 to the next number, which the reference adds to areas.
    private const double Spacing = 2.220446049250313e-16;

    /// <summary>The spreads of COCO's 17 keypoints of a person: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles.</summary>
    public static IReadOnlyList<double> CocoPerson { get; } =
        [0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089];

    /// <summary>The similarity of keypoints that were found with an object.</summary>
    /// <param name="found">Keypoints in the order of the spreads; their visibility does not matter.</param>
    /// <param name="truth">The object. Without a labelled keypoint, distances are those to its box enlarged by its own size on each side, and all keypoints count.</param>
    /// <returns>0 to 1.</returns>
    /// <exception cref="FoveaException">A number of keypoints is not that of the spreads.</exception>
    public double Of(IReadOnlyList<Keypoint> found, Instance truth)
    {
        Check(found.Count, "found keypoints");
        var isLabelled = IsLabelled(truth);
        if (isLabelled)
            Check(truth.Keypoints!.Count, $"object {truth.Id}");
        var area = AreaOf(truth) + Spacing;
        var (sum, count) = (0.0, 0);
        for (var i = 0; i < found.Count; i++)
        {
            if (isLabelled && truth.Keypoints![i].Visibility == 0)
                continue;
            var (x, y) = isLabelled
                ? ((double)found[i].X - truth.Keypoints![i].X, (double)found[i].Y - truth.Keypoints[i].Y)
                : (Outside(found[i].X, truth.Box.X1, truth.Box.X2), Outside(found[i].Y, truth.Box.Y1, truth.Box.Y2));
            var variance = 4 * spreads[i] * spreads[i];
            sum += Math.Exp(-(x * x + y * y) / variance / area / 2);
            count++;
        }

        return sum / count;
    }

    internal static bool IsLabelled(Instance instance) => instance.Keypoints?.Any(static point => point.Visibility > 0) == true;

    /// <summary>The area that sorts an object by size.</summary>
    internal static double AreaOf(Instance instance) =>
        instance.Area ?? instance.Mask?.Area ?? ((double)instance.Box.X2 - instance.Box.X1) * ((double)instance.Box.Y2 - instance.Box.Y1);

    /// <summary>The area that sorts a detection by size: that of the box around its keypoints.</summary>
    internal double ExtentOf(Detection detection, string what)
    {
        if (detection.Keypoints is not { } points || points.Count != spreads.Count)
            throw new FoveaException($"{what} with {detection.Keypoints?.Count ?? 0} keypoints, expected {spreads.Count}");
        var (across, down) = (points.Select(static point => (double)point.X).ToList(), points.Select(static point => (double)point.Y).ToList());
        return (across.Max() - across.Min()) * (down.Max() - down.Min());
    }

    private void Check(int count, string what)
    {
        if (count != spreads.Count)
            throw new FoveaException($"{what}: found {count} keypoints, expected {spreads.Count}, one for each spread");
    }

    // How far a coordinate lies beyond a side that is enlarged to three times its length.
    private static double Outside(double value, double low, double high)
    {
        var length = high - low;
        return Math.Max(0, low - length - value) + Math.Max(0, value - high - length);
    }
}
