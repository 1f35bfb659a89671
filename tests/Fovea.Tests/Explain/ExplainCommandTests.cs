using System.Text.Json;
using Fovea.Cli;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Cli;
using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Explain;

[LeakCheck]
public class ExplainCommandTests
{
    [Fact]
    public void Writes_overlays_maps_and_a_sheet()
    {
        using var temp = new TempFolder();
        var (weights, picture) = (Weights(temp, "cifar_resnet20", 3), Picture(temp, "photo.png"));
        var (code, output) = CommandLine.Run("explain", weights, picture, "--model", "cifar_resnet20", "--method", "all", "--samples", "2", "--steps", "2", "--out", temp.File("out"), "--target", "class 2", "--json");
        Assert.Equal(0, code);
        using var line = JsonDocument.Parse(output);
        Assert.Equal("class 2", line.RootElement.GetProperty("class").GetString());
        Assert.Equal("layer3", line.RootElement.GetProperty("layer").GetString());
        Assert.Equal(12, line.RootElement.GetProperty("methods").GetArrayLength());
        Assert.Equal(0, line.RootElement.GetProperty("refused").GetArrayLength());
        foreach (var method in line.RootElement.GetProperty("methods").EnumerateArray())
        {
            Assert.True(Image.Load(method.GetProperty("overlay").GetString()!).Width >= 32);
            Assert.Equal(new ImageSize(32, 32), Image.Load(method.GetProperty("map").GetString()!, ImageChannels.Unchanged).Size);
        }

        Assert.True(Image.Load(line.RootElement.GetProperty("sheet").GetString()!).Width > 880);
        using var raw = WeightsFile.Open(line.RootElement.GetProperty("raw").GetString()!);
        Assert.Equal([8, 8], raw.Tensors["gradcam"].Shape);
        Assert.Equal([3, 32, 32], raw.Tensors["guided"].Shape);
        Assert.Equal([32, 32], raw.Tensors["saliency"].Shape);
    }

    [Theory]
    [InlineData("cifar_resnet20", "gradcam", "layer3")]
    [InlineData("enet", "hirescam", null)]
    public void The_method_and_its_layer_follow_the_task(string name, string method, string? layer)
    {
        using var temp = new TempFolder();
        var (code, output) = CommandLine.Run("explain", Weights(temp, name, 6), Picture(temp, "photo.png"), "--model", name, "--out", temp.File("out"), "--json");
        Assert.Equal(0, code);
        using var line = JsonDocument.Parse(output);
        Assert.Equal(method, Assert.Single(line.RootElement.GetProperty("methods").EnumerateArray()).GetProperty("method").GetString());
        var looked = line.RootElement.GetProperty("layer").GetString();
        Assert.True(layer is null ? looked is not null : looked == layer, looked);
        Assert.True(File.Exists(temp.File($"out/photo_{method}.jpg")));
    }

    [Fact]
    public void Studies_of_a_network_are_drawn()
    {
        using var temp = new TempFolder();
        var weights = Weights(temp, "cifar_resnet20", 3);
        string[] pictures = [Picture(temp, "one.png"), Picture(temp, "two.png")];
        void Draws(string method, params string[] more)
        {
            var (code, _) = CommandLine.Run(["explain", weights, .. pictures, "--model", "cifar_resnet20", "--method", method, "--out", temp.File("out"), .. more]);
            Assert.Equal(0, code);
            Assert.True(Image.Load(temp.File($"out/{method}.jpg")).Width > 100);
        }

        Draws("filters");
        // Without rectifiers there is no deconvnet, and the patches are shown alone.
        var sigmoid = temp.File("lenet.safetensors");
        using (var network = ModelCatalog.Find("lenet5").Build(new ModelOptions { Outputs = 3, InChannels = 1 }))
            StateDict.Save(sigmoid, network);
        Assert.Equal(0, CommandLine.Run(["explain", sigmoid, .. pictures, "--model", "lenet5", "--method", "patches", "--layer", "c1", "--out", temp.File("lenet")]).Code);
        Assert.Equal(0, CommandLine.Run(["explain", sigmoid, .. pictures, "--model", "lenet5", "--method", "evolution", "--layer", "c1", "--checkpoint", sigmoid, "--out", temp.File("lenet")]).Code);
        Draws("patches", "--layer", "layer1", "--unit", "1", "--unit", "3");
        Draws("evolution", "--layer", "layer2", "--unit", "0", "--checkpoint", weights);
        Draws("effective-field", "--samples", "2");
        Draws("invariance", "--layer", "conv1", "--layer", "layer3");
    }

