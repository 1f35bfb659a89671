using System.Text.Json.Nodes;
using Fovea.Imaging;
using Fovea.Losses;
using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Reports;
using Fovea.Tests.Cli;
using Fovea.Tests.Imaging;
using Fovea.Tests.Ops;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>Several labels an image, from a table on disk to figures, report and predictions.</summary>
[LeakCheck]
public sealed class MultiLabelTests
{
    private const string Yaml = """
        task: multi_label
        model: { name: lenet5 }
        data: { validation_fraction: 0.25 }
        preprocessing: { size_rule: exact, height: 28, width: 28 }
        loss: { name: binary_cross_entropy, positive_weight: 1.5 }
        mixing: { mixup: 0.2, probability: 0.2 }
        evaluation: { threshold: 0.4 }
        batch_size: 16
        epochs: 20
        evaluate_every: 20
        seed: 1
        precision: fp32
        optimizer: { name: adam, learning_rate: 0.005 }
        """;

    [Fact]
    public void A_table_of_labels_is_learnt_measured_reported_and_predicted()
    {
        using var temp = new TempFolder();
        var data = Lamps(temp.File("lamps"), 128);
        var recipe = Recipe.Parse(Yaml, "lamps.yaml", [$"data.folder={data}"]);
        Assert.Equal(recipe.ToYaml(), Recipe.Parse(recipe.ToYaml(), "again").ToYaml());
        using (var session = TrainingSession.Start(recipe, "lamps", temp.File("run"), Device.Cpu))
        {
            Assert.Equal(1.5, ((ImageClassifier)session.Model).MultiLabelCriterion.PositiveWeight);
            Assert.Contains("96 images; labels: red ", session.Facts.Lines.Single(static line => line.Subject == "training data").Text, StringComparison.Ordinal);
            Assert.Contains("images with none", session.Facts.Lines.Single(static line => line.Subject == "training data").Text, StringComparison.Ordinal);
            var pictures = new Pictures(session);
            session.Trainer.Listen(pictures);
            Assert.Equal(TrainingOutcome.Finished, session.Trainer.Run());
            RunReport.Write(session.Folder);
        }

        using var predictor = Predictor.Load(temp.File("run"));
        Assert.Equal(ModelTask.MultiLabel, predictor.Card.Task);
        Assert.True(predictor.Model is ImageClassifier { IsMultiLabel: true });
        foreach (var views in new[] { new TestViews(), new TestViews { Flips = true } })
        {
            predictor.Views = views;
            var prediction = predictor.Predict(Lamp([true, false, true], new Random(-1)));
            Assert.True(prediction.IsMultiLabel);
            Assert.Equal([true, false, true], prediction.Probabilities!.Select(static p => p > 0.5));
        }

        var (code, output) = CommandLine.Run("eval", temp.File("run"), "--json", "--out", temp.File("measured"));
        Assert.Equal(0, code);
        var metrics = JsonNode.Parse(output)!["metrics"]!.AsObject();
        Assert.Equal(["ap", "auc", "precision", "recall", "f1", "specificity", "f1_micro", "f1_samples", "exact_match", "hamming_loss", "ece", "mce", "loss"], metrics.Select(static m => m.Key));
        Assert.True((double)metrics["ap"]! > 0.95, $"ap {metrics["ap"]}");
        Assert.True(JsonNode.Parse(output)!["intervals"]!["f1"]!["low"]!.GetValue<double>() <= (double)metrics["f1"]!);
        Assert.All(["roc.svg", "precision_recall.svg", "reliability.svg"], file => Assert.True(File.Exists(Path.Combine(temp.File("measured"), file))));
        var page = File.ReadAllText(new RunFolder(temp.File("run")).Report);
        Assert.Contains("multi-label classification of 3 classes", page, StringComparison.Ordinal);
        Assert.Contains("answered yes from a probability of 0.4", page, StringComparison.Ordinal);

        CommandLine.Run("predict", temp.File("run"), Path.Combine(data, "images", "000.png"), "--json", temp.File("said.jsonl"), "--out", temp.File("drawn"), "--score", "0.3");
        var line = JsonNode.Parse(File.ReadAllText(temp.File("said.jsonl")))!;
        Assert.Equal(line["classes"]!.AsArray().Where(static c => (double)c!["score"]! >= 0.3).Select(static c => (string)c!["label"]!).Order(), line["labels"]!.AsArray().Select(static l => (string)l!).Order());
        Assert.Equal(3, line["classes"]!.AsArray().Count);
    }

