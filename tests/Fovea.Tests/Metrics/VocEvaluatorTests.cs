using Fovea.Metrics;
using Fovea.Tests.Ops;

namespace Fovea.Tests.Metrics;

public class VocEvaluatorTests
{
    private static readonly Box Near = new(0, 0, 10, 10);
    private static readonly Box Far = new(50, 50, 60, 60);
    private static readonly LabelSpace OneClass = new(["cat"]);

    [Theory]
    [InlineData(AveragePrecisionRule.Area, 0.5)]
    [InlineData(AveragePrecisionRule.ElevenPoint, 6 / 11.0)]
    public void One_of_two_found(AveragePrecisionRule rule, double expected)
    {
        var result = Evaluate(new VocOptions { Rule = rule }, [new(0, Near), new(0, Far)], [new(Near, 0, 0.9f)]);
        Assert.Equal(expected, result.MeanAveragePrecision, 12);
    }

    [Fact]
    public void A_perfect_detector_has_one_and_a_wrong_one_nothing()
    {
        foreach (var rule in Enum.GetValues<AveragePrecisionRule>())
        {
            var options = new VocOptions { Rule = rule };
            Assert.Equal(1, Evaluate(options, [new(0, Near), new(0, Far)], [new(Far, 0, 0.2f), new(Near, 0, 0.9f)]).MeanAveragePrecision, 12);
            Assert.Equal(0, Evaluate(options, [new(0, Near)], [new(Far, 0, 0.2f)]).MeanAveragePrecision, 12);
        }
    }

    [Fact]
    public void A_second_detection_of_an_object_is_wrong_and_difficult_objects_count_neither_way()
    {
        var hard = new Instance(0, Far) { IsDifficult = true };
        Assert.Equal(1, Evaluate(null, [new(0, Near), hard], [new(Near, 0, 0.9f), new(Far, 0, 0.95f)]).MeanAveragePrecision, 12);
        Assert.Equal([1], Evaluate(null, [new(0, Near), hard], [new(Near, 0, 0.9f), new(Far, 0, 0.95f)]).PerClass[0].Precision);
        Assert.Equal([1, 0.5], Evaluate(null, [new(0, Near)], [new(Near, 0, 0.9f), new(Near, 0, 0.8f)]).PerClass[0].Precision);
        // The duplicate takes the object it overlaps most even though another one is free.
        Assert.Equal([1, 0.5], Evaluate(null, [new(0, Near), new(0, new Box(0, 0, 10, 7))], [new(Near, 0, 0.9f), new(Near, 0, 0.8f)]).PerClass[0].Precision);
    }

    [Fact]
    public void An_overlap_of_exactly_half_depends_on_the_option()
    {
        Instance[] truth = [new(0, new Box(0, 0, 10, 10))];
        Detection[] half = [new(new Box(0, 0, 10, 5), 0, 1)];
        Assert.Equal(1, Evaluate(null, truth, half).MeanAveragePrecision, 12);
        Assert.Equal(0, Evaluate(new VocOptions { EqualFits = false }, truth, half).MeanAveragePrecision, 12);
        // With inclusive corners the widths are 11 and the heights 11 and 6: IoU 66/121.
        Assert.Equal(1, Evaluate(new VocOptions { EqualFits = false, InclusiveCorners = true }, truth, half).MeanAveragePrecision, 12);
    }

    [Fact]
    public void Nothing_detected_is_zero_and_a_sentence()
    {
        var result = Evaluate(null, [new(0, Near)], []);
        Assert.Equal(0, result.Values["voc_ap"]);
        Assert.Contains("nothing was detected", Assert.Single(result.Notes), StringComparison.Ordinal);
        var empty = Evaluate(null, [], [new(Near, 0, 0.5f)]);
        Assert.Null(empty.PerClass[0].AveragePrecision);
        Assert.Equal(2, empty.Notes.Count);
    }

