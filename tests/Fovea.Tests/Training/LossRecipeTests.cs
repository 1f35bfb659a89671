using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Losses;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Training;
using Fovea.Training.Recipes;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Tests.Training;

/// <summary>The <c>loss</c> of a recipe.</summary>
public sealed class LossRecipeTests : IDisposable
{
    private const string Small = "model: {name: unet}\noptimizer: {name: sgd, learning_rate: 0.1}\npreprocessing: {size_rule: keep, size_multiple: 16}\n";

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-loss-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void One_loss_or_a_weighted_sum_of_several()
    {
        using var scope = new TensorScope();
        RandomState.Seed(2);
        var (logits, labels) = (Tensor.Randn([2, 3, 4, 5]), Aten.Randint(3, [2, 4, 5], Dtype.Int64));
        double Value(string loss) => LossFactory.Create(Recipe.Parse($"{Small}loss: {loss}", "my.yaml").Loss, 3)
            .Sum(part => part.Weight * part.Loss.Compute(logits, labels).ToDouble());
        double Of(IPixelLoss loss) => loss.Compute(logits, labels).ToDouble();
        Assert.Empty(Recipe.Parse(Small, "my.yaml").Loss);
        Assert.Equal(Of(new Dice()), Value("{name: dice}"), 1e-12);
        Assert.Equal(Of(new CrossEntropy { ClassWeights = [1, 2, 3], LabelSmoothing = 0.1 }), Value("{name: cross_entropy, class_weights: [1, 2, 3], label_smoothing: 0.1}"), 1e-12);
        Assert.Equal(Of(new Tversky()), Value("{name: tversky}"), 1e-12);
        Assert.Equal(
            Of(new Focal { Gamma = 1 }) + 0.5 * Of(new Jaccard { Smooth = 0, IncludesBackground = false }) + 2 * Of(new LovaszSoftmax()),
            Value("[{name: focal, gamma: 1}, {name: jaccard, weight: 0.5, smooth: 0, include_background: false}, {name: lovasz_softmax, weight: 2}]"), 1e-12);
        Assert.Equal(Of(new HardPixelCrossEntropy { Threshold = 0.2 }), Value("{name: hard_pixels, threshold: 0.2}"), 1e-12);
        Assert.Equal(Of(new HardPixelCrossEntropy { MinimumKept = 30, Threshold = 0.01 }), Value("{name: hard_pixels, threshold: 0.01, min_kept: 30}"), 1e-12);
        Assert.Equal(Of(new TopPixelCrossEntropy { Kept = 5 }), Value("{name: top_pixels, kept: 5}"), 1e-12);
        Assert.Equal(Of(new HardNegativeCrossEntropy { Ratio = 1 }), Value("{name: hard_negatives, ratio: 1}"), 1e-12);
        Assert.Equal(Of(new CrossEntropy { Reduction = LossReduction.Sum }), Value("{name: cross_entropy, reduction: sum}"), 1e-12);
        Assert.Equal(Of(new Focal { IsSigmoid = true, Alpha = 0.25 }), Value("{name: focal, sigmoid: true, alpha: 0.25}"), 1e-12);
        Assert.Equal(Of(new GeneralizedDice()), Value("{name: generalized_dice}"), 1e-12);
        Assert.Equal(Of(new GeneralizedDice { SkipsAbsentClasses = true, IncludesBackground = false }), Value("{name: generalized_dice, skip_absent: true, include_background: false}"), 1e-12);
        Assert.Equal(Of(new HardnessDice { Hardness = 0.3, DetachesWeights = true }), Value("{name: hardness_dice, hardness: 0.3, detach_weights: true}"), 1e-12);
        Assert.Equal(Of(new BoundaryLoss()), Value("{name: boundary}"), 1e-12);
        Assert.Equal(Of(new HausdorffLoss { Power = 1, IncludesBackground = true }), Value("{name: hausdorff, power: 1, include_background: true}"), 1e-12);
        Assert.Equal(
            Of(new BinaryCrossEntropy { PositiveWeight = 2 }) + Of(new Jaccard { IsLogarithmic = true }),
            Value("[{name: binary_cross_entropy, positive_weight: 2}, {name: jaccard, logarithm: true}]"), 1e-12);
        var recipe = Recipe.Parse($"{Small}loss: [{{name: dice, squared: true}}, {{name: focal}}, {{name: boundary, schedule: {{from: 0, to: 1, end_epoch: 9}}}}]", "my.yaml");
        Assert.Equal(recipe.ToYaml(), Recipe.Parse(recipe.ToYaml(), "again.yaml").ToYaml());
    }

