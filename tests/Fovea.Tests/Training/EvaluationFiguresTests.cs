using Fovea.Models.Segmentation;
using Fovea.Reports;
using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Training;

namespace Fovea.Tests.Training;

[LeakCheck]
public class EvaluationFiguresTests
{
    private static readonly LabelSpace Labels = new(["membrane", "cell"]);
    private static readonly Arithmetic Plain = Arithmetic.Choose(RecipePrecision.Fp32, false, Device.Cpu);

    [Fact]
    public void What_is_asked_for_is_measured_and_nothing_else()
    {
        using var network = new Brightness();
        var plain = new Evaluator(network, Plain, Labels).Evaluate(new Cells())!;
        Assert.Equal(["mean_iu", "pixel_accuracy", "class_accuracy", "fw_iu", "dice", "loss", "loss.cross_entropy"], plain.Metrics.Keys);
        Assert.Null(plain.PerImage);
        Assert.Equal(2, plain.Worst.Count);
        var options = new EvaluationSection { Metrics = [FigureKind.PerImage, FigureKind.Surface, FigureKind.Partition, FigureKind.CellTracking] };
        var all = new Evaluator(network, Plain, Labels, options).Evaluate(new Cells())!;
        Assert.Equal(
            ["mean_iu", "pixel_accuracy", "class_accuracy", "fw_iu", "dice", "iou_per_image", "dice_per_image", "boundary_f1", "hd", "hd95", "hd95_pooled", "asd", "assd", "assd_mean",
                "rand_error", "pixel_error", "warping_error", "v_rand", "v_info", "v_rand_thinned", "v_info_thinned", "splits", "mergers", "seg", "loss", "loss.cross_entropy"], all.Metrics.Keys);
        foreach (var (name, value) in plain.Metrics)
            Assert.Equal(value, all.Metrics[name], 12);
        // The gap in the boundary of the second picture is 0.45 bright: the best class closes it not, a threshold of 0.5 does.
        Assert.Equal(0, all.Metrics["rand_error"], 6);
        Assert.Equal(0, all.Metrics["warping_error"], 12);
        Assert.True(all.Metrics["seg"] < 1);
        Assert.Equal(["one.png", "two.png"], all.PerImage!.Rows.Select(row => row.Name));
        Assert.Equal(all.PerImage.Columns.Count, all.PerImage.Rows[0].Values.Count);
        Assert.All(all.PerClass!.Rows, row => Assert.Equal(all.PerClass.Columns.Count, row.Values.Count));
        Assert.Equal(1, all.PerImage.Rows[0].Values[0]);
        Assert.True(all.Intervals["mean_iu"].Low <= all.Metrics["mean_iu"] && all.Metrics["mean_iu"] <= all.Intervals["mean_iu"].High);
        Assert.False(network.GivesForeground);
        Assert.All(all.Samples, sample => Assert.Null(sample.Prediction.Foreground));
    }

    [Fact]
    public void An_evaluation_is_written_drawn_and_read_back()
    {
        using var temp = new TempFolder();
        using var network = new TinyNetwork(4, calm: true);
        var evaluation = new Evaluator(network, Plain, new LabelSpace(["a", "b", "c", "d"]), new EvaluationSection { TopK = [2, 3] }).Evaluate(new CornerSource(40, 16, 2, shuffle: false))!;
        Assert.Equal(["top1", "top2", "top3", "precision", "recall", "f1", "specificity", "precision_weighted", "f1_weighted", "auc", "ap", "ece", "mce", "loss"], evaluation.Metrics.Keys);
        evaluation.Save(temp.File("evaluation.json"));
        EvaluationCharts.Save(Path.GetDirectoryName(temp.File("x"))!, evaluation);
        foreach (var name in new[] { "roc", "precision_recall", "reliability", "confusion" })
            Assert.Contains("</svg>", File.ReadAllText(temp.File($"{name}.svg")), StringComparison.Ordinal);
        var again = RunFacts.ReadJson<Evaluation>(temp.File("evaluation.json"));
        Assert.Equal(evaluation.Metrics, again.Metrics);
        Assert.Equal(evaluation.Intervals, again.Intervals);
        Assert.Equal(evaluation.Reliability, again.Reliability);
        Assert.Equal(evaluation.Curves.SelectMany(plot => plot.Series).SelectMany(line => line.X.Concat(line.Y)), again.Curves.SelectMany(plot => plot.Series).SelectMany(line => line.X.Concat(line.Y)));
        Assert.Equal(40, evaluation.Reliability!.Sum(bin => bin.Count));
        Assert.Equal((0.0, 0.0), (evaluation.Curves[0].Series[0].X[0], evaluation.Curves[0].Series[0].Y[0]));
        Assert.Equal((1.0, 1.0), (evaluation.Curves[0].Series[0].X[^1], evaluation.Curves[0].Series[0].Y[^1]));
    }

