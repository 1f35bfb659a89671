using Fovea.Imaging;
using Fovea.Tests.Cli;

namespace Fovea.Tests.Imaging;

public sealed class MeanShiftTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fovea-regions-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // Radii at which no mean of the few pixels of a window lies, so that no rounding decides what is inside.
    [Theory]
    [InlineData(1, 4.31, 30.37)]
    [InlineData(3, 3.31, 40.2)]
    [InlineData(3, 30, 55.1)]
    public void Every_pixel_arrives_where_plain_loops_take_it(int channels, double spatial, double colour)
    {
        var image = Noise(23, 17, channels);
        var filtered = MeanShift.Filter(image, new MeanShiftOptions { SpatialRadius = spatial, ColourRadius = colour });
        var expected = Enumerable.Range(0, image.Width * image.Height).SelectMany(i => Climb(image, i, spatial, colour)).ToArray();
        Assert.Equal(image.Data.Length, expected.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], filtered.Data[i], 0.51);
    }

    [Fact]
    public void Splits_a_picture_where_its_colours_change()
    {
        // A bright square and a speck on a dark ground, all with a little noise.
        var image = Noise(40, 30, 3, spread: 6);
        Paint(image, 12, 10, 12, 10, 150);
        Paint(image, 31, 21, 2, 2, 90);
        var options = new MeanShiftOptions { SpatialRadius = 3, ColourRadius = 25, MinimumPixels = 1 };
        var regions = MeanShift.Segment(image, options);
        Assert.Equal(3, regions.Count);
        Assert.Equal([40 * 30 - 120 - 4, 120, 4], regions.Areas);
        Assert.Equal(regions.Areas, regions.Labels.CountBy(static l => l).OrderBy(static g => g.Key).Select(static g => g.Value));
        Assert.Equal(1, regions.Labels[10 * 40 + 12]);
        Assert.Equal(2, regions.Labels[22 * 40 + 32]);
        Assert.InRange(regions.Colours[3], 150, 156);
        // The speck is too small to stand alone.
        Assert.Equal([40 * 30 - 120, 120], MeanShift.Segment(image, options with { MinimumPixels = 5 }).Areas);
    }

    [Fact]
    public void Small_regions_join_the_nearest_colour()
    {
        // Columns of one colour each: 0, 0, 0, 100, 160, 160, 160, 160.
        var image = new Image(new ImageSize(4, 8), 1);
        byte[] row = [0, 0, 0, 100, 160, 160, 160, 160];
        for (var y = 0; y < 4; y++)
            row.CopyTo(image.Data.AsSpan(8 * y));
        var options = new MeanShiftOptions { SpatialRadius = 2, ColourRadius = 10, MinimumPixels = 1 };
        Assert.Equal([12, 4, 16], MeanShift.Segment(image, options).Areas);
        Assert.Equal([12, 20], MeanShift.Segment(image, options with { MinimumPixels = 5 }).Areas);
        Assert.Equal([32], MeanShift.Segment(image, options with { MinimumPixels = 100 }).Areas);
        Assert.Equal(image.Data, MeanShift.Segment(image, options).Paint().Data);
    }

    // Where the whole picture is in reach of every window, colours alone decide: scikit-learn's clustering of pixels with a flat kernel.
    [Fact]
    public void With_all_places_in_reach_it_clusters_colours_as_scikit_learn_does()
    {
        var image = Noise(16, 12, 3, spread: 12);
        Paint(image, 0, 0, 7, 12, 120);
        Paint(image, 9, 4, 6, 5, 200);
        const double radius = 45.3;
        var options = new MeanShiftOptions { SpatialRadius = 1000, ColourRadius = radius, MinimumPixels = 1 };
        var answer = PythonReference.Run(
            """
            from sklearn.cluster import MeanShift
            found = MeanShift(bandwidth=float(radius[0])).fit(pixels.reshape(-1, 3).astype(float))
            out['colours'] = found.cluster_centers_[found.labels_]
            """,
            ("pixels", new NdArray(image.Data, image.Data.Length / 3, 3)), ("radius", new NdArray(new[] { radius }, 1)));
        var expected = answer.Doubles("colours");
        Assert.Equal(3, expected.Chunk(3).Select(static c => (c[0], c[1], c[2])).Distinct().Count());
        Assert.All(expected.Zip(MeanShift.Filter(image, options).Data), pair => Assert.Equal(pair.First, pair.Second, 0.51));
        Assert.Equal(3, MeanShift.Segment(image, options).Count);
    }

    [Fact]
    public void Is_a_command()
    {
        var image = Noise(40, 30, 3, spread: 6);
        Paint(image, 12, 10, 12, 10, 150);
        string File(string name) => Path.Combine(folder, name);
        image.Save(File("picture.png"));
        var (code, output) = CommandLine.Run("regions", File("picture.png"), "--out", File("means.png"), "--numbers", File("numbers.png"), "--spatial", "3", "--colour", "25");
        Assert.Equal(0, code);
        Assert.EndsWith("2 regions", output.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(2, Image.Load(File("means.png")).Data.Chunk(3).Select(p => (p[0], p[1], p[2])).Distinct().Count());
        var numbers = Image.Load(File("numbers.png"), ImageChannels.Unchanged);
        Assert.Equal(PixelType.UInt16, numbers.Type);
        Assert.Equal(120, numbers.AsSpan<ushort>().ToArray().Count(n => n == 1));
        Assert.Contains("\"regions\": 2", CommandLine.Run("regions", File("picture.png"), "--json", "--spatial", "3", "--colour", "25").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_what_it_cannot_measure()
    {
        var deep = new Image(new ImageSize(2, 2), 1, PixelType.UInt16);
        Assert.Contains("UInt16", Assert.Throws<FoveaException>(() => MeanShift.Segment(deep)).Message, StringComparison.Ordinal);
        Assert.Contains("above 0", Assert.Throws<FoveaException>(() => MeanShift.Filter(Noise(2, 2, 1), new MeanShiftOptions { ColourRadius = 0 })).Message, StringComparison.Ordinal);
    }

    // The definition, pixel by pixel over the whole picture.
    private static double[] Climb(Image image, int pixel, double spatial, double colour)
    {
        var channels = image.Channels;
        double x = pixel % image.Width, y = pixel / image.Width;
        var mode = image.Data.Skip(pixel * channels).Take(channels).Select(v => (double)v).ToArray();
        for (var step = 0; step < 300; step++)
        {
            var (count, sumX, sumY, sums) = (0, 0.0, 0.0, new double[channels]);
            for (var i = 0; i < image.Width * image.Height; i++)
            {
                double px = i % image.Width, py = i / image.Width;
                var distance = Enumerable.Range(0, channels).Sum(c => Math.Pow(image.Data[i * channels + c] - mode[c], 2));
                if ((px - x) * (px - x) + (py - y) * (py - y) > spatial * spatial || distance > colour * colour)
                    continue;
                count++;
                sumX += px;
                sumY += py;
                for (var c = 0; c < channels; c++)
                    sums[c] += image.Data[i * channels + c];
            }

            var next = sums.Select(s => s / count).ToArray();
            var shift = (Math.Pow(sumX / count - x, 2) + Math.Pow(sumY / count - y, 2)) / (spatial * spatial) + next.Zip(mode).Sum(p => Math.Pow(p.First - p.Second, 2)) / (colour * colour);
            (x, y, mode) = (sumX / count, sumY / count, next);
            if (shift < 1e-6)
                break;
        }

        return mode;
    }

    private static Image Noise(int width, int height, int channels, int spread = 120)
    {
        var random = new Random(5);
        var image = new Image(new ImageSize(height, width), channels);
        for (var i = 0; i < image.Data.Length; i++)
            image.Data[i] = (byte)random.Next(spread);
        return image;
    }

    private static void Paint(Image image, int left, int top, int width, int height, int brightness)
    {
        for (var y = top; y < top + height; y++)
        {
            for (var i = left * image.Channels; i < (left + width) * image.Channels; i++)
                image.Data[y * image.Width * image.Channels + i] += (byte)brightness;
        }
    }
}