    [Fact]
    public void The_loss_is_that_of_pytorch_and_a_head_of_a_softmax_can_be_taken_over()
    {
        using var scope = new TensorScope();
        var (scores, answers) = (RandomArrays.Normal(24, 3), RandomArrays.Normal(24, 4).Select(static v => v > 0.4f ? 1f : 0f).ToArray());
        var logits = Tensor.FromArray(scores, [6, 4]);
        var expected = PythonReference.Run(
            "import torch, torch.nn.functional as F\nloss = F.binary_cross_entropy_with_logits\nout['loss'] = loss(T(s), T(a), pos_weight=torch.full((4,), 2.5))\nout['each'] = loss(T(s), T(a), pos_weight=torch.tensor([0.5, 1, 3, 9]))",
            ("s", new NdArray(scores, 6, 4)), ("a", new NdArray(answers, 6, 4)));
        var loss = new BinaryCrossEntropy { PositiveWeight = 2.5 }.Compute(logits, Tensor.FromArray(answers, [6, 4]));
        Assert.Equal(expected.Doubles("loss")[0], loss.ToDouble(), 1e-6);
        var each = new BinaryCrossEntropy { QuestionWeights = [0.5f, 1, 3, 9] };
        Assert.Equal(expected.Doubles("each")[0], each.Compute(logits, Tensor.FromArray(answers, [6, 4])).ToDouble(), 1e-6);
        Assert.Throws<FoveaException>(() => new BinaryCrossEntropy().Compute(logits, Tensor.Zeros([6, 3])));
        Assert.Throws<FoveaException>(() => each.Compute(logits[.., ..3], Tensor.Zeros([6, 3])));
        Assert.Throws<FoveaException>(() => each.Compute(logits, Tensor.Zeros([6], Dtype.Int64)));
    }

    [Fact]
    public void Every_label_can_weigh_by_how_rare_it_is()
    {
        using var temp = new TempFolder();
        var data = Directory.CreateDirectory(temp.File("lamps")).FullName;
        for (var i = 0; i < 5; i++)
            Lamp([false, false, false], new Random(i)).Save(Path.Combine(data, $"{i}.png"));
        File.WriteAllText(Path.Combine(data, "labels.csv"), "picture,split,red,green,blue\n0.png,train,1,1,1\n1.png,train,0,1,1\n2.png,train,0,0,1\n3.png,train,0,0,1\n4.png,val,1,1,0\n");
        using var scope = new TensorScope();
        BinaryCrossEntropy Criterion(string loss, out IReadOnlyList<string> remarks)
        {
            var recipe = Recipe.Parse($"model: {{name: lenet5}}\ntask: multi_label\nloss: {{name: binary_cross_entropy, {loss}}}\noptimizer: {{name: sgd, learning_rate: 0.1}}", "my.yaml", [$"data.folder={data}"]);
            using var session = TrainingSession.Start(recipe, "my", temp.File(loss.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)), Device.Cpu);
            remarks = session.Remarks;
            return ((ImageClassifier)session.Model).MultiLabelCriterion;
        }