    [Fact]
    public void What_a_task_does_not_have_is_refused_before_anything_runs()
    {
        using var network = new TinyNetwork(4);
        FoveaException Refused(EvaluationSection options, ModelTask task = ModelTask.Classification) => Assert.Throws<FoveaException>(() => TaskJudge.For(task, Labels, options));
        Assert.Equal("evaluation.metrics: found surface, which classification does not have, expected none", Refused(new EvaluationSection { Metrics = [FigureKind.Surface] }).Message);
        Assert.Equal("evaluation.metrics: found per_image, which instance does not have, expected cell_tracking", Refused(new EvaluationSection { Metrics = [FigureKind.PerImage] }, ModelTask.Instance).Message);
        Assert.Equal("evaluation.top_k: found 2, which semantic does not have, expected nothing", Refused(new EvaluationSection { TopK = [2] }, ModelTask.Semantic).Message);
        Assert.Equal("top-k: found k = 5, expected 1 to 2, the number of classes", Refused(new EvaluationSection { TopK = [1, 5] }).Message);
    }

    [Fact]
    public void Conventions_are_set_as_in_a_recipe()
    {
        var section = new EvaluationSection().With(["metrics=[surface, per_image]", "spacing=[2, 0.5]", "one_empty=skip", "tolerance=3"]);
        Assert.Equal([FigureKind.Surface, FigureKind.PerImage], section.Metrics);
        Assert.Equal((2, 0.5, 3.0, Fovea.Metrics.OneEmptyRule.Skip, true), (section.Spacing[0], section.Spacing[1], section.Tolerance!.Value, section.OneEmpty, section.IncludeBackground));
        Assert.Contains("did you mean 'surface'", Assert.Throws<FoveaException>(() => new EvaluationSection().With(["metrics=[surfaces]"])).Message, StringComparison.Ordinal);
        Assert.Contains("at least 1", Assert.Throws<FoveaException>(() => new EvaluationSection().With(["top_k=[0]"])).Message, StringComparison.Ordinal);
        Assert.True(MetricNames.LowerIsBetter("rand_error") && MetricNames.LowerIsBetter("hd95") && MetricNames.LowerIsBetter("ece") && !MetricNames.LowerIsBetter("boundary_f1"));
        Assert.Equal(
            ["top-3 accuracy", "HD95", "rand error", "V_rand", "V_info, borders thinned"],
            new[] { "top3", "hd95", "rand_error", "v_rand", "v_info_thinned" }.Select(MetricNames.Spoken));
    }

    /// <summary>Says that what is bright is a cell.</summary>
    private sealed class Brightness : Segmenter
    {
        private readonly Conv2d conv;

        public Brightness()
        {
            conv = Child("conv", new Conv2d(1, 2, 1));
            Preprocessing = new Preprocessing { Channels = Fovea.Imaging.ImageChannels.Grey, Mean = [0f], Std = [1f] };
        }

        public override IReadOnlyList<string> HeadPrefixes => [];

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images) => [KeyValuePair.Create("out", Scores(images))];

        protected override Tensor BatchLogits(Batch batch) => Scores(batch.Images);

        // 8 (x - 0.4) against 0: 0.45 is a cell by 0.6, 0.2 by 0.17.
        private static Tensor Scores(Tensor images)
        {
            using var scope = new TensorScope();
            var cell = (images - 0.4f) * 8;
            return scope.Keep(Aten.Cat([cell * 0, cell], 1));
        }
    }

    /// <summary>Two cells with a boundary between, which has a gap in the second picture.</summary>
    private sealed class Cells : IBatchSource
    {
        private static readonly ImageSize Size = new(6, 9);

        public string Name => "cells";

        public int Images => 2;

        public int BatchesPerEpoch => 1;

        public IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0)
        {
            var truth = Enumerable.Range(0, 54).Select(i => i % 9 == 4 ? (byte)0 : (byte)1).ToArray();
            var pixels = Enumerable.Range(0, 108).Select(i => i == 54 + 3 * 9 + 4 ? 0.45f : truth[i % 54] == 1 ? 0.9f : 0.1f).ToArray();
            string[] names = ["one.png", "two.png"];
            yield return new Batch
            {
                Images = Tensor.FromArray(pixels, [2, 1, 6, 9]).Escape(),
                Maps = Tensor.FromArray([.. Enumerable.Range(0, 108).Select(i => (long)truth[i % 54])], [2, 6, 9]).Escape(),
                Origins = [.. names.Select(name => new ImageOrigin(name, name, Size, Size))],
                Samples = [.. names.Select(name => new Sample(name, new Annotation { Map = new LabelMap(Size, truth) }) { Id = name })],
            };
        }
    }
}
