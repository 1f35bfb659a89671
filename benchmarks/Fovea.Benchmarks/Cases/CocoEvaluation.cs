using Fovea.Metrics;

namespace Fovea.Benchmarks.Cases;

/// <summary>The COCO evaluation of boxes: 300 images, 20 classes, on average 7 objects and 20 detections an image.</summary>
internal static class CocoEvaluation
{
    private const int Images = 300;
    private const int Classes = 20;

    public static void Measure()
    {
        var labels = new LabelSpace(Enumerable.Range(0, Classes).Select(i => $"class {i}"));
        var random = new Lcg();
        var truth = Enumerable.Range(0, Images).Select(_ => Enumerable.Range(0, random.Next(15)).Select(_ => RandomObject(random)).ToArray()).ToArray();
        var found = truth.Select(objects => objects.Select(item => Shifted(random, item))
            .Concat(Enumerable.Range(0, random.Next(27)).Select(_ => Shifted(random, RandomObject(random)))).ToArray()).ToArray();
        Measurement.Report(
            () =>
            {
                var evaluator = new CocoEvaluator(labels, CocoOverlap.Box);
                for (var image = 0; image < Images; image++)
                    evaluator.Add(truth[image], found[image]);
                evaluator.Compute();
            },
            repetitions: 10);
    }

    private static Instance RandomObject(Lcg random) =>
        new(random.Next(Classes), Box.FromSize(random.Next(500), random.Next(400), 5 + random.Next(150), 5 + random.Next(150)));

    private static Detection Shifted(Lcg random, Instance item) => new(
        Box.FromSize(item.Box.X1 + random.Next(9), item.Box.Y1 + random.Next(9), item.Box.Width, item.Box.Height), item.Label, random.Next(1000) / 1000f);

    /// <summary>The generator of the Python twin, so that both sides judge the same boxes.</summary>
    private sealed class Lcg
    {
        private uint state = 1;

        public int Next(int end)
        {
            state = (state * 1103515245 + 12345) & 0x7fffffff;
            return (int)((state >> 8) % (uint)end);
        }
    }
}