    [Fact]
    public void Evolution_follows_the_weights_that_a_run_kept()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 8);
        Assert.Equal(0, CommandLine.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("run"),
            "--set", "model.name=cifar_resnet20", "--set", "epochs=2", "--set", "keep_every=1").Code);
        Assert.Equal(["epoch-0000.safetensors", "epoch-0001.safetensors", "epoch-0002.safetensors"], Directory.GetFiles(temp.File("run"), "epoch-*").Select(Path.GetFileName).Order());
        Assert.Equal(0, CommandLine.Run("explain", temp.File("run"), data, "--method", "evolution", "--layer", "layer1", "--unit", "2", "--out", temp.File("out")).Code);
        var four = Image.Load(temp.File("out/evolution.jpg")).Width;
        Assert.Equal(0, CommandLine.Run("explain", temp.File("run"), data, "--method", "evolution", "--layer", "layer1", "--unit", "2", "--out", temp.File("out"),
            "--checkpoint", temp.File("run/epoch-0001.safetensors")).Code);
        Assert.True(Image.Load(temp.File("out/evolution.jpg")).Width < four);
        // What was kept before training is the initialisation, which training moved away from.
        using var before = WeightsFile.Open(temp.File("run/epoch-0000.safetensors"));
        using var after = WeightsFile.Open(temp.File("run/epoch-0002.safetensors"));
        Assert.NotEqual(before.Tensors["conv1.weight"].ToArray<float>(), after.Tensors["conv1.weight"].ToArray<float>());
    }

    [Fact]
    public void Says_what_cannot_be()
    {
        using var temp = new TempFolder();
        var (weights, picture) = (Weights(temp, "lenet5", 4, 1), Picture(temp, "photo.png"));
        string Error(params string[] more) => Assert.ThrowsAny<Exception>(() =>
            CommandLine.Run(["explain", weights, picture, "--model", "lenet5", "--out", temp.File("out"), .. more])).Message;
        Assert.Contains("s1, s2", Error("--layer", "s9"), StringComparison.Ordinal);
        Assert.Contains("did you mean 'gradcam'", Error("--method", "grdcam"), StringComparison.Ordinal);
        Assert.Contains("cam: found LeNet5", Error("--method", "cam"), StringComparison.Ordinal);
        Assert.Contains("found no rectifier", Error("--method", "guided"), StringComparison.Ordinal);
        Assert.Contains("expected a detector", Error("--box", "1"), StringComparison.Ordinal);
        Assert.Contains("class map", Error("--target", "cat"), StringComparison.Ordinal);
        Assert.Contains("expected a segmenter", Error("--region", "1,2,3,4"), StringComparison.Ordinal);
        Assert.IsType<UsageException>(Assert.ThrowsAny<Exception>(() => CommandLine.Run("explain", weights, "--model", "lenet5", "--out", temp.File("out"))));
    }

    [Fact]
    public void Info_lists_and_draws_what_layers_see_and_cost()
    {
        using var temp = new TempFolder();
        var (code, output) = CommandLine.Run("info", "resnet18", "--depth", "1", "--size", "64", "--drawing", temp.File("resnet18.svg"), "--json");
        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(output);
        var layer = json.RootElement.GetProperty("modules").EnumerateArray().First(static m => m.GetProperty("name").GetString() == "layer4");
        Assert.Equal([1, 512, 2, 2], layer.GetProperty("output").EnumerateArray().Select(static v => v.GetInt32()));
        Assert.Equal(435, layer.GetProperty("receptive_field")[0].GetDouble());
        Assert.Equal(32, layer.GetProperty("stride")[1].GetDouble());
        Assert.True(json.RootElement.GetProperty("multiply_adds").GetInt64() > 100_000_000);
        Assert.Contains("layer4", File.ReadAllText(temp.File("resnet18.svg")), StringComparison.Ordinal);
        Assert.Contains("435", CommandLine.Run("info", "resnet18", "--size", "64").Output, StringComparison.Ordinal);
    }

    private static string Weights(TempFolder temp, string name, int classes, int channels = 3)
    {
        RandomState.Seed(3);
        using var network = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = classes, InChannels = channels });
        StateDict.Save(temp.File("weights.safetensors"), network);
        return temp.File("weights.safetensors");
    }

    private static string Picture(TempFolder temp, string name)
    {
        var picture = new Image(new ImageSize(40, 48), 3);
        new Random(name.Length + name[0]).NextBytes(picture.Data);
        picture.GaussianBlur(2).Save(temp.File(name));
        return temp.File(name);
    }
}
