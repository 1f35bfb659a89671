using Fovea.Metrics;

namespace Fovea.Tests.Metrics;

public class KeypointTests
{
    private static readonly double[] Spreads = [0.05, 0.1, 0.1];

    [Fact]
    public void Similarity_by_hand()
    {
        var similarity = new KeypointSimilarity(Spreads);
        var truth = new Instance(0, Box.FromSize(0, 0, 20, 20)) { Area = 100, Keypoints = [new(5, 5, 2), new(10, 5, 1), new(0, 0, 0)] };
        Assert.Equal(1, similarity.Of([new(5, 5, 0), new(10, 5, 0), new(99, 99, 0)], truth), 12);
        // A pixel off: exp(-1 / (2 * 100 * 0.1²)) and two pixels off: exp(-4 / (2 * 100 * 0.2²)).
        Assert.Equal((Math.Exp(-0.5) + Math.Exp(-0.5)) / 2, similarity.Of([new(6, 5, 0), new(10, 7, 0), new(0, 0, 0)], truth), 12);
        // Without a label the box from -20 to 40 is all right, and a pixel beyond it costs.
        var unlabelled = truth with { Keypoints = [new(0, 0, 0), new(0, 0, 0), new(0, 0, 0)] };
        Assert.Equal((Math.Exp(-0.5) + 2) / 3, similarity.Of([new(41, 0, 0), new(40, -20, 0), new(0, 0, 0)], unlabelled), 12);
        Assert.Throws<FoveaException>(() => similarity.Of([new(0, 0, 0)], truth));
        Assert.Equal(17, KeypointSimilarity.CocoPerson.Count);
        var evaluator = new CocoEvaluator(new LabelSpace(["person"]), CocoOverlap.Keypoints);
        Assert.Equal("a.jpg: found a detection of 'person' with 0 keypoints, expected 17",
            Assert.Throws<FoveaException>(() => evaluator.Add([], [new Detection(Box.FromSize(0, 0, 1, 1), 0, 1)], "a.jpg")).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_images_equal_the_reference(int seed)
    {
        const int images = 12;
        var random = new Random(seed);
        var evaluator = new CocoEvaluator(new LabelSpace(["a", "b"]), CocoOverlap.Keypoints, Spreads);
        var (truthRows, foundRows, truthPoints, foundPoints, boxes) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var image = 0; image < images; image++)
        {
            var truth = Enumerable.Range(0, random.Next(7)).Select(_ => Object(random)).ToArray();
            var found = truth.Where(_ => random.Next(5) > 0).Concat(Enumerable.Range(0, image == 3 ? 30 : random.Next(4)).Select(_ => Object(random))).Select(item => Found(random, item)).ToArray();
            evaluator.Add(truth, found);
            foreach (var item in truth)
            {
                truthRows.AddRange([image, item.Label, item.Area!.Value, item.IsCrowd ? 1 : item.Keypoints!.All(point => point.Visibility == 0) ? 2 : 0]);
                truthPoints.AddRange(item.Keypoints!.SelectMany(point => new double[] { point.X, point.Y, point.Visibility }));
                boxes.AddRange([item.Box.X1, item.Box.Y1, item.Box.X2, item.Box.Y2]);
            }

            foreach (var item in found)
            {
                var (x, y) = (item.Keypoints!.Select(point => (double)point.X).ToList(), item.Keypoints!.Select(point => (double)point.Y).ToList());
                foundRows.AddRange([image, item.Label, (x.Max() - x.Min()) * (y.Max() - y.Min()), item.Score]);
                foundPoints.AddRange(item.Keypoints!.SelectMany(point => new double[] { point.X, point.Y }));
            }
        }

        var expected = PythonReference.Run(
            """
            import sys; sys.path.insert(0, path)
            import coco_reference as coco
            spreads = np.array([0.05, 0.1, 0.1])
            out['stats'] = coco.evaluate_keypoints(t, f, lambda i, j: coco.keypoint_overlap(fp[i], tp[j], b[j], t[j, 2], spreads), 2, 12)
            """.Replace("path)", $"r'{Path.Combine(TestRepository.Root, "tests", "python")}')", StringComparison.Ordinal),
            ("t", new NdArray(truthRows.ToArray(), truthRows.Count / 4, 4)), ("f", new NdArray(foundRows.ToArray(), foundRows.Count / 4, 4)),
            ("tp", new NdArray(truthPoints.ToArray(), truthRows.Count / 4, 3, 3)), ("fp", new NdArray(foundPoints.ToArray(), foundRows.Count / 4, 3, 2)),
            ("b", new NdArray(boxes.ToArray(), boxes.Count / 4, 4))).Doubles("stats");
        var result = evaluator.Compute();
        Ops.RandomArrays.AssertClose(expected, [.. result.Stats], 1e-12);
        Assert.All(result.Stats, value => Assert.InRange(value, 0.01, 0.99));
        Assert.Equal(
            ["keypoint_ap", "keypoint_ap50", "keypoint_ap75", "keypoint_ap_medium", "keypoint_ap_large", "keypoint_ar20", "keypoint_ar50", "keypoint_ar75", "keypoint_ar_medium", "keypoint_ar_large"],
            result.Values.Keys);
    }

    private static Instance Object(Random random)
    {
        var side = new[] { 20, 45, 80, 120 }[random.Next(4)];
        var box = Box.FromSize(random.Next(100), random.Next(100), side, side);
        var labelled = random.Next(6) > 0;
        return new Instance(random.Next(2), box)
        {
            Area = side * side * 0.7,
            IsCrowd = random.Next(12) == 0,
            Keypoints = [.. Enumerable.Range(0, 3).Select(_ => new Keypoint(box.X1 + random.Next(side), box.Y1 + random.Next(side), labelled ? random.Next(3) : 0))],
        };
    }

    // Keypoints that were not labelled are found somewhere all the same.
    private static Detection Found(Random random, Instance item) => new(item.Box, random.Next(10) == 0 ? 1 - item.Label : item.Label, random.Next(20) / 20f)
    {
        Keypoints = [.. item.Keypoints!.Select(point => new Keypoint(point.X + Off(random, item), point.Y + Off(random, item), 1))],
    };

    private static float Off(Random random, Instance item) => (float)(random.NextDouble() - 0.5) * item.Box.Width * 0.3f;
}