        // One, two and all of four training images.
        Assert.Equal([3, 1, 1], Criterion("class_weighting: negative_ratio", out var said).QuestionWeights!);
        Assert.Contains("class weights by negative_ratio: red 3, green 1, blue 1", said);
        Assert.Equal([2, 1, 0.5f], Criterion("class_weighting: median_frequency", out _).QuestionWeights!);
        var given = Criterion("class_weights: [4, 1, 0.5], positive_weight: 2", out _);
        var (logits, answers) = (Tensor.Zeros([1, 3]), Tensor.FromArray(new float[] { 1, 0, 0 }, [1, 3]));
        Assert.Equal((8 + 1 + 1) * Math.Log(2) / 3, given.Compute(logits, answers).ToDouble(), 1e-6);
        var (code, output) = CommandLine.Run("data", "stats", data, "--split", "train", "--json");
        Assert.Equal(0, code);
        Assert.Equal([3.0, 1.0, 1.0], JsonNode.Parse(output)!["class_weights"]!["negative_ratio"]!.AsArray().Select(static w => (double)w!));
    }

    [Fact]
    public void Commands_know_several_labels_an_image()
    {
        using var temp = new TempFolder();
        var data = Lamps(temp.File("lamps"), 24);
        var picture = Path.Combine(data, "images", "003.png");
        File.WriteAllText(temp.File("lamps.yaml"), Yaml);
        Assert.Equal(0, CommandLine.Run("data", "show", data, "--out", temp.File("sheet")).Code);
        Assert.Contains("red", CommandLine.Run("data", "stats", data).Output, StringComparison.Ordinal);
        Assert.Equal(0, CommandLine.Run("train", temp.File("lamps.yaml"), "--data", data, "--out", temp.File("folds"), "--folds", "2", "--set", "epochs=1", "--set", "loss.class_weighting=negative_ratio").Code);
        var summary = JsonNode.Parse(File.ReadAllText(temp.File("folds/summary.json")))!;
        Assert.InRange((double)summary["pooled"]!["ap"]!, 0, 1);
        Assert.InRange((double)summary["mean"]!["f1"]!, 0, 1);
        Assert.Equal(0, CommandLine.Run("train", temp.File("lamps.yaml"), "--data", data, "--out", temp.File("run"), "--set", "epochs=1").Code);
        var (code, output) = CommandLine.Run("explain", temp.File("run"), picture, "--method", "gradcam,occlusion,saliency", "--target", "blue", "--out", temp.File("explained"), "--json");
        Assert.Equal(0, code);
        var line = JsonNode.Parse(output)!;
        // The confidence of a label is its own sigmoid.
        Assert.Equal(1 / (1 + Math.Exp(-(double)line["score"]!)), (double)line["confidence"]!, 1e-5);
        Assert.Equal("blue", (string)line["class"]!);
        Assert.Equal(0, CommandLine.Run("eval", temp.File("run"), "--views", "ten_crop").Code);
    }

    [Fact]
    public void Objects_are_labels_of_their_image()
    {
        var both = new Annotation { Instances = [new Instance(2, new Box(0, 0, 1, 1)), new Instance(0, new Box(0, 0, 1, 1)), new Instance(2, new Box(0, 0, 1, 1))] };
        Assert.Equal([0, 2], both.PresentLabels!);
        Assert.Equal([3], new Annotation { Label = 3 }.PresentLabels!);
        Assert.Empty(new Annotation { Labels = [] }.PresentLabels!);
        Assert.Null(new Annotation().PresentLabels);
    }

    [Theory]
    [InlineData("model: {name: lenet5}\ntask: detection", "task: found detection, expected classification")]
    [InlineData("model: {name: unet}\ntask: multi_label", "task: found multi_label, expected semantic")]
    [InlineData("model: {name: lenet5}\ntask: multi_label\nloss: {name: cross_entropy}", "expected binary_cross_entropy alone")]
    [InlineData("model: {name: lenet5}\ntask: multi_label\ndata: {sampling: class_balanced}", "data.sampling: found class_balanced with several labels an image")]
    [InlineData("model: {name: lenet5}\ntask: multi_label\nloss: {name: binary_cross_entropy, class_weights: [1, 2]}", "loss.class_weights: found 2 numbers, expected 3")]
    [InlineData("model: {name: unet}\nloss: {name: binary_cross_entropy, class_weights: [1, 2]}", "expected them with several labels an image")]
    [InlineData("model: {name: lenet5}\ntask: multi_label\nevaluation: {top_k: [2]}", "evaluation.top_k")]
    public void What_does_not_go_together_is_refused(string yaml, string message)
    {
        using var temp = new TempFolder();
        var recipe = Recipe.Parse($"{yaml}\noptimizer: {{name: sgd, learning_rate: 0.1}}", "my.yaml", [$"data.folder={Lamps(temp.File("lamps"), 8)}"]);
        Assert.Contains(message, Assert.Throws<FoveaException>(() => TrainingSession.Start(recipe, "my", temp.File("run"), Device.Cpu)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_softmax_says_what_several_labels_want()
    {
        using var temp = new TempFolder();
        var recipe = Recipe.Parse("model: {name: lenet5}\noptimizer: {name: sgd, learning_rate: 0.1}", "my.yaml", [$"data.folder={Lamps(temp.File("lamps"), 8)}"]);
        Assert.Contains("task: multi_label trains with several labels", Assert.Throws<FoveaException>(() => TrainingSession.Start(recipe, "my", temp.File("run"), Device.Cpu)).Message, StringComparison.Ordinal);
        Assert.Contains("expected that of classifiers only", Assert.Throws<FoveaException>(() => ModelCatalog.Find("unet").Build(new ModelOptions { Outputs = 2, MultiLabel = true })).Message, StringComparison.Ordinal);
    }

    // Three lamps of which each is on or off, in colour.
    private static string Lamps(string folder, int count)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        var (random, lines) = (new Random(7), new List<string> { "picture,red,green,blue" });
        for (var i = 0; i < count; i++)
        {
            bool[] on = [.. Enumerable.Range(0, 3).Select(_ => random.Next(2) == 1)];
            Lamp(on, random).Save(Path.Combine(folder, "images", $"{i:000}.png"));
            lines.Add($"{i:000}.png,{string.Join(',', on.Select(static value => value ? 1 : 0))}");
        }

        File.WriteAllLines(Path.Combine(folder, "labels.csv"), lines);
        return folder;
    }

    private static Image Lamp(bool[] on, Random random)
    {
        var image = new Image(new ImageSize(28, 28), 3);
        var places = on.Select((isOn, channel) => (isOn, channel, X: random.Next(14), Y: random.Next(14))).ToList();
        for (var i = 0; i < image.Data.Length; i++)
        {
            var (x, y) = (i / 3 % 28, i / 3 / 28);
            var isLit = places.Exists(place => place.isOn && place.channel == i % 3 && x >= place.X && x < place.X + 14 && y >= place.Y && y < place.Y + 14);
            image.Data[i] = (byte)(random.Next(50) + (isLit ? 190 : 0));
        }

        return image;
    }

    private sealed class Pictures(TrainingSession session) : ITrainingListener
    {
        public void Stepped(StepReport step)
        {
        }

        public void Evaluated(int epoch, Evaluation evaluation, bool isBest) => SamplePictures.Save(session.Folder, evaluation, session.Data.Validation);
    }
}
