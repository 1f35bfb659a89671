using System.Text.Json.Nodes;
using Fovea.Imaging;
using Fovea.Tests.Data;
using Fovea.Training;

namespace Fovea.Tests.Cli;

/// <summary>Pictures with depth through every command: grey pictures whose classes show in their depth alone.</summary>
[LeakCheck]
public sealed class ColourAndDepthTests : IDisposable
{
    private static readonly ImageSize Size = new(24, 32);

    private readonly TempFolder folder = new();

    public ColourAndDepthTests()
    {
        for (var i = 0; i < 8; i++)
        {
            var (depth, holes, mask) = (new Image(Size, 1, PixelType.UInt16), new Image(Size, 1, PixelType.UInt16), new Image(Size, 1));
            for (var at = 0; at < Size.Height * Size.Width; at++)
            {
                var isNear = at % Size.Width < 16 == (i % 2 == 0);
                depth.AsSpan<ushort>()[at] = (ushort)(isNear ? 1000 : 4000);
                mask.Data[at] = isNear ? (byte)1 : (byte)0;
            }

            folder.Save($"data/image/{i}.png", new Image(Size, 3, [.. Enumerable.Repeat((byte)120, 3 * Size.Height * Size.Width)]));
            folder.Save($"data/depth_bfx/{i}.png", depth);
            folder.Save($"data/depth/{i}.png", holes);
            folder.Save($"data/label/{i}.png", mask);
        }

        folder.Write("depth.yaml", """
            model: {name: enet}
            data: {format: rgbd, classes: [far, near], validation_fraction: 0.25, depth_folder: depth_bfx}
            preprocessing: {size_rule: keep, size_multiple: 8, channels: rgbd, mean: [0.5, 0.5, 0.5, 2500], std: [0.25, 0.25, 0.25, 1500]}
            optimizer: {name: adam, learning_rate: 0.005}
            batch_size: 2
            epochs: 12
            evaluate_every: 12
            """);
    }

    [Fact]
    public void A_network_trained_on_depth_is_measured_and_predicts_by_it()
    {
        var (data, run) = (folder.At("data"), folder.At("run"));
        Assert.Equal(0, CommandLine.Run("data", "check", data, "--depth-folder", "depth_bfx").Code);
        CommandLine.Run("train", folder.At("depth.yaml"), "--data", data, "--out", run);
        foreach (var views in new[] { Array.Empty<string>(), ["--flip"] })
            Assert.True((double)JsonNode.Parse(CommandLine.Run(["eval", run, "--json", .. views]).Output)!["metrics"]!["pixel_accuracy"]! > 0.9);

        Assert.Contains(": cross entropy ", File.ReadAllText(new RunFolder(run).Log), StringComparison.Ordinal);
        // Grey pictures have no borders to follow: nothing but specks may change.
        Assert.True(ShareNear("0", ["--crf-set", "iterations=2,bilateral_colour=10"]) is > 0.4 and < 0.6);

        // The folder of the training data is the one that is looked in, unless another is said.
        Assert.True(ShareNear("0", []) is > 0.4 and < 0.6);
        Assert.True(ShareNear("1", ["--flip"]) is > 0.4 and < 0.6);
        var nothing = ShareNear("0", ["--depth-folder", "depth"]);
        Assert.True(nothing is < 0.1 or > 0.9, $"{nothing} of a picture without depth is near");
        File.Delete(folder.At("data/depth_bfx/0.png"));
        var error = Assert.ThrowsAny<FoveaException>(() => ShareNear("0", []));
        Assert.Contains($"{folder.At("data/image/0.png")}: depth: found no depth picture", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);

        double ShareNear(string name, string[] options)
        {
            CommandLine.Run(["predict", run, folder.At($"data/image/{name}.png"), "--json", folder.At("lines.jsonl"), "--out", folder.At("pictures"), .. options]);
            var line = JsonNode.Parse(File.ReadAllText(folder.At("lines.jsonl")))!;
            var map = Image.LoadIndices((string)line["map"]!);
            Assert.Equal(Size, map.Size);
            return map.Data.Average(static value => (double)value);
        }
    }

    [Fact]
    public void Nothing_is_converted_that_would_lose_its_depth()
    {
        var error = Assert.Throws<FoveaException>(() =>
            CommandLine.Run("data", "convert", folder.At("data"), "--to", "coco", "--out", folder.At("out"), "--depth-folder", "depth"));
        Assert.Equal("data: found maps, expected objects: only data sets of objects can be converted", error.Message);
        Assert.False(Directory.Exists(folder.At("out")));
    }

    public void Dispose() => folder.Dispose();
}
