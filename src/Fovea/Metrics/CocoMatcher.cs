using System.Runtime.CompilerServices;

namespace Fovea.Metrics;

/// <summary>
/// Assigns the detections of one class in one image to its objects, for every area range and threshold of the COCO evaluation.
/// </summary>
internal static class CocoMatcher
{
    /// <summary>Matches.</summary>
    /// <param name="overlaps">Overlap of each detection (row, best score first) with each object (column).</param>
    /// <param name="detectionAreas">Areas of the detections, square pixels.</param>
    /// <param name="objects">The objects.</param>
    /// <param name="outcomes">For each detection and area range its outcome at every threshold.</param>
    public static void Match(double[,] overlaps, ReadOnlySpan<double> detectionAreas, ReadOnlySpan<CocoObject> objects, Span<CocoOutcome> outcomes)
    {
        var count = objects.Length;
        Span<int> order = count <= 256 ? stackalloc int[count] : new int[count];
        Span<bool> ignored = count <= 256 ? stackalloc bool[count] : new bool[count];
        Span<bool> taken = count <= 256 ? stackalloc bool[count] : new bool[count];
        for (var area = 0; area < CocoRules.Areas.Length; area++)
        {
            var range = CocoRules.Areas[area];
            var counted = 0;
            for (var i = 0; i < count; i++)
                ignored[i] = objects[i].IsIgnored || objects[i].Area < range.From || objects[i].Area > range.To;

            // Objects that count come first, each group in its own order.
            for (var i = 0; i < count; i++)
            {
                if (!ignored[i])
                    order[counted++] = i;
            }

            var next = counted;
            for (var i = 0; i < count; i++)
            {
                if (ignored[i])
                    order[next++] = i;
            }

            for (var threshold = 0; threshold < CocoRules.Thresholds.Length; threshold++)
            {
                taken.Clear();
                for (var detection = 0; detection < detectionAreas.Length; detection++)
                {
                    var match = FindObject(overlaps, detection, Math.Min(CocoRules.Thresholds[threshold], 1 - 1e-10), order, counted, objects, taken);
                    if (match >= 0)
                        taken[match] = true;
                    var outside = detectionAreas[detection] < range.From || detectionAreas[detection] > range.To;
                    outcomes[detection * CocoRules.Areas.Length + area].Set(threshold, match >= 0 && !ignored[match], match >= 0 ? ignored[match] : outside);
                }
            }
        }
    }

    // The best free object; of equal ones the last. Once an object that counts is found, those that do not are not looked at.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FindObject(
        double[,] overlaps, int detection, double least, ReadOnlySpan<int> order, int counted, ReadOnlySpan<CocoObject> objects, ReadOnlySpan<bool> taken)
    {
        var match = -1;
        for (var k = 0; k < order.Length; k++)
        {
            if (k == counted && match >= 0)
                break;
            var candidate = order[k];
            if ((taken[candidate] && !objects[candidate].IsCrowd) || overlaps[detection, candidate] < least)
                continue;
            least = overlaps[detection, candidate];
            match = candidate;
        }

        return match;
    }
}

/// <summary>An object as the matching sees it.</summary>
/// <param name="Area">Square pixels.</param>
/// <param name="IsCrowd">Whether any number of detections may go to it, none of which counts.</param>
/// <param name="IsIgnored">Whether detections that go to it do not count; true for crowds.</param>
internal readonly record struct CocoObject(double Area, bool IsCrowd, bool IsIgnored);

/// <summary>What became of a detection at each of the ten thresholds: right, wrong, or not counted. Ten bits each.</summary>
internal struct CocoOutcome
{
    private ushort right;
    private ushort skipped;

    public readonly bool IsRight(int threshold) => (right >> threshold & 1) != 0;

    public readonly bool IsSkipped(int threshold) => (skipped >> threshold & 1) != 0;

    public void Set(int threshold, bool isRight, bool isSkipped)
    {
        right |= (ushort)((isRight ? 1 : 0) << threshold);
        skipped |= (ushort)((isSkipped ? 1 : 0) << threshold);
    }
}
