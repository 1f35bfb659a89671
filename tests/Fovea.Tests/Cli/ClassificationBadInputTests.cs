using Fovea.Models;
using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Cli;

/// <summary>What goes wrong with classifiers in particular is one clear line that says what to do.</summary>
public class ClassificationBadInputTests
{
    [Fact]
    public void A_picture_below_the_networks_least_says_it_and_why()
    {
        using var temp = new TempFolder();
        var line = FoveaProcess.Run("info", "vgg11", "--size", "16").OneLine();
        Assert.Contains("VGG: found images of 16x16 pixels, expected at least 32x32: five pools halve the map, to nothing below that", line, StringComparison.Ordinal);
        var data = SmallDataset.Bars(temp.File("bars"), 4);
        line = FoveaProcess.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("run"), "--set", "model.name=squeezenet1_1",
            "--set", "preprocessing={size_rule: exact, height: 16, width: 16}").OneLine();
        Assert.Contains("found images of 16x16 pixels, expected at least 17x17: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_another_class_count_are_offered_a_new_head()
    {
        using var temp = new TempFolder();
        using (var scope = new TensorScope())
        {
            using var network = ModelCatalog.Find("cifar_resnet20").Build(new ModelOptions { Outputs = 7 });
            StateDict.Save(temp.File("seven.safetensors"), network);
            StateDict.Save(temp.File("in.safetensors"), [KeyValuePair.Create("image", Tensor.Rand([1, 3, 32, 32]))]);
        }

        var line = FoveaProcess.Run("forward", "cifar_resnet20", "--weights", temp.File("seven.safetensors"), "--num-classes", "4", "--input", temp.File("in.safetensors"), "--output", temp.File("out.safetensors")).OneLine();
        Assert.Contains($"found weights for 7 classes, expected 4; to go on from them with other classes train with --set fine_tuning.weights={temp.File("seven.safetensors")}, which puts a new head on them", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_whose_data_has_other_classes_now_is_offered_a_new_head()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 8);
        Assert.Equal(0, CommandLine.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("run"), "--set", "epochs=1").Code);
        SmallDataset.Bars(data, 8, "lying", "standing", "thick");
        var line = FoveaProcess.Run("train", "--resume", "--out", temp.File("run")).OneLine();
        Assert.Contains("found a run of the classes lying, standing, expected those of the data, lying, standing, thick; to go on from them", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("batch_size=1")]
    // Ten pictures for training: three threes and one.
    [InlineData("batch_size=3")]
    public void A_picture_alone_in_its_batch_is_named_with_the_norm(string batchSize)
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 7);
        var line = FoveaProcess.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("run"), "--set", "model.name=resnet18", "--set", batchSize,
            "--set", "preprocessing={size_rule: exact, height: 28, width: 28}", "--set", "data.validation_fraction=0.28").OneLine();
        Assert.Contains(".png: found it alone in its batch, of which batch normalisation 'layer4.0.bn1' of ResNetClassifier sees [1, 512, 1, 1], one value a channel", line, StringComparison.Ordinal);
        Assert.Contains("choose a 'batch_size' above 1", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_folder_without_a_picture_is_named()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 4);
        Directory.CreateDirectory(Path.Combine(data, "leaning"));
        var line = FoveaProcess.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("run")).OneLine();
        Assert.Contains($"{Path.Combine(data, "leaning")}: class: found no picture, expected at least one", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(temp.File("run")));
    }

    [Fact]
    public void More_guesses_than_classes_are_refused_before_training()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 4);
        var line = FoveaProcess.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("run"), "--set", "evaluation.top_k=[1, 5]").OneLine();
        Assert.Contains("found k = 5, expected 1 to 2", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(temp.File("run")));
    }

    [Fact]
    public void A_layer_that_is_not_there_brings_near_names()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 1);
        using (var scope = new TensorScope())
        {
            using var network = ModelCatalog.Find("cifar_resnet20").Build(new ModelOptions { Outputs = 2 });
            StateDict.Save(temp.File("two.safetensors"), network);
        }

        var line = FoveaProcess.Run("explain", temp.File("two.safetensors"), data, "--model", "cifar_resnet20", "--layer", "layer3.3", "--out", temp.File("out")).OneLine();
        Assert.Contains("layer: found 'layer3.3', which no layer is called; near ones are layer3.", line, StringComparison.Ordinal);
    }
}
