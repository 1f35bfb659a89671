using Fovea.Data;
using Fovea.Data.Statistics;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

public sealed class DatasetStatsTests
{
    [Fact]
    public void ObjectsAreCountedAndMeasured()
    {
        using var folder = new TempFolder();
        foreach (var (name, objects) in new[] { ("a", Object("cat", 1, 1, 8, 4) + Object("dog", 1, 1, 4, 8) + Object("cat", 1, 1, 2, 2)), ("b", Object("cat", 1, 1, 16, 16)), ("c", "") })
        {
            folder.Touch($"images/{name}.jpg");
            folder.Write($"annotations/{name}.xml", $"<annotation><size><width>40</width><height>20</height></size>{objects}</annotation>");
        }

        var stats = DatasetStats.Compute(Dataset.Open(folder.Path));
        Assert.Equal((3, 1, 4L), (stats.Images, stats.Empty, stats.Objects));
        Assert.Equal([new ClassCount("cat", 2, 3, 0), new ClassCount("dog", 1, 1, 0)], stats.Classes);
        Assert.Equal([(new ImageSize(20, 40), 3)], stats.Sizes);
        var perImage = stats.Histograms.Single(static histogram => histogram.Name == "objects per image");
        Assert.Equal([1, 1, 0, 1], perImage.Counts);
        Assert.Equal([-0.5, 0.5, 1.5, 2.5, 3.5], perImage.Edges);
        var aspect = stats.Histograms.Single(static histogram => histogram.Name.StartsWith("aspect", StringComparison.Ordinal));
        Assert.Equal((-1, 0, 1), (aspect.Minimum, aspect.Median, aspect.Maximum));
        var share = stats.Histograms.Single(static histogram => histogram.Name.StartsWith("share", StringComparison.Ordinal));
        Assert.Equal(Math.Sqrt(16 * 16 / 800.0), share.Maximum, 12);
    }

    [Fact]
    public void PixelsOfMapsAreCounted()
    {
        using var folder = new TempFolder();
        folder.Pair("a", 2, 2, 0, 1, 1, 9);
        folder.Pair("b", 1, 4, 0, 0, 0, 0);
        var options = new DatasetOptions { Labels = new LabelSpace(["sky", "road"]), PixelValues = new Dictionary<byte, string> { [9] = "ignore" } };
        var stats = DatasetStats.Compute(Dataset.Open(folder.Path, options));
        Assert.Equal([new ClassCount("sky", 2, 0, 5), new ClassCount("road", 1, 0, 2)], stats.Classes);
        Assert.Equal(1, stats.IgnoredPixels);
        Assert.Equal([(new ImageSize(2, 2), 1), (new ImageSize(1, 4), 1)], stats.Sizes);
    }

    [Fact]
    public void HistogramsHoldEveryValue()
    {
        var histogram = Histogram.Of("x", [0, 0.1, 0.5, 0.99, 1], bins: 2);
        Assert.Equal([2, 3], histogram.Counts);
        Assert.Equal((0, 0.5, 1), (histogram.Minimum, histogram.Median, histogram.Maximum));
        Assert.Equal([4], Histogram.Of("x", [7, 7, 7, 7]).Counts);
        Assert.Equal([0], Histogram.Of("x", []).Counts);
    }

    [Fact]
    public void ErrorOfAPictureIsItsOwn()
    {
        using var folder = new TempFolder();
        folder.Touch("a/1.jpg", "b/2.jpg");
        Assert.Throws<DataException>(() => DatasetStats.Compute(Dataset.Open(folder.Path)));
    }

    private static string Object(string name, int xmin, int ymin, int xmax, int ymax) =>
        $"<object><name>{name}</name><bndbox><xmin>{xmin}</xmin><ymin>{ymin}</ymin><xmax>{xmax}</xmax><ymax>{ymax}</ymax></bndbox></object>";
}
