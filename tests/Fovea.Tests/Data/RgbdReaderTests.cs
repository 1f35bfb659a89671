using Fovea.Data;
using Fovea.Data.Checks;
using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Tests.Transforms;
using Fovea.Torch;
using Fovea.Torch.Tests;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Tests.Data;

[LeakCheck]
public sealed class RgbdReaderTests
{
    private static readonly Preprocessing AsStored = new()
    {
        Channels = ImageChannels.Rgbd, Mean = [0, 0, 0, 1000], Std = [1 / 255f, 1 / 255f, 1 / 255f, 2], SizeMultiple = 4,
    };

    [Theory]
    [InlineData("image/1.png", "depth/1.png", "label/1.png", null)]
    [InlineData("rgb/1_rgb.png", "depth/1_depth.png", "labels/1_rgb.png", null)]
    [InlineData("train/images/1.png", "train/depth/1.png", "train/labels/1.png", "train")]
    [InlineData("images/val/1.png", "depth/val/1.png", "masks/val/1.png", "val")]
    [InlineData("kv1/NYUdata/NYU0001/image/a.png", "kv1/NYUdata/NYU0001/depth_bfx/b-17.png", "kv1/NYUdata/NYU0001/label/c.png", null)]
    public void Triples_are_found_in_the_usual_folders(string picture, string depth, string mask, string? split)
    {
        using var folder = new TempFolder();
        Triple(folder, picture, depth, mask);
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal((DatasetFormat.Rgbd, DatasetContent.Maps, 1, 3), (dataset.Format, dataset.Content, dataset.Count, dataset.Labels.Count));
        Assert.Equal(split is null ? [] : [split], Dataset.Splits(folder.Path));
        Assert.Equal(folder.At(depth), dataset[0].DepthPath);
        Assert.Equal([0, 1, 2, 2, 1, 0], dataset.Load(0).Annotation.Map!.Values);
        Assert.False(DatasetCheck.Run(folder.Path, new DatasetOptions()).HasErrors);
    }

    [Fact]
    public void Lists_name_all_three()
    {
        using var folder = new TempFolder();
        Triple(folder, "a/1.png", "b/1.png", "c/1.png");
        folder.Write("train.txt", "a/1.png b/1.png c/1.png\n");
        Assert.Equal(folder.At("b/1.png"), Dataset.Open(folder.Path, split: "train")[0].DepthPath);
        folder.Write("train.txt", "a/1.png b/1.png c/1.png\na/1.png b/2.png c/1.png\n");
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.Equal(("line 2", "no file 'b/2.png'"), (fault.Field, fault.Found));
    }

    [Fact]
    public void Batches_have_four_channels_and_a_network_of_colour_takes_three()
    {
        using var folder = new TempFolder();
        Triple(folder, "image/1.png", "depth/1.png", "label/1.png");
        var dataset = Dataset.Open(folder.Path);
        foreach (var channelsLast in new[] { false, true })
        {
            using var scope = new TensorScope();
            using var batch = new DataLoader(dataset, ModelTask.Semantic, AsStored, new LoaderOptions { ChannelsLast = channelsLast }).Epoch(0).Single();
            Shape expected = [1, 4, 4, 4];
            Assert.Equal(expected, batch.Images.Shape);
            Assert.Equal([0, -300f, 0, -500, -500, -500], batch.Images[0, 3, ..2, ..3].Contiguous().ToArray<float>());
            Assert.Equal([3f, 6, 9, 12, 15, 18], batch.Images[0, 0, ..2, ..3].Contiguous().ToArray<float>().Select(static value => MathF.Round(value, 3)));
            Assert.Equal(0, batch.Images[0, .., 2.., ..].Abs().Sum().ToDouble() + batch.Images[0, .., .., 3..].Abs().Sum().ToDouble());
        }

        using var colour = new DataLoader(dataset, ModelTask.Semantic, new Preprocessing(), new LoaderOptions()).Epoch(0).Single();
        Assert.Equal(3, colour.Images.Shape[1]);
    }

