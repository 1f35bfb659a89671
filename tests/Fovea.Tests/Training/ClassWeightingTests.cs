using Fovea.Models.Classification;
using Fovea.Tests.Cli;
using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Tests.Training;

public class ClassWeightingTests
{
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
