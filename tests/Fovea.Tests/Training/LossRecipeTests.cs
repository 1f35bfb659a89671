using Fovea.Imaging;
using Fovea.Losses;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Training;

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
        var recipe = Recipe.Parse($"{Small}loss: [{{name: dice, squared: true}}, {{name: focal}}]", "my.yaml");
        Assert.Equal(recipe.ToYaml(), Recipe.Parse(recipe.ToYaml(), "again.yaml").ToYaml());
    }

    [Theory]
    [InlineData("{name: dise}", "line 4: loss.name: found 'dise', expected cross_entropy, dice")]
    [InlineData("{name: dice, gamma: 2}", "line 4: loss.gamma: has no meaning here, it is only for focal")]
    [InlineData("{name: dice, weight: 0}", "loss.weight: found 0, expected above 0")]
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
        Fails(new LossSection { Name = LossKind.LovaszHinge }, "found lovasz_hinge for 3 classes, expected two");
    }

    [Fact]
    public void Reaches_the_network_that_is_trained()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            Write("images", name, 90);
            Write("masks", name, name == "a" ? (byte)1 : (byte)0);
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

        void Write(string part, string name, byte value)
        {
            Directory.CreateDirectory(Path.Combine(folder, part));
            var values = new byte[16 * 16];
            Array.Fill(values, value);
            new Image(new ImageSize(16, 16), 1, values).Save(Path.Combine(folder, part, name + ".png"));
        }
    }
}