    [Fact]
    public void What_moves_the_picture_moves_the_depth_and_what_colours_it_does_not()
    {
        var size = new ImageSize(12, 16);
        var scene = Scenes.Painted(size, (3, 2, 9, 7), (8, 8, 15, 11));
        // Each pixel's depth is its class: wherever both go, they stay equal.
        var depth = new Image(size, 1, PixelType.UInt16);
        scene.Annotation.Map!.Values.Select(static value => (ushort)(1000 * (value + 1))).ToArray().CopyTo(depth.AsSpan<ushort>());
        scene = scene with { Depth = depth };
        IAugmentation[] moves =
        [
            new RandomFlip(true, 1), new RandomFlip(false, 1), new RandomQuarterTurn(), new RandomCrop(new ImageSize(9, 20), 2), new ResizeRule(new ImageSize(7, 23)),
            new RandomAffine { Degrees = (20, 30) }, new RandomElastic(2), new RandomPerspective(), new LetterboxRule(new ImageSize(20, 20), default),
        ];
        foreach (var move in moves)
        {
            var moved = move.Sample(scene, new RandomStream(3, 0, 0)).Apply(scene);
            Assert.Equal(moved.Image.Size, moved.Depth!.Size);
            var values = moved.Annotation.Map!.Values;
            Assert.All(Enumerable.Range(0, values.Length), i =>
                Assert.Equal(values[i] == LabelMap.Ignore ? 0 : 1000 * (values[i] + 1), moved.Depth.AsSpan<ushort>()[i]));
        }

        foreach (var change in new IAugmentation[] { new ColourJitter { Brightness = (2, 2), Hue = (0.2, 0.2) }, new RandomBlur((2, 2)), new RandomNoise((5, 5)), new GreyscaleRule() })
            Assert.Same(depth, change.Sample(scene, new RandomStream(3, 0, 0)).Apply(scene).Depth);
        var other = scene with { Depth = new Image(new ImageSize(3, 3), 1, PixelType.UInt16) };
        Assert.Contains("depth: found 3x3, expected 16x12", Assert.Throws<DataException>(() => new Flip(size).Apply(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_half_is_one_line_that_names_the_file()
    {
        using var folder = new TempFolder();
        Triple(folder, "image/1.png", "depth/1.png", "label/1.png");
        Triple(folder, "image/2.png", "depth/2.png", "label/2.png");
        File.Delete(folder.At("depth/2.png"));
        Fails(folder.At("image/2.png"), "no depth picture");
        File.Move(folder.At("image/2.png"), folder.At("depth/2.png"));
        File.Delete(folder.At("label/2.png"));
        Fails(folder.At("depth/2.png"), "depth without a picture");
        var report = DatasetCheck.Run(folder.Path, new DatasetOptions());
        var problem = Assert.Single(report.Problems, static item => item.Severity == Severity.Error);
        Assert.Equal((FaultKind.Depth, folder.At("depth/2.png")), (problem.Kind, problem.File));

        void Fails(string file, string found)
        {
            var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
            Assert.Equal((file, found), (fault.File, fault.Found));
            Assert.DoesNotContain('\n', fault.Message);
        }
    }

    [Theory]
    [InlineData(2, 3, PixelType.UInt8, "1 channel of 8 bits", "one channel of 16 bits")]
    [InlineData(2, 2, PixelType.UInt16, "2x2", "3x2, the size of its picture")]
    public void Depth_that_is_none_is_refused(int height, int width, PixelType type, string found, string expected)
    {
        using var folder = new TempFolder();
        Triple(folder, "image/1.png", "depth/1.png", "label/1.png");
        folder.Save("depth/1.png", new Image(new ImageSize(height, width), 1, new byte[height * width * (type == PixelType.UInt8 ? 1 : 2)], type));
        var loader = new DataLoader(Dataset.Open(folder.Path), ModelTask.Semantic, AsStored, new LoaderOptions());
        var fault = Assert.Throws<DataException>(() => loader.Epoch(0).Single());
        Assert.Equal((folder.At("depth/1.png"), "depth", found), (fault.File, fault.Field, fault.Found));
        Assert.StartsWith(expected, fault.Expected, StringComparison.Ordinal);
        Assert.Equal(FaultKind.Depth, DatasetCheck.Run(folder.Path, new DatasetOptions()).Problems[0].Kind);
    }

    [Fact]
    public void Of_two_depths_one_is_chosen()
    {
        using var folder = new TempFolder();
        Triple(folder, "image/1.png", "depth/1.png", "label/1.png");
        Triple(folder, "image/1.png", "depth_bfx/1.png", "label/1.png");
        Assert.Contains("found depth and depth_bfx in", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Equal(folder.At("depth_bfx/1.png"), Dataset.Open(folder.Path, new DatasetOptions { DepthFolder = "depth_bfx" })[0].DepthPath);
        Assert.Equal(folder.At("depth/1.png"), DepthPicture.Beside(folder.At("image/1.png"), "depth"));
        Assert.Contains("no folder of depth pictures", Assert.Throws<DataException>(() => DepthPicture.Beside(folder.At("image/1.png"), "holes")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_may_start_at_one()
    {
        using var folder = new TempFolder();
        Triple(folder, "image/1.png", "depth/1.png", "label/1.png");
        var numbered = Dataset.Open(folder.Path, new DatasetOptions { FirstClassValue = 1 });
        Assert.Equal(["1", "2"], numbered.Labels.Names);
        Assert.Contains(numbered.Notes, static note => note.StartsWith("2 classes from 1 of 1 mask", StringComparison.Ordinal) && note.EndsWith(": 1 to 2", StringComparison.Ordinal));
        Assert.Equal([255, 0, 1, 1, 0, 255], numbered.Load(0).Annotation.Map!.Values);
        folder.Write("classes.txt", "wall\nfloor\n");
        Assert.Equal([255, 0, 1, 1, 0, 255], Dataset.Open(folder.Path, new DatasetOptions { FirstClassValue = 1 }).Load(0).Annotation.Map!.Values);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path, new DatasetOptions()).Load(0));
        Assert.Equal(folder.At("label/1.png"), fault.File);
        Assert.Throws<FoveaException>(() => Dataset.Open(folder.Path, new DatasetOptions { FirstClassValue = 2 }));
        Assert.Throws<FoveaException>(() => Dataset.Open(folder.Path, new DatasetOptions { FirstClassValue = 1, PixelValues = new Dictionary<byte, string> { [3] = "wall" } }));
    }

    [Fact]
    public void A_picture_without_depth_is_refused_where_the_network_takes_it()
    {
        var picture = (Path: "a.png", Image: new Image(new ImageSize(2, 2), 3, new byte[12]));
        var fault = Assert.Throws<DataException>(() => Collation.ForPrediction([picture], AsStored));
        Assert.Contains("a.png: depth: found no depth picture", fault.Message, StringComparison.Ordinal);
        using var folder = new TempFolder();
        folder.Pair("1", 1, 2, 0, 1);
        var loader = new DataLoader(Dataset.Open(folder.Path), ModelTask.Semantic, AsStored, new LoaderOptions());
        Assert.Contains("images/1.png: depth: found no depth picture", Assert.Throws<DataException>(() => loader.Epoch(0).Single()).Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => new Normalization(AsStored with { Mean = [0, 0, 0], Std = [1, 1, 1] }));
    }

    /// <summary>2 rows of 3: red 3, 6, 9 ...; depth 1000, 400 and then 0 but for one; classes 0 1 2 2 1 0.</summary>
    private static void Triple(TempFolder folder, string picture, string depth, string mask)
    {
        var size = new ImageSize(2, 3);
        folder.Save(picture, new Image(size, 3, [3, 0, 0, 6, 0, 0, 9, 0, 0, 12, 0, 0, 15, 0, 0, 18, 0, 0]));
        var field = new Image(size, 1, PixelType.UInt16);
        new ushort[] { 1000, 400, 1000, 0, 0, 0 }.CopyTo(field.AsSpan<ushort>());
        folder.Save(depth, field);
        folder.Mask(mask, 2, 3, 0, 1, 2, 2, 1, 0);
    }
}
