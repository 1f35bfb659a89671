using Fovea.Metrics;

namespace Fovea.Tests.Metrics;

public class SegmentationEvaluatorTests
{
    [Fact]
    public void The_fixture_with_ignored_pixels()
    {
        var result = Evaluate(3, [0, 0, 1, 1, 2, 2, 255], [0, 1, 1, 1, 2, 0, 2]);
        Assert.Equal([[1, 1, 0], [0, 2, 0], [1, 0, 1]], result.Confusion.ToRows());
        Assert.Equal(2 / 3.0, result.PixelAccuracy, 12);
        Assert.Equal(2 / 3.0, result.ClassAccuracy, 12);
        Assert.Equal([1 / 3.0, 2 / 3.0, 0.5], result.PerClass.Select(score => score.IoU));
        Assert.Equal(0.5, result.MeanIoU, 12);
        Assert.Equal(0.5, result.FrequencyWeightedIoU, 12);
        Assert.Equal((0.5 + 0.8 + 2 / 3.0) / 3, result.MeanDice, 12);
        Assert.Empty(result.Notes);
    }

    [Fact]
    public void A_class_absent_from_both_is_left_out_and_one_predicted_in_vain_counts()
    {
        var absent = Evaluate(4, [0, 0, 1, 1, 2, 2, 255], [0, 1, 1, 1, 2, 0, 2]);
        Assert.Equal(0.5, absent.MeanIoU, 12);
        Assert.Contains("'c3'", Assert.Single(absent.Notes), StringComparison.Ordinal);
        Assert.Equal("'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9', 'c10' and 1 more occur neither in truth nor in prediction and are left out of the means",
            Assert.Single(Evaluate(12, [0, 0, 1, 1, 2, 2, 255], [0, 1, 1, 1, 2, 0, 2]).Notes));
        var invented = Evaluate(4, [0, 0, 1, 1, 2, 2, 255], [3, 1, 1, 1, 2, 0, 2]);
        Assert.Equal([0, 2 / 3.0, 0.5, 0], invented.PerClass.Select(score => score.IoU));
        Assert.Equal(0.2916666666666667, invented.MeanIoU, 12);
        Assert.Equal(0.3888888888888889, invented.MeanIoUOfPresent, 12);
        Assert.Equal(0.5, invented.ClassAccuracy, 12);
        Assert.Equal(0.3888888888888889, invented.FrequencyWeightedIoU, 12);
        Assert.Contains("does not occur but was predicted", Assert.Single(invented.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Pixels_add_up_over_images_as_in_numpy()
    {
        var random = new Random(5);
        const int classes = 11, images = 4, pixels = 30 * 40;
        var evaluator = new SegmentationEvaluator(Labels(classes));
        var (truth, prediction) = (new byte[images * pixels], new byte[images * pixels]);
        for (var i = 0; i < truth.Length; i++)
        {
            truth[i] = random.Next(12) is var value && value == 11 ? LabelMap.Ignore : (byte)value;
            prediction[i] = random.Next(2) == 0 && truth[i] != LabelMap.Ignore ? truth[i] : (byte)random.Next(classes);
        }

        for (var image = 0; image < images; image++)
        {
            var own = evaluator.Add(Map(truth[(image * pixels)..((image + 1) * pixels)]), Map(prediction[(image * pixels)..((image + 1) * pixels)]));
            Assert.Equal(truth[(image * pixels)..((image + 1) * pixels)].Count(value => value != LabelMap.Ignore), own.Total);
        }

        var expected = PythonReference.Run(
            """
            m = t != 255; c = np.bincount(11 * t[m].astype(int) + p[m], minlength=121).reshape(11, 11); d = np.diag(c)
            iu = d / (c.sum(0) + c.sum(1) - d)
            out['v'] = np.array([iu.mean(), d.sum() / c.sum(), (d / c.sum(1)).mean(), (c.sum(1) / c.sum() * iu).sum(), (2 * d / (c.sum(0) + c.sum(1))).mean()])
            """, ("t", truth), ("p", prediction)).Doubles("v");
        var values = evaluator.Compute().Values;
        Assert.Equal(["mean_iu", "pixel_accuracy", "class_accuracy", "fw_iu", "dice"], values.Keys);
        Ops.RandomArrays.AssertClose(expected, [.. values.Values], 1e-12);

        static LabelMap Map(byte[] values) => new(new ImageSize(30, 40), values);
    }

    [Fact]
    public void Values_that_are_no_class_and_maps_of_another_size_are_refused()
    {
        var evaluator = new SegmentationEvaluator(Labels(2));
        Assert.Equal("a.png: true map: found value 7, expected a class from 0 to 1, or 255 to ignore",
            Assert.Throws<FoveaException>(() => evaluator.Add(Row(0, 7), Row(0, 0), "a.png")).Message);
        Assert.Equal("a.png: predicted map: found value 2, expected a class from 0 to 1",
            Assert.Throws<FoveaException>(() => evaluator.Add(Row(0, 1), Row(0, 2), "a.png")).Message);
        Assert.Contains("3x1", Assert.Throws<FoveaException>(() => evaluator.Add(Row(0, 1), Row(0, 1, 1))).Message, StringComparison.Ordinal);
        evaluator.Add(Row(255, 255), Row(9, 9));
        Assert.Throws<FoveaException>(() => evaluator.Compute());
    }

    [Fact]
    public void Binary_masks_by_hand()
    {
        // Truth covers rows 1-3, columns 1-3 of a 6x6 picture; the prediction rows 1-3, columns 2-5.
        var (truth, prediction) = (new byte[36], new byte[36]);
        for (var row = 1; row <= 3; row++)
        {
            truth.AsSpan(row * 6 + 1, 3).Fill(1);
            prediction.AsSpan(row * 6 + 2, 4).Fill(255);
        }

        var overlap = BinaryOverlap.Of(truth, prediction);
        Assert.Equal(new BinaryOverlap(6, 6, 3, 21), overlap);
        Assert.Equal(0.5714285714285714, overlap.Dice, 12);
        Assert.Equal(0.4, overlap.IoU, 12);
        Assert.Equal(2 * overlap.IoU / (1 + overlap.IoU), overlap.Dice, 12);
        Assert.Equal(6 / 9.0, overlap.Sensitivity, 12);
        Assert.Equal(21 / 27.0, overlap.Specificity, 12);
        Assert.Equal(0.5, overlap.Precision, 12);
        Assert.Equal(0.75, overlap.Accuracy, 12);

        var empty = BinaryOverlap.Of(new byte[4], new byte[4]);
        Assert.True(double.IsNaN(empty.Dice) && double.IsNaN(empty.Sensitivity) && double.IsNaN(empty.Precision));
        Assert.Equal(1, empty.Specificity);
        Assert.Equal(0, BinaryOverlap.Of([1, 1], [0, 0]).Dice);
        Assert.Equal(new BinaryOverlap(6, 6, 5, 21), overlap + BinaryOverlap.Of([1, 1], [0, 0]));
    }

    private static LabelSpace Labels(int count) => new(Enumerable.Range(0, count).Select(i => $"c{i}"));

    private static LabelMap Row(params byte[] values) => new(new ImageSize(1, values.Length), values);

    private static SegmentationResult Evaluate(int classes, byte[] truth, byte[] prediction)
    {
        var evaluator = new SegmentationEvaluator(Labels(classes));
        evaluator.Add(Row(truth), Row(prediction));
        return evaluator.Compute();
    }
}