    [Theory]
    [InlineData("{name: dise}", "line 4: loss.name: found 'dise', expected cross_entropy, dice")]
    [InlineData("{name: dice, gamma: 2}", "line 4: loss.gamma: has no meaning here, it is only for focal")]
    [InlineData("{name: dice, weight: 0}", "loss.weight: found 0, expected above 0")]
    [InlineData("{name: dice, schedule: {from: 0, to: 1, start_epoch: 5, end_epoch: 3}}", "loss.schedule.end_epoch: found 3, expected at least start_epoch, 5")]
    [InlineData("{name: dice, schedule: {from: 0, to: 1, end_epoch: 3}}", "loss: found weights of 0 alone in epoch 0")]
    [InlineData("{name: focal, alpha: 0.25}", "loss.alpha: found without sigmoid: true")]
    [InlineData("{name: focal, sigmoid: true, class_weights: [1, 2]}", "loss.class_weights: found beside sigmoid: true")]
    [InlineData("{name: dice, border_weights: {w0: 5}}", "loss.border_weights: has no meaning here, it is only for cross_entropy")]
    [InlineData("[{name: dice}, {name: dice}]", "line 4: loss.1.name: found 'dice' twice")]
    public void Says_what_is_wrong(string loss, string message)
    {
        var error = Assert.Throws<FoveaException>(() => Recipe.Parse($"{Small}loss: {loss}", "my.yaml"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Must_fit_the_classes()
    {
        static void Fails(LossSection section, string message) =>
            Assert.Contains(message, Assert.Throws<FoveaException>(() => LossFactory.Create([section], 3)).Message, StringComparison.Ordinal);
        Fails(new LossSection { Name = LossKind.Focal, ClassWeights = [1, 2] }, "loss.class_weights: found 2 numbers, expected 3");
        Fails(
            new LossSection { Name = LossKind.CrossEntropy, ClassWeights = [1, 2, 3], BorderWeights = new BorderWeightsSection() },
            "loss.border_weights: found beside class_weights of 3 classes");
        Fails(new LossSection { Name = LossKind.LovaszHinge }, "found lovasz_hinge for 3 classes, expected two");
    }

    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(2, 0.2)]
    [InlineData(3, 0.35)]
    [InlineData(6, 0.8)]
    [InlineData(60, 0.8)]
    public void A_weight_goes_in_a_straight_line(int epoch, double expected)
    {
        var schedule = new LossScheduleSection { From = 0.1, To = 0.4, StartEpoch = 2, EndEpoch = 6 };
        Assert.Equal(expected, new LossSection { Name = LossKind.Boundary, Weight = 2, Schedule = schedule }.WeightAt(epoch), 1e-12);
        Assert.Equal((0.1, 0.4), (new LossScheduleSection { From = 0.1, To = 0.4, EndEpoch = 3, StartEpoch = 3 } is var jump ? jump.At(2) : 0, jump.At(3)));
    }

    [Fact]
    public void Weights_change_while_it_trains_and_are_written_down()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            Write("images", name, 90, name);
            Write("masks", name, 1, "half");
        }

        var recipe = Recipe.Parse(
            $"{Small}epochs: 3\nbatch_size: 2\ndata: {{folder: '{folder}', format: mask-pairs, classes: [ground, thing], validation_fraction: 0.5}}\n"
            + "loss: [{name: generalized_dice, schedule: {from: 1, to: 0.5, end_epoch: 2}}, {name: boundary, weight: 2, schedule: {from: 0, to: 0.5, end_epoch: 2}}]", "my.yaml");
        using var session = TrainingSession.Start(recipe, "my", Path.Combine(folder, "run"), Device.Cpu);
        session.Trainer.Run();
        var lines = File.ReadAllLines(session.Folder.Metrics).Select(static line => System.Text.Json.Nodes.JsonNode.Parse(line)!).ToList();
        Assert.Equal([1, 0.75, 0.5], lines.Select(static line => (double)line["loss_weight.generalized_dice"]!));
        Assert.Equal([0, 0.5, 1], lines.Select(static line => (double)line["loss_weight.boundary"]!));
        // What weighs nothing is not computed.
        Assert.Null(lines[0]["train_loss.boundary"]);
        Assert.NotNull(lines[1]["train_loss.boundary"]);
        // Terms have the names of their losses, and stand in the report even when they come late.
        var steps = File.ReadAllLines(session.Folder.Losses).Select(static line => System.Text.Json.Nodes.JsonNode.Parse(line)!).ToList();
        Assert.Equal((double)steps[0]["loss"]!, (double)steps[0]["loss.generalized_dice"]!);
        Assert.Equal((double)steps[^1]["loss"]!, (double)steps[^1]["loss.generalized_dice"]! + (double)steps[^1]["loss.boundary"]!, 1e-9);
        Assert.NotNull(lines[2]["loss.boundary"]);
        Fovea.Reports.RunReport.Write(session.Folder);
        var page = File.ReadAllText(session.Folder.Report);
        foreach (var text in new[] { "Parts of the loss", ">generalized dice<", ">boundary<", ">boundary, validation<" })
            Assert.Contains(text, page, StringComparison.Ordinal);
    }

