using Fovea.Metrics;

namespace Fovea.Benchmarks.Cases;

/// <summary>Confusion matrices and distances of outlines, of maps that both sides make by the same formulas.</summary>
internal static class SegmentationEvaluation
{
    private const int Classes = 19;

    /// <summary>Two street scenes of 1024x2048 with 19 classes and pixels to ignore.</summary>
    public static void MeasureConfusion()
    {
        var size = new ImageSize(1024, 2048);
        var (truth, prediction) = (new byte[size.Height * size.Width], new byte[size.Height * size.Width]);
        for (var i = 0; i < truth.Length; i++)
        {
            var (y, x) = (i / size.Width, i % size.Width);
            truth[i] = (x / 160 + y / 90) % 23 == 0 ? LabelMap.Ignore : (byte)((x / 160 + 3 * (y / 90)) % Classes);
            prediction[i] = (byte)((Math.Max(0, x - 3) / 160 + 3 * (y / 90) + (i % 997 == 0 ? 5 : 0)) % Classes);
        }

        var labels = new LabelSpace(Enumerable.Range(0, Classes).Select(i => $"class {i}"));
        var (trueMap, predictedMap) = (new LabelMap(size, truth), new LabelMap(size, prediction));
        var evaluator = new SegmentationEvaluator(labels);
        Measurement.Report(
            () =>
            {
                evaluator.Add(trueMap, predictedMap);
                evaluator.Add(trueMap, predictedMap);
            },
            repetitions: 20);
    }

    /// <summary>Hausdorff, HD95, ASSD and boundary F1 of two masks of 768x768.</summary>
    public static void MeasureSurface()
    {
        var size = new ImageSize(768, 768);
        var (truth, prediction) = (Discs(size, 0), Discs(size, 9));
        Measurement.Report(
            () =>
            {
                var distances = SurfaceDistances.Of(truth, prediction, size);
                _ = distances.Hausdorff + distances.Hausdorff95 + distances.AverageSymmetric + distances.BoundaryF1(3);
            },
            repetitions: 20);
    }

    private static byte[] Discs(ImageSize size, int shift)
    {
        var mask = new byte[size.Height * size.Width];
        for (var i = 0; i < mask.Length; i++)
        {
            var (y, x) = (i / size.Width, i % size.Width);
            mask[i] = Square(y - 384) + Square(x - 384 - shift) < 200 * 200 || Square(y - 150 - shift) + Square(x - 600) < 80 * 80 ? (byte)1 : (byte)0;
        }

        return mask;
    }

    private static int Square(int value) => value * value;
}
