using Fovea.Data;
using Fovea.Imaging;
using Fovea.Metrics;

namespace Fovea.Tests.Metrics;

public class CocoEvaluatorTests
{
    private static readonly LabelSpace OneClass = new(["cat"]);
    private static readonly Box Near = Box.FromSize(10, 10, 20, 20);
    private static readonly Box Far = Box.FromSize(100, 100, 20, 20);

    [Fact]
    public void A_perfect_detector_has_one_everywhere_there_is_something()
    {
        var result = Evaluate([new(0, Near), new(0, Box.FromSize(0, 0, 50, 50))], [new(Near, 0, 0.5f), new(Box.FromSize(0, 0, 50, 50), 0, 0.25f)]);
        Assert.Equal([1, 1, 1, 1, 1, -1, 0.5, 1, 1, 1, 1, -1], result.Stats.Select(value => Math.Round(value, 12)));
        Assert.Equal(10, result.Values.Count);
        Assert.Equal("box_ap", result.Values.Keys.First());
        Assert.Equal("no object is large: there is no figure for that size", Assert.Single(result.Notes));
    }

    [Fact]
    public void One_right_one_wrong_by_hand()
    {
        // Best first: right, wrong, right, with two objects: precision 1 up to recall 0.5, then 2/3. 51 and 50 of 101 recalls.
        var result = Evaluate([new(0, Near), new(0, Far)], [new(Near, 0, 0.9f), new(Box.FromSize(200, 200, 9, 9), 0, 0.8f), new(Far, 0, 0.7f)]);
        Assert.Equal((51 + 50 * 2 / 3.0) / 101, result.Stats[0], 12);
        Assert.Equal(0.5, result.Stats[6], 12);
        Assert.Equal(1, result.Stats[7], 12);
        Assert.Equal(result.Stats[0], result.PerClass[0].AveragePrecision!.Value, 12);
        Assert.Equal(result.Stats[1], result.PerClass[0].AveragePrecision50!.Value, 12);
    }

    [Fact]
    public void Overlaps_of_six_tenths_fit_at_three_thresholds()
    {
        // 12 of 20 columns: IoU 0.6 exactly fits 0.5, 0.55 and 0.6, whose rounding is that of the reference.
        var result = Evaluate([new(0, Box.FromSize(0, 0, 20, 10))], [new(Box.FromSize(0, 0, 12, 10), 0, 1)]);
        Assert.Equal(0.3, result.Stats[0], 12);
        Assert.Equal(1, result.Stats[1], 12);
        Assert.Equal(0, result.Stats[2], 12);
    }

