namespace Fovea.Metrics;

/// <summary>The constants of the COCO evaluation, as the reference computes them.</summary>
internal static class CocoRules
{
    /// <summary>Most detections of a class counted in an image.</summary>
    public const int MostDetections = 100;

    /// <summary>The same where keypoints are compared.</summary>
    public const int MostKeypointDetections = 20;

    /// <summary>Added to every divisor of a precision: the distance from 1 to the next number.</summary>
    public const double Spacing = 2.220446049250313e-16;

    /// <summary>Overlaps from which a detection fits: 0.50, 0.55 ... 0.95.</summary>
    public static readonly double[] Thresholds = Spaced(0.5, 0.95, 10);

    /// <summary>Recalls at which the precision is read: 0, 0.01 ... 1.</summary>
    public static readonly double[] Recalls = Spaced(0, 1, 101);

    /// <summary>Areas in square pixels, both ends inclusive: all, small, medium, large.</summary>
    public static readonly (double From, double To)[] Areas = [(0, 1e10), (0, 32 * 32), (32 * 32, 96 * 96), (96 * 96, 1e10)];

    // Evenly spaced by multiplication, not by addition, and the last one exact: the rounding of the reference.
    private static double[] Spaced(double from, double to, int count)
    {
        var step = (to - from) / (count - 1);
        var values = new double[count];
        for (var i = 0; i < count; i++)
            values[i] = i * step + from;
        values[^1] = to;
        return values;
    }
}