    public static TheoryData<LossKind> Kinds => [.. Enum.GetValues<LossKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_loss_trains(LossKind kind)
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            Write("images", name, 90, "half");
            Write("masks", name, 1, "half");
        }

        var loss = RecipeShape.SnakeCase(kind.ToString());
        var recipe = Recipe.Parse(
            $"model: {{name: enet}}\noptimizer: {{name: adam, learning_rate: 0.003}}\npreprocessing: {{size_rule: keep, size_multiple: 8}}\nepochs: 1\nbatch_size: 2\n"
            + $"data: {{folder: '{folder}', format: mask-pairs, classes: [ground, thing], validation_fraction: 0.5}}\nloss: {{name: {loss}}}", "my.yaml");
        using var session = TrainingSession.Start(recipe, "my", Path.Combine(folder, "run"), Device.Cpu);
        var before = session.Model.NamedParameters().ToDictionary(static p => p.Key, static p => p.Value.ToArray<float>());
        Assert.Equal(TrainingOutcome.Finished, session.Trainer.Run());
        Assert.Contains(session.Model.NamedParameters(), p => !p.Value.ToArray<float>().SequenceEqual(before[p.Key]));
        Assert.All(session.Model.NamedParameters(), static p => Assert.All(p.Value.ToArray<float>(), static value => Assert.True(float.IsFinite(value))));
    }

    [Fact]
    public void Border_weights_come_from_the_masks_of_objects()
    {
        // Two cells a gap of one pixel apart.
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            Save(Path.Combine("train", name, "images", "x.png"), static (_, _) => 0);
            Save(Path.Combine("train", name, "masks", "1.png"), static (_, x) => x is >= 2 and < 6 ? (byte)255 : (byte)0);
            Save(Path.Combine("train", name, "masks", "2.png"), static (_, x) => x is >= 7 and < 12 ? (byte)255 : (byte)0);
        }

        var recipe = Recipe.Parse(
            $"{Small}data: {{folder: '{folder}', format: instance-masks, validation_fraction: 0.5}}\nloss: {{name: cross_entropy, class_weights: [1, 3], border_weights: {{w0: 10, sigma: 5}}}}", "my.yaml");
        var borders = LossFactory.Borders(recipe.Loss)!;
        Assert.Equal((10.0, 5.0, (1f, 3f)), (borders.Strength, borders.Reach, borders.ClassWeights));
        using (var session = TrainingSession.Start(recipe, "my", Path.Combine(folder, "run"), Device.Cpu))
        {
            using var scope = new TensorScope();
            var options = new LoaderOptions { BatchSize = 2, BorderWeights = borders };
            using var batch = new DataLoader(session.Data.Training, ModelTask.Semantic, session.Model.Preprocessing, options, new Pipeline(new RandomFlip(true, 1))).Epoch(0).First();
            // Mirrored: the gap is at column 16 - 1 - 6 = 9, a pixel from either cell.
            Assert.Equal(1 + 10 * Math.Exp(-4 / 50.0), batch.PixelWeights![0, 5, 9].ToDouble(), 1e-5);
            Assert.Equal(3, batch.PixelWeights[0, 5, 8].ToDouble());
            var weighted = session.Model.Loss(batch).Terms.Single().Value.ToDouble();
            var plain = new CrossEntropy { IgnoreIndex = 255 }.Compute(((UNet)session.Model).Forward(batch.Images)[0].Value, batch.Maps!, batch.PixelWeights).ToDouble();
            Assert.Equal(plain, weighted, 1e-5);
        }

        // Weights that are counted are those of the gaps too: cells are 144 of 256 pixels.
        var counted = recipe with { Loss = [recipe.Loss[0] with { ClassWeights = null, ClassWeighting = Fovea.Data.Statistics.ClassWeighting.InverseFrequency }] };
        DataParts? data = null;
        var parts = TrainingSession.Prepare(counted, null, Device.Cpu, ref data, out _);
        using (parts.Model)
        {
            using var scope = new TensorScope();
            using var batch = parts.Training.Epoch(0).First();
            Assert.Equal(256 / (2 * 144.0), batch.PixelWeights![0, 5, 4].ToDouble(), 1e-5);
        }

        Write("images", "a", 90, "a");
        Write("masks", "a", 1, "a");
        var maps = new DataLoader(Fovea.Data.Dataset.Open(folder, Fovea.Data.DatasetFormat.MaskPairs), ModelTask.Semantic, new Preprocessing(), new LoaderOptions { BorderWeights = borders });
        Assert.Contains("images/a.png: found no objects in its map", Assert.Throws<DataException>(() => maps.Epoch(0).First()).Message, StringComparison.Ordinal);

        void Save(string relative, Func<int, int, byte> value)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, relative))!);
            new Image(new ImageSize(16, 16), 1, [.. Enumerable.Range(0, 256).Select(i => value(i / 16, i % 16))]).Save(Path.Combine(folder, relative));
        }
    }

    private void Write(string part, string name, byte value, string pattern)
    {
        Directory.CreateDirectory(Path.Combine(folder, part));
        var values = new byte[16 * 16];
        Array.Fill(values, value, 0, pattern == "half" ? 128 : 256);
        new Image(new ImageSize(16, 16), 1, values).Save(Path.Combine(folder, part, name + ".png"));
    }

    [Fact]
    public void Reaches_the_network_that_is_trained()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            Write("images", name, 90, name);
            Write("masks", name, name == "a" ? (byte)1 : (byte)0, name);
        }

        var recipe = Recipe.Parse(
            $"{Small}data: {{folder: '{folder}', format: mask-pairs, classes: [ground, thing], validation_fraction: 0.5}}\nloss: [{{name: dice}}, {{name: focal, weight: 0.5}}]", "my.yaml");
        using (var session = TrainingSession.Start(recipe, "my", Path.Combine(folder, "run"), Device.Cpu))
            Assert.Equal([("dice", 1.0), ("focal", 0.5)], ((UNet)session.Model).Criteria.Select(c => (c.Name, c.Weight)));
        using (var session = TrainingSession.Continue(RunFolder.Open(Path.Combine(folder, "run"))))
            Assert.IsType<Focal>(((UNet)session.Model).Criteria[1].Loss);
        var other = recipe with { Model = new ModelSection { Name = "retinanet_resnet18_fpn" } };
        var error = Assert.Throws<FoveaException>(() => TrainingSession.Start(other, "my", Path.Combine(folder, "other"), Device.Cpu));
        Assert.StartsWith("loss: found with retinanet_resnet18_fpn, whose loss is part of the network", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder, "other")));
    }
}
