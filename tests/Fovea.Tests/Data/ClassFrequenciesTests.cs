using Fovea.Data;
using Fovea.Data.Statistics;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

public sealed class ClassFrequenciesTests
{
    [Fact]
    public void Weights_equal_those_by_hand()
    {
        using var folder = new TempFolder();
        // Sky in both images, road in the first, car in none; one pixel of the first counts for nothing.
        folder.Pair("a", 2, 4, 0, 0, 0, 0, 1, 1, 1, 9);
        folder.Pair("b", 1, 2, 0, 0);
        var frequencies = ClassFrequencies.Compute(Dataset.Open(folder.Path, new DatasetOptions
        {
            Labels = new LabelSpace(["sky", "road", "car"]), PixelValues = new Dictionary<byte, string> { [9] = "ignore" },
        }));
        Assert.Equal([6, 3, 0], frequencies.Pixels);
        Assert.Equal([10, 8, 0], frequencies.PixelsOfImages);
        Assert.Equal([6 / 9.0, 3 / 9.0, 0], frequencies.Shares);
        Assert.Equal([0.6, 0.375, 0], frequencies.Frequencies);
        Assert.Equal([0.4875f / 0.6f, 1.3f, 0], frequencies.Weights(ClassWeighting.MedianFrequency));
        Assert.Equal([0.5f, 1, 0], frequencies.Weights(ClassWeighting.InverseFrequency));
        Assert.Equal([(float)(1 / Math.Log(1.02 + 6 / 9.0)), (float)(1 / Math.Log(1.02 + 3 / 9.0)), 0], frequencies.Weights(ClassWeighting.Logarithmic));
    }

    [Fact]
    public void Only_maps_have_pixels()
    {
        using var folder = new TempFolder();
        folder.Touch("cat/1.jpg", "dog/2.jpg");
        var error = Assert.Throws<FoveaException>(() => ClassFrequencies.Compute(Dataset.Open(folder.Path)));
        Assert.Contains("found classes, expected maps", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Streets_are_weighed_nearly_as_the_SegNet_paper_does()
    {
        if (!TestData.TryFolder("camvid", out var camvid))
            return;
        var labels = new LabelSpace(["sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist"]);
        var options = new DatasetOptions { Split = "train", Labels = labels, PixelValues = new Dictionary<byte, string> { [11] = "ignore" } };
        var weights = ClassFrequencies.Compute(Dataset.Open(camvid, options)).Weights(ClassWeighting.MedianFrequency);
        // Published for the 367 images of which the 48 here are a part; signs are commoner in these.
        double[] published = [.2595, .1826, 4.5640, .1417, .9051, .3826, 9.6446, 1.8418, .6823, 6.2478, 7.3614];
        Console.WriteLine($"median frequency weights: {string.Join(", ", weights.Select((weight, i) => FormattableString.Invariant($"{labels[i]} {weight:0.0000} ({published[i]:0.0000})")))}");
        Assert.All(weights.Zip(published), static pair => Assert.InRange(pair.First / pair.Second, 0.4, 2));
    }
}
