using Fovea.Data;
using Fovea.Data.Scenes;
using Fovea.Data.Writing;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

public sealed class SceneGeneratorTests
{
    [Fact]
    public void SameSeedMakesTheSameScene()
    {
        var generator = new SceneGenerator(new SceneOptions());
        var (a, b, other) = (generator.Generate(3, 17), new SceneGenerator(new SceneOptions()).Generate(3, 17), generator.Generate(4, 17));
        Assert.Equal(a.Picture.Data, b.Picture.Data);
        Assert.Equal(a.Objects.Select(static item => (item.Label, item.Box)), b.Objects.Select(static item => (item.Label, item.Box)));
        Assert.NotEqual(a.Picture.Data, other.Picture.Data);
    }

    [Fact]
    public void ObjectsKeepTheOptions()
    {
        var options = new SceneOptions { MaxObjects = 8 };
        var generator = new SceneGenerator(options);
        var classes = new int[6];
        var hidden = 0;
        for (var i = 0; i < 100; i++)
        {
            var scene = generator.Generate(1, i);
            Assert.Equal(options.Size, scene.Picture.Size);
            Assert.InRange(scene.Objects.Count, 1, 8);
            foreach (var item in scene.Objects)
            {
                classes[item.Label]++;
                Assert.Equal(item.Box, item.Mask!.BoundingBox);
                Assert.False(item.Box.IsEmpty);
                Assert.True(item.Box.X1 >= 0 && item.Box.Y1 >= 0 && item.Box.X2 <= 160 && item.Box.Y2 <= 160);
                Assert.InRange(item.Box.Width, 4, 2 * 0.2 * 160 + 2);
            }

            // Masks are of what is visible: no pixel belongs to two objects.
            var total = scene.Objects.Sum(static item => item.Mask!.Area);
            Assert.Equal(total, scene.Objects.Count == 0 ? 0 : RunLengthMask.Union(scene.Objects.Select(static item => item.Mask!).ToArray()).Area);
            hidden += Overlaps(scene) ? 1 : 0;
        }

        Assert.All(classes, static count => Assert.InRange(count, 20, 150));
        // Objects do hide each other.
        Assert.InRange(hidden, 25, 100);
    }

    [Fact]
    public void DiscHasTheAreaOfADisc()
    {
        var options = new SceneOptions { Shapes = ["disc"], MinObjects = 1, MaxObjects = 1, MinRadius = 0.2, MaxRadius = 0.2, MinVisible = 1 };
        var item = new SceneGenerator(options).Generate(1, 1).Objects.Single();
        // An ellipse: radius 0.92 x 32 pixels, one axis squeezed by 0.85 to 1.
        var radius = 0.92 * 0.2 * 160;
        Assert.InRange(item.Mask!.Area, Math.PI * radius * radius * 0.84, Math.PI * radius * radius * 1.01);
    }

    [Theory]
    [InlineData("disc", 0, 0, -0.92)]
    [InlineData("disc", 2, 0, 1.08)]
    [InlineData("ring", 0, 0, 0.5)]
    [InlineData("ring", 0.72, 0, -0.22)]
    [InlineData("cross", 0.8, 0, -0.15)]
    [InlineData("cross", 0.8, 0.8, 0.5)]
    public void DistancesAreThoseOfTheOutline(string shape, double x, double y, double distance) =>
        Assert.Equal(distance, SceneShapes.Distance(shape, x, y), 6);

    [Fact]
    public void OptionsAreChecked()
    {
        Assert.Contains("did you mean 'star'?", Assert.Throws<FoveaException>(() => new SceneGenerator(new SceneOptions { Shapes = ["stars"] })).Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => new SceneGenerator(new SceneOptions { MinObjects = 5, MaxObjects = 4 }));
        Assert.Throws<FoveaException>(() => new SceneGenerator(new SceneOptions { Size = new ImageSize(16, 64) }));
        Assert.Throws<FoveaException>(() => new SceneGenerator(new SceneOptions { MaxRadius = 0.7 }));
    }

    [Fact]
    public void ScenesAreWrittenAsCoco()
    {
        using var folder = new TempFolder();
        var generator = new SceneGenerator(new SceneOptions { MinObjects = 0 });
        var train = new SceneDataset(generator, 6, seed: 1);
        var val = new SceneDataset(generator, 3, seed: 2);
        DatasetConverter.Convert([("train", train), ("val", val)], DatasetFormat.Coco, folder.At("scenes"));
        Assert.Equal(["train", "val"], Dataset.Splits(folder.At("scenes")));
        var read = Dataset.Open(folder.At("scenes"), split: "train");
        Assert.Equal(train.Labels, read.Labels);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(train.LoadImage(i).Data, read.LoadImage(i).Data);
            var (expected, actual) = (train.Load(i).Annotation.Instances!, read.Load(i).Annotation.Instances!);
            Assert.Equal(expected.Select(static item => (item.Label, item.Box, item.Area)), actual.Select(static item => (item.Label, item.Box, item.Area)));
            Assert.Equal(expected.Select(static item => item.Mask!.Counts), actual.Select(static item => item.Mask!.Counts));
        }
    }

    private static bool Overlaps(Scene scene)
    {
        for (var i = 0; i < scene.Objects.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (scene.Objects[i].Box.IoU(scene.Objects[j].Box) > 0.02)
                    return true;
            }
        }

        return false;
    }
}
