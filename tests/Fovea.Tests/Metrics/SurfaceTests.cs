using Fovea.Metrics;
using Fovea.Tests.Ops;

namespace Fovea.Tests.Metrics;

public class SurfaceTests
{
    private static readonly ImageSize Six = new(6, 6);

    [Fact]
    public void Two_rectangles_by_hand()
    {
        var distances = SurfaceDistances.Of(Rectangle(1, 3), Rectangle(2, 5), Six);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 2, 2, 2], distances.ToTruth);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1], distances.ToPrediction);
        Assert.Equal(2, distances.Hausdorff, 12);
        Assert.Equal(2, distances.Hausdorff95, 12);
        Assert.Equal(0.9, distances.Average, 12);
        Assert.Equal(13 / 18.0, distances.AverageSymmetric, 12);
        Assert.Equal(0.7, distances.AverageOfMeans, 12);
        Assert.Equal(2 * 0.4 * 0.5 / 0.9, distances.BoundaryF1(0), 12);
        Assert.Equal(2 * 0.7 / 1.7, distances.BoundaryF1(1), 12);
        Assert.Equal(1, distances.BoundaryF1(2), 12);
    }

    [Fact]
    public void Pixels_that_are_not_square()
    {
        var distances = SurfaceDistances.Of(Rectangle(1, 3), Rectangle(2, 5), Six, (2, 0.5));
        Assert.Equal(1, distances.Hausdorff, 12);
        Assert.Equal(0.45, distances.Average, 12);
        Assert.Equal(0.25, distances.ToPrediction.Average(), 12);
        Assert.Equal(6.5 / 18, distances.AverageSymmetric, 12);
    }

    [Fact]
    public void Empty_masks()
    {
        var one = SurfaceDistances.Of(Rectangle(1, 3), new byte[36], Six);
        Assert.True(one.OneEmpty && double.IsPositiveInfinity(one.Hausdorff) && double.IsPositiveInfinity(one.Hausdorff95Pooled) && double.IsPositiveInfinity(one.AverageOfMeans));
        Assert.Equal(0, one.BoundaryF1(5));
        var both = SurfaceDistances.Of(new byte[36], new byte[36], Six);
        Assert.True(both.BothEmpty && double.IsNaN(both.Hausdorff) && double.IsNaN(both.Average) && double.IsNaN(both.BoundaryF1(1)));
        Assert.Throws<ArgumentException>(() => SurfaceDistances.Of(new byte[35], new byte[36], Six));
        Assert.Throws<ArgumentException>(() => SurfaceDistances.Of(new byte[36], new byte[36], Six, (0, 1)));
    }

    [Theory]
    [InlineData(61, 83, 1.0, 1.0, 1)]
    [InlineData(40, 200, 2.5, 0.7, 2)]
    [InlineData(7, 9, 1.0, 1.0, 3)]
    [InlineData(150, 33, 0.3, 4.0, 4)]
    public void Random_blobs_equal_scipy(int height, int width, double row, double column, int seed)
    {
        var random = new Random(seed);
        var (truth, prediction) = (Blobs(random, height, width), Blobs(random, height, width));
        var distances = SurfaceDistances.Of(truth, prediction, new ImageSize(height, width), (row, column));
        var expected = PythonReference.Run(
            """
            from scipy.ndimage import binary_erosion, distance_transform_edt as edt
            surface = lambda m: m ^ binary_erosion(m)
            a, b = surface(t > 0), surface(p > 0)
            ab = edt(~b, sampling=g)[a]; ba = edt(~a, sampling=g)[b]
            out['ab'] = np.sort(ab); out['ba'] = np.sort(ba); both = np.concatenate([ab, ba])
            f = lambda d: 2 * (ba <= d).mean() * (ab <= d).mean() / ((ba <= d).mean() + (ab <= d).mean())
            out['v'] = np.array([both.max(), max(np.percentile(ab, 95), np.percentile(ba, 95)), np.percentile(both, 95), ba.mean(), both.mean(), (ab.mean() + ba.mean()) / 2, f(2.0)])
            """, ("t", new NdArray(truth, height, width)), ("p", new NdArray(prediction, height, width)), ("g", new[] { row, column }));
        RandomArrays.AssertClose(expected.Doubles("ab"), [.. distances.ToPrediction], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("ba"), [.. distances.ToTruth], 1e-12);
        RandomArrays.AssertClose(expected.Doubles("v"),
            [distances.Hausdorff, distances.Hausdorff95, distances.Hausdorff95Pooled, distances.Average, distances.AverageSymmetric, distances.AverageOfMeans, distances.BoundaryF1(2)], 1e-12);
    }

    [Fact]
    public void Empty_classes_follow_the_option_and_are_said()
    {
        var labels = new LabelSpace(["ground", "house", "car"]);
        SurfaceResult Evaluate(SurfaceOptions options)
        {
            var evaluator = new SurfaceEvaluator(labels, options);
            evaluator.Add(new LabelMap(Six, Rectangle(1, 3)), new LabelMap(Six, Rectangle(2, 5)));
            evaluator.Add(new LabelMap(Six, Rectangle(1, 3)), new LabelMap(Six, new byte[36]));
            return evaluator.Compute();
        }

        var house = Evaluate(new SurfaceOptions { IncludeBackground = false }).PerClass[0];
        Assert.Equal(new EmptyCounts(0, 1), house.Empty);
        Assert.Equal((2 + Math.Sqrt(72)) / 2, house.Mean!.Hausdorff, 12);
        // The tolerance of 0.75 % of 8.5 pixels is none.
        Assert.Equal(2 * 0.4 * 0.5 / 0.9 / 2, house.Mean.BoundaryF1, 12);
        var skipped = Evaluate(new SurfaceOptions { IncludeBackground = false, OneEmpty = OneEmptyRule.Skip, Tolerance = 1 });
        Assert.Equal((1, 2.0), (skipped.PerClass[0].Images, skipped.Values["hd"]));
        Assert.Equal(2 * 0.7 / 1.7, skipped.Values["boundary_f1"], 12);
        Assert.Null(skipped.PerClass[1].Mean);
        Assert.Equal(
            [
                "outlines: distances in pixels, boundary_f1 within 1; means over images, then over all classes but the first",
                "outlines: 'car' is in neither truth nor prediction of 2 images, left out (both_empty: skip)",
                "outlines: 'house' is in truth or prediction alone in 1 image, left out (one_empty: skip)",
            ], skipped.Notes);
        var perfect = Evaluate(new SurfaceOptions { IncludeBackground = false, OneEmpty = OneEmptyRule.Skip, BothEmpty = BothEmptyRule.Perfect });
        Assert.Equal(1, perfect.Values["hd"], 12);
        Assert.Equal(["boundary_f1", "hd", "hd95", "hd95_pooled", "asd", "assd", "assd_mean"], perfect.Values.Keys);
        Assert.Equal(3, Evaluate(new SurfaceOptions()).PerClass.Count);
    }

    [Fact]
    public void Ignored_pixels_belong_to_no_class()
    {
        var (truth, prediction) = (Rectangle(1, 3), Rectangle(1, 3));
        truth[5 * 6 + 5] = LabelMap.Ignore;
        prediction[5 * 6 + 5] = 1;
        var evaluator = new SurfaceEvaluator(new LabelSpace(["ground", "house"]));
        Assert.Equal(0, evaluator.Add(new LabelMap(Six, truth), new LabelMap(Six, prediction))!.Hausdorff);
        Assert.Throws<FoveaException>(() => evaluator.Add(new LabelMap(Six, truth), new LabelMap(new ImageSize(1, 1), [0])));
    }

    [Fact]
    public void Means_over_images_are_not_those_over_pixels()
    {
        var labels = new LabelSpace(["ground", "house", "car"]);
        var (all, skip, perfect) = (new SegmentationEvaluator(labels), new PerImageEvaluator(labels, includeBackground: false), new PerImageEvaluator(labels, BothEmptyRule.Perfect, includeBackground: false));
        foreach (var (truth, prediction) in new[] { (Rectangle(1, 3), Rectangle(2, 5)), (Rectangle(1, 3), Rectangle(1, 3)), (Rectangle(0, 0), new byte[36]) })
        {
            var own = all.Add(new LabelMap(Six, truth), new LabelMap(Six, prediction));
            skip.Add(own);
            perfect.Add(own);
        }

        var result = skip.Compute();
        Assert.Equal((0.4 + 1 + 0) / 3, result.Values["iou_per_image"], 12);
        Assert.Equal((4 / 7.0 + 1 + 0) / 3, result.Values["dice_per_image"], 12);
        Assert.Equal([new EmptyCounts(0, 1), new EmptyCounts(3, 0)], result.PerClass.Select(score => score.Empty));
        Assert.Equal(2, result.Notes.Count);
        Assert.Contains("left out (both_empty: skip)", result.Notes[0], StringComparison.Ordinal);
        Assert.Equal(((0.4 + 1 + 0) / 3 + 1) / 2, perfect.Compute().Values["iou_per_image"], 12);
        Assert.Equal(15 / 27.0, all.Compute().PerClass[1].IoU, 12);
        var intervals = all.Intervals();
        Assert.True(intervals["mean_iu"].Low < all.Compute().MeanIoU && all.Compute().MeanIoU < intervals["mean_iu"].High);
    }

    private static byte[] Rectangle(int left, int right)
    {
        var mask = new byte[36];
        for (var row = 1; row <= 3; row++)
            mask.AsSpan(row * 6 + left, right - left + 1).Fill(1);
        return mask;
    }

    private static byte[] Blobs(Random random, int height, int width)
    {
        var mask = new byte[height * width];
        for (var blob = 0; blob < 5; blob++)
        {
            var (cy, cx, r) = (random.Next(height), random.Next(width), 2 + random.Next(Math.Max(1, height / 4)));
            for (var i = 0; i < mask.Length; i++)
            {
                if (Math.Pow(i / width - cy, 2) + Math.Pow(i % width - cx, 2) <= r * r)
                    mask[i] = 255;
            }
        }

        return mask;
    }
}