    [Fact]
    public void Random_detections_equal_a_plain_reimplementation()
    {
        const int images = 30, classes = 3;
        var random = new Random(3);
        var labels = new LabelSpace(["a", "b", "c"]);
        var (truthRows, foundRows) = (new List<double>(), new List<double>());
        var evaluators = new[] { AveragePrecisionRule.Area, AveragePrecisionRule.ElevenPoint }.Select(rule => new VocEvaluator(labels, new VocOptions { Rule = rule })).ToArray();
        for (var image = 0; image < images; image++)
        {
            var boxes = RandomArrays.Boxes(8, image, 60, 30);
            var truth = Enumerable.Range(0, random.Next(6)).Select(i => new Instance(random.Next(classes), BoxAt(boxes, i)) { IsDifficult = random.Next(5) == 0 }).ToArray();
            var found = truth.Where(_ => random.Next(4) > 0).Select(instance => Jittered(instance.Box, instance.Label))
                .Concat(Enumerable.Range(0, random.Next(4)).Select(i => Jittered(BoxAt(boxes, i), random.Next(classes)))).ToArray();
            foreach (var evaluator in evaluators)
                evaluator.Add(truth, found);
            foreach (var instance in truth)
                truthRows.AddRange([image, instance.Label, instance.Box.X1, instance.Box.Y1, instance.Box.X2, instance.Box.Y2, instance.IsDifficult ? 1 : 0]);
            foreach (var detection in found)
                foundRows.AddRange([image, detection.Label, detection.Box.X1, detection.Box.Y1, detection.Box.X2, detection.Box.Y2, detection.Score]);
        }

        var expected = PythonReference.Run(
            """
            def ap(c, eleven):
                g = t[t[:, 1] == c]; d = f[f[:, 1] == c]; d = d[np.argsort(-d[:, 6], kind='stable')]; used = set(); tp = []
                for row in d:
                    best, at = -1, -1
                    for i, o in enumerate(g):
                        if o[0] != row[0]: continue
                        w = min(o[4], row[4]) - max(o[2], row[2]); h = min(o[5], row[5]) - max(o[3], row[3]); inter = max(w, 0) * max(h, 0)
                        iou = inter / ((o[4] - o[2]) * (o[5] - o[3]) + (row[4] - row[2]) * (row[5] - row[3]) - inter)
                        if iou > best: best, at = iou, i
                    if best >= 0.5:
                        if g[at, 6]: continue
                        tp.append(at not in used); used.add(at)
                    else: tp.append(False)
                tp = np.array(tp, bool); hits = np.cumsum(tp); r = hits / (g[:, 6] == 0).sum(); p = hits / np.arange(1, len(tp) + 1)
                if eleven: return np.mean([max([0] + list(p[r >= k / 10])) for k in range(11)])
                total, before = 0, 0
                for i in range(len(r)): total += (r[i] - before) * p[i:].max(); before = r[i]
                return total
            out['area'] = np.mean([ap(c, False) for c in range(3)]); out['eleven'] = np.mean([ap(c, True) for c in range(3)])
            """, ("t", new NdArray(truthRows.ToArray(), truthRows.Count / 7, 7)), ("f", new NdArray(foundRows.ToArray(), foundRows.Count / 7, 7)));
        Assert.Equal(expected.Doubles("area")[0], evaluators[0].Compute().Values["voc_ap"], 12);
        Assert.Equal(expected.Doubles("eleven")[0], evaluators[1].Compute().Values["voc_ap_11"], 12);
        Assert.InRange(expected.Doubles("area")[0], 0.1, 0.9);

        static Box BoxAt(float[] boxes, int i) => new(boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]);

        Detection Jittered(Box box, int label)
        {
            float Shift() => (float)(random.NextDouble() - 0.5) * 8;
            return new Detection(new Box(box.X1 + Shift(), box.Y1 + Shift(), box.X2 + Shift() + 4, box.Y2 + Shift() + 4), label, random.Next(50) / 50f);
        }
    }

    private static VocResult Evaluate(VocOptions? options, Instance[] truth, Detection[] detections)
    {
        var evaluator = new VocEvaluator(OneClass, options);
        evaluator.Add(truth, detections);
        return evaluator.Compute();
    }
}
