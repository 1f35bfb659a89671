using Fovea.Imaging;
using Fovea.Tests.Data;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Tests.Cli;

/// <summary>The random field from the recipe to the map.</summary>
[LeakCheck]
public sealed class CrfTests : IDisposable
{
    private const string Recipe = """
        model: {name: enet}
        data: {format: mask-pairs, classes: [dark, bright], validation_fraction: 0.34}
        preprocessing: {size_rule: keep, size_multiple: 8}
        optimizer: {name: adam, learning_rate: 0.005}
        crf: {iterations: 3, gaussian_reach: 2, bilateral_reach: 20, bilateral_colour: 25}
        batch_size: 2
        epochs: 1
        """;

    private static readonly ImageSize Size = new(24, 32);

    private readonly TempFolder folder = new();

    public CrfTests()
    {
        RandomState.Seed(4);
        var random = new Random(4);
        for (var i = 0; i < 6; i++)
        {
            var (picture, mask) = (new Image(Size, 3), new Image(Size, 1));
            for (var at = 0; at < mask.Data.Length; at++)
            {
                mask.Data[at] = at % Size.Width > 10 + 2 * i ? (byte)1 : (byte)0;
                for (var channel = 0; channel < 3; channel++)
                    picture.Data[3 * at + channel] = (byte)(60 + 100 * mask.Data[at] + random.Next(30));
            }

            folder.Save($"data/images/{i}.png", picture);
            folder.Save($"data/masks/{i}.png", mask);
        }

        folder.Write("crf.yaml", Recipe);
    }

    [Fact]
    public void It_travels_with_the_weights_and_can_be_changed_or_left_out()
    {
        var run = folder.At("run");
        Assert.Equal(0, CommandLine.Run("train", folder.At("crf.yaml"), "--data", folder.At("data"), "--out", run).Code);
        using (var predictor = Predictor.Load(run))
        {
            Assert.Equal(new CrfSection { Iterations = 3, GaussianReach = 2, BilateralReach = 20, BilateralColour = 25 }, predictor.Crf);
            Assert.Equal((3, 3.0, 2.0, 4.0, 20.0, 25.0), predictor.Crf!.ToCrf() is var crf ? (crf.Iterations, crf.GaussianWeight, crf.GaussianReach, crf.BilateralWeight, crf.BilateralReach, crf.BilateralColour) : default);
        }

        var (usual, bare) = (Map(run), Map(run, "--crf", "false"));
        // After one epoch the maps are noise, which no field leaves as it is.
        Assert.NotEqual(bare, usual);
        Assert.Equal(usual, Map(run, "--crf"));
        Assert.Equal(usual, Map(run, "--crf-set", "iterations=3"));
        Assert.Equal(bare, Map(run, "--crf-set", "gaussian_weight=0,bilateral_weight=0"));
        Assert.Equal(bare, Map(run, "--crf-set", "iterations=0"));
        Assert.NotEqual(usual, Map(run, "--crf-set", "bilateral_weight=0"));

        Assert.StartsWith("--crf-set sigma=3: sigma: there is no such key", Fails(run, "--crf-set", "sigma=3"), StringComparison.Ordinal);
        Assert.Contains("bilateral_reach: found 0, expected above 0", Fails(run, "--crf-set", "bilateral_reach=0"), StringComparison.Ordinal);
        Assert.Contains("--crf-set: found beside --crf false", Fails(run, "--crf", "false", "--crf-set", "iterations=3"), StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_without_maps_have_none()
    {
        var data = SmallDataset.Bars(folder.At("bars"), 2);
        var recipe = SmallDataset.BarRecipe(folder.At("bars.yaml"), "crf: {iterations: 3}\n");
        var error = Assert.ThrowsAny<FoveaException>(() => CommandLine.Run("train", recipe, "--data", data, "--out", folder.At("bars-run")));
        Assert.Equal("crf: found with lenet5, expected it with networks that give the class of every pixel; leave it out", error.Message);
    }

    public void Dispose() => folder.Dispose();

    private byte[] Map(string run, params string[] options)
    {
        CommandLine.Run(["predict", run, folder.At("data/images/0.png"), "--json", folder.At("lines.jsonl"), "--out", folder.At("pictures"), .. options]);
        return Image.LoadIndices((string)System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(folder.At("lines.jsonl")))!["map"]!).Data;
    }

    private string Fails(string run, params string[] options) => Assert.ThrowsAny<Exception>(() => Map(run, options)).Message;
}