    [Fact]
    public void Crowds_swallow_detections_without_counting_them()
    {
        var crowd = new Instance(0, Box.FromSize(0, 0, 300, 300)) { IsCrowd = true };
        var inCrowd = Enumerable.Range(0, 5).Select(i => new Detection(Box.FromSize(150 + 20 * i, 150, 15, 15), 0, 0.95f));
        var result = Evaluate([crowd, new(0, Near)], [.. inCrowd, new(Near, 0, 0.5f)]);
        Assert.Equal(1, result.Stats[0], 12);
        Assert.Equal(1, result.PerClass[0].Objects);
        var onlyCrowd = Evaluate([crowd], [new(Near, 0, 0.5f)]);
        Assert.All(onlyCrowd.Stats, value => Assert.Equal(-1, value));
        Assert.Equal(0, onlyCrowd.Values["box_ap"]);
        Assert.Contains("only crowds", Assert.Single(onlyCrowd.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_detected_is_zero_and_a_sentence()
    {
        var result = Evaluate([new(0, Near)], []);
        Assert.Equal(0, result.Values["box_ap"]);
        Assert.Equal(0, result.Values["box_ar100"]);
        Assert.Contains("nothing was detected in 1 image with 1 object, so every figure is 0", result.Notes);
        Assert.Contains("given as 0", Assert.Single(Evaluate([], []).Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_input_is_refused_with_the_name_of_the_image()
    {
        var evaluator = new CocoEvaluator(OneClass, CocoOverlap.Mask);
        Assert.Equal("a.jpg: found class 3, expected 0 to 0", Assert.Throws<FoveaException>(() => evaluator.Add([new(3, Near)], [], "a.jpg")).Message);
        Assert.Contains("without a mask", Assert.Throws<FoveaException>(() => evaluator.Add([new(0, Near)], [], "a.jpg")).Message, StringComparison.Ordinal);
        var (small, large) = (RunLengthMask.FromBitmap(new byte[4], new ImageSize(2, 2)), RunLengthMask.FromBitmap(new byte[6], new ImageSize(2, 3)));
        Assert.Contains("2x2 and 3x2", Assert.Throws<FoveaException>(
            () => evaluator.Add([new(0, Near) { Mask = small }], [new(Near, 0, 1) { Mask = large }], "a.jpg")).Message, StringComparison.Ordinal);
        Assert.Contains("not a number", Assert.Throws<FoveaException>(() => evaluator.Add([], [new(Near, 0, float.NaN)], "a.jpg")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CocoOverlap.Box, 1)]
    [InlineData(CocoOverlap.Box, 2)]
    [InlineData(CocoOverlap.Mask, 3)]
    [InlineData(CocoOverlap.Mask, 4)]
    public void Random_images_equal_the_reference(CocoOverlap overlap, int seed)
    {
        const int classes = 4;
        var random = new Random(seed);
        var (evaluator, reference) = (new CocoEvaluator(new LabelSpace(["a", "b", "c", "d"]), overlap), new CocoReference());
        for (var image = 0; image < 14; image++)
        {
            // Class 3 has no objects; some images are empty; one has more than 100 detections of a class.
            var truth = Enumerable.Range(0, random.Next(9)).Select(_ => RandomInstance(random, classes - 1)).ToArray();
            var found = truth.Where(_ => random.Next(5) > 0).Select(instance => Perturbed(random, instance))
                .Concat(Enumerable.Range(0, image == 5 ? 130 : random.Next(5)).Select(_ => Perturbed(random, RandomInstance(random, image == 5 ? 1 : classes)))).ToArray();
            evaluator.Add(truth, found);
            reference.Add(truth, found, overlap == CocoOverlap.Mask);
        }

        var stats = evaluator.Compute().Stats;
        Ops.RandomArrays.AssertClose(reference.Evaluate(classes), [.. stats], 1e-12);
        Assert.All(stats, value => Assert.InRange(value, 0.01, 0.99));
    }

    [Theory]
    [InlineData(CocoOverlap.Box)]
    [InlineData(CocoOverlap.Mask)]
    public void Perturbed_real_annotations_equal_the_reference(CocoOverlap overlap)
    {
        if (!TestData.TryFolder("coco-subset", out var folder))
            return;
        var data = Dataset.Open(folder, split: "val");
        var random = new Random(7);
        var (evaluator, reference) = (new CocoEvaluator(data.Labels, overlap), new CocoReference());
        for (var i = 0; i < data.Count; i++)
        {
            var sample = data.Load(i);
            var size = sample.DeclaredSize!.Value;
            var truth = sample.Annotation.Instances!.Select(instance => instance with { Mask = instance.Mask ?? Ellipse(instance.Box, size) }).ToArray();
            var found = truth.Where(instance => !instance.IsCrowd || random.Next(2) == 0).Where(_ => random.Next(6) > 0).Select(instance => Perturbed(random, instance)).ToArray();
            evaluator.Add(truth, found, sample.Id);
            reference.Add(truth, found, overlap == CocoOverlap.Mask);
        }

        Ops.RandomArrays.AssertClose(reference.Evaluate(data.Labels.Count), [.. evaluator.Compute().Stats], 1e-12);
    }

    private static CocoResult Evaluate(Instance[] truth, Detection[] detections)
    {
        var evaluator = new CocoEvaluator(OneClass, CocoOverlap.Box);
        evaluator.Add(truth, detections);
        return evaluator.Compute();
    }

    private static Instance RandomInstance(Random random, int classes)
    {
        var size = new ImageSize(170, 190);
        int[] sides = [8, 20, 32, 45, 96, 130];
        var (width, height) = (sides[random.Next(sides.Length)], sides[random.Next(sides.Length)]);
        var box = Box.FromSize(random.Next(size.Width - width), random.Next(size.Height - height), width, height);
        return new Instance(random.Next(classes), box)
        {
            Mask = Ellipse(box, size),
            IsCrowd = random.Next(9) == 0,
            Area = random.Next(3) == 0 ? null : box.Area * 0.8,
        };
    }

    // A small shift, or none; scores repeat, so that ties occur within and across images.
    private static Detection Perturbed(Random random, Instance instance)
    {
        var size = instance.Mask?.Size ?? new ImageSize(170, 190);
        int Shift() => random.Next(4) == 0 ? 0 : random.Next(-1, 2) * (int)Math.Max(1, instance.Box.Width / 10);
        var box = new Box(
            Math.Max(0, instance.Box.X1 + Shift()), Math.Max(0, instance.Box.Y1 + Shift()),
            Math.Min(size.Width, instance.Box.X2 + Shift()), Math.Min(size.Height, instance.Box.Y2 + Shift()));
        return new Detection(box, random.Next(12) == 0 ? 0 : instance.Label, random.Next(20) / 20f) { Mask = Ellipse(box, size) };
    }

    private static RunLengthMask Ellipse(Box box, ImageSize size)
    {
        var pixels = new byte[size.Height * size.Width];
        var (cx, cy, rx, ry) = ((box.X1 + box.X2) / 2, (box.Y1 + box.Y2) / 2, Math.Max(1, box.Width / 2), Math.Max(1, box.Height / 2));
        for (var y = (int)box.Y1; y < Math.Min(size.Height, box.Y2); y++)
        {
            for (var x = (int)box.X1; x < Math.Min(size.Width, box.X2); x++)
                pixels[y * size.Width + x] = (byte)(Math.Pow((x + 0.5 - cx) / rx, 2) + Math.Pow((y + 0.5 - cy) / ry, 2) <= 1 ? 1 : 0);
        }

        return RunLengthMask.FromBitmap(pixels, size);
    }
}
