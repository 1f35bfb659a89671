using Fovea.Models.Classification;
using Fovea.Tests.Cli;
using Fovea.Tests.Data.Loading;
using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Tests.Training;

public class ClassWeightingTests
{
    [Fact]
    public void Weights_follow_from_counts_as_the_papers_have_it()
    {
        // 100 pixels in all; the second class lies in images of 40 pixels, the third never occurs.
        var counts = new ClassFrequencies([80, 20, 0], [100, 40, 0]);
        Assert.Equal([100 / 240f, 100 / 60f, 0], counts.Weights(ClassWeighting.InverseFrequency), Near);
        // Frequencies 0.8 and 0.5, whose median is 0.65.
        Assert.Equal([0.65f / 0.8f, 0.65f / 0.5f, 0], counts.Weights(ClassWeighting.MedianFrequency), Near);
        Assert.Equal([1 / MathF.Log(1.82f), 1 / MathF.Log(1.22f), 1 / MathF.Log(1.02f)], counts.Weights(ClassWeighting.Logarithmic), static (a, b) => Math.Abs(a - b) < 1e-3f);
    }

    [Fact]
    public void Pixels_are_counted_over_the_images_that_hold_the_class()
    {
        var data = new MemoryDataset(9);
        var (counts, around) = (new long[3], new long[3]);
        for (var i = 0; i < 9; i++)
        {
            var values = data.Load(i).Annotation.Map!.Values;
            for (var label = 0; label < 3; label++)
            {
                var own = values.Count(value => value == label);
                counts[label] += own;
                around[label] += own > 0 ? values.Count(static value => value != LabelMap.Ignore) : 0;
            }
        }

        var found = ClassFrequencies.Of(data, ModelTask.Semantic);
        Assert.Equal(counts, found.Counts);
        Assert.Equal(around, found.Around);
    }

    [Fact]
    public void A_classifier_is_trained_with_the_weights_of_its_data_and_smoothed_labels()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 8, "lying", "standing");
        foreach (var extra in Directory.GetFiles(Path.Combine(data, "lying"))[2..])
            File.Delete(extra);
        var recipe = Recipe.Parse(
            $"model: {{name: lenet5}}\noptimizer: {{name: sgd, learning_rate: 0.1}}\ndata: {{folder: '{data}', validation_fraction: 0.5}}\nepochs: 1\nmixing: {{mixup: 0.4}}\nloss: {{name: cross_entropy, label_smoothing: 0.1, class_weighting: inverse_frequency}}", "my.yaml");
        Assert.Equal(recipe.ToYaml(), Recipe.Parse(recipe.ToYaml(), "again").ToYaml());
        using var session = TrainingSession.Start(recipe, "my", temp.File("run"), Device.Cpu);
        // Half of 2 and 8 images: 1 and 4 of 5.
        var criterion = ((ImageClassifier)session.Model).Criterion;
        Assert.Equal(0.1, criterion.LabelSmoothing);
        Assert.Equal([2.5f, 0.625f], criterion.ClassWeights!, Near);
        Assert.Contains("class weights by inverse_frequency: lying 2.5, standing 0.625", session.Remarks);
        // Images have no class that is ignored: not the one numbered 255, and none in mixed targets.
        Assert.Null(criterion.IgnoreIndex);
        Assert.Equal(TrainingOutcome.Finished, session.Trainer.Run());
    }

    [Fact]
    public void Principal_colours_of_the_training_data_reach_its_augmentation()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 4);
        var recipe = Recipe.Parse(
            $"model: {{name: lenet5}}\noptimizer: {{name: sgd, learning_rate: 0.1}}\nepochs: 1\ndata: {{folder: '{data}', validation_fraction: 0.5}}\npreprocessing: {{size_rule: exact, height: 28, width: 28}}\ntransforms: {{train: [{{pca_colour: {{colours: data}}}}]}}", "my.yaml");
        using var session = TrainingSession.Start(recipe, "my", temp.File("run"), Device.Cpu);
        Assert.Equal(TrainingOutcome.Finished, session.Trainer.Run());
    }

    [Theory]
    [InlineData("loss: {name: dice}", "loss: found dice with lenet5, expected cross_entropy alone")]
    [InlineData("loss: [{name: cross_entropy, weight: 2}]", "expected cross_entropy alone, with a weight of 1")]
    public void A_classifier_has_no_other_loss(string loss, string message)
    {
        using var temp = new TempFolder();
        var recipe = Recipe.Parse($"model: {{name: lenet5}}\noptimizer: {{name: sgd, learning_rate: 0.1}}\n{loss}", "my.yaml");
        Assert.Contains(message, Assert.Throws<FoveaException>(() => TrainingSession.Start(recipe, "my", temp.File("run"), Device.Cpu)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mixing: {mixup: 1}", "mixing: found with retinanet_resnet18_fpn")]
    [InlineData("data: {sampling: class_balanced}", "data.sampling: class_balanced: found with retinanet_resnet18_fpn")]
    public void Only_classifiers_mix_and_balance(string extra, string message)
    {
        using var temp = new TempFolder();
        var recipe = Recipe.Parse($"model: {{name: retinanet_resnet18_fpn}}\noptimizer: {{name: sgd, learning_rate: 0.1}}\n{extra}", "my.yaml");
        Assert.Contains(message, Assert.Throws<FoveaException>(() => TrainingSession.Start(recipe, "my", temp.File("run"), Device.Cpu)).Message, StringComparison.Ordinal);
    }

    private static bool Near(float a, float b) => Math.Abs(a - b) < 1e-5f;
}
