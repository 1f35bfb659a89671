using System.Globalization;
using System.Text.Json;
using Fovea.Imaging;

namespace Fovea.Tests.Imaging;

public class RunLengthMaskTests
{
    [Fact]
    public void A_bitmap_is_read_column_by_column()
    {
        // Columns: 0 1, 1 1, 0 1.
        var mask = RunLengthMask.FromBitmap([0, 1, 0, 9, 1, 1], new ImageSize(2, 3));
        Assert.Equal([1u, 3, 1, 1], mask.Counts);
        Assert.Equal(4, mask.Area);
        Assert.Equal(new Box(0, 0, 3, 2), mask.BoundingBox);
        Assert.Equal([0, 1, 0, 1, 1, 1], mask.ToBitmap());
        Assert.Equal([0u, 4], RunLengthMask.FromBitmap([1, 1, 1, 1], new ImageSize(2, 2)).Counts);
        Assert.Equal([4u], RunLengthMask.FromBitmap([0, 0, 0, 0], new ImageSize(2, 2)).Counts);
        Assert.Equal(default, RunLengthMask.Empty(new ImageSize(2, 2)).BoundingBox);
    }

    // 6 -> "6"; 40 = 8 + 32 -> 'X' '1'; 16 has the sign bit and goes on: '`' '0'; the fourth 4 - 40 = -36 -> 28 with more, then -2.
    [Theory]
    [InlineData(new uint[] { 6 }, "6")]
    [InlineData(new uint[] { 40 }, "X1")]
    [InlineData(new uint[] { 16 }, "`0")]
    [InlineData(new uint[] { 0, 6, 1 }, "061")]
    [InlineData(new uint[] { 6, 40, 5, 4 }, "6X15lN")]
    public void The_compressed_text_is_as_calculated_by_hand(uint[] counts, string text)
    {
        var size = new ImageSize((int)counts.Sum(static c => (long)c), 1);
        Assert.Equal(text, new RunLengthMask(size, counts).ToString());
        Assert.Equal(counts, RunLengthMask.Parse(text, size).Counts);
    }

    [Theory]
    [InlineData("X1", 3, "40 pixels"), InlineData("X", 40, "unfinished"), InlineData("X1\u00e4", 40, "character 2"), InlineData("0600J", 6, "count")]
    public void Text_that_is_no_mask_says_why(string text, int height, string expected)
    {
        var error = Assert.Throws<FoveaException>(() => RunLengthMask.Parse(text, new ImageSize(height, 1)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Polygons_rasterise_as_in_the_COCO_reference()
    {
        var lines = File.ReadAllLines(Path.Combine(SourceFolder(), "coco-polygons.txt")).Skip(1).ToList();
        Assert.Equal(60, lines.Count);
        foreach (var parts in lines.Select(line => line.Split(" | ")))
        {
            var size = parts[0].Split(' ').Select(int.Parse).ToArray();
            var polygon = parts[1].Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(parts[2], RunLengthMask.FromPolygons([polygon], new ImageSize(size[0], size[1])).ToString());
        }
    }

    [Fact]
    public void A_polygon_around_whole_pixels_is_those_pixels()
    {
        var size = new ImageSize(6, 8);
        var mask = RunLengthMask.FromPolygons([[2, 1, 5, 1, 5, 4, 2, 4]], size);
        Assert.Equal(9, mask.Area);
        Assert.Equal(new Box(2, 1, 5, 4), mask.BoundingBox);
        Assert.Equal(mask.Counts, RunLengthMask.FromBox(new Box(2, 1, 5, 4), size).Counts);
        Assert.Equal(48, RunLengthMask.FromBox(new Box(-9, -9, 99, 99), size).Area);
        Assert.Equal(0, RunLengthMask.FromPolygons([], size).Area);
        Assert.Throws<ArgumentException>(() => RunLengthMask.FromPolygons([[1, 2, 3, 4]], size));
        Assert.Throws<ArgumentException>(() => RunLengthMask.FromPolygons([[1, 2, 3, 4, double.NaN, 0]], size));
    }

    [Fact]
    public void Bitmaps_come_back_and_set_operations_equal_counting_pixels()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var size = new ImageSize(random.Next(1, 90), random.Next(1, 150));
            var (a, b) = (RandomBitmap(random, size), RandomBitmap(random, size));
            var (maskA, maskB) = (RunLengthMask.FromBitmap(a, size), RunLengthMask.FromBitmap(b, size));
            Assert.Equal(a, maskA.ToBitmap());
            Assert.Equal(maskA.Counts, RunLengthMask.Parse(maskA.ToString(), size).Counts);
            Assert.Equal(a.Count(static v => v != 0), maskA.Area);
            Assert.Equal(BoxOf(a, size), maskA.BoundingBox);
            var both = a.Zip(b, static (x, y) => (byte)(x & y)).ToArray();
            var any = a.Zip(b, static (x, y) => (byte)(x | y)).ToArray();
            Assert.Equal(RunLengthMask.FromBitmap(both, size).Counts, RunLengthMask.Intersect(maskA, maskB).Counts);
            Assert.Equal(RunLengthMask.FromBitmap(any, size).Counts, RunLengthMask.Union(maskA, maskB).Counts);
            var (intersection, union) = ((double)both.Sum(static v => v), any.Sum(static v => v));
            Assert.Equal(intersection == 0 ? 0 : intersection / union, RunLengthMask.IoU(maskA, maskB));
            Assert.Equal(intersection == 0 ? 0 : intersection / maskA.Area, RunLengthMask.IoU(maskA, maskB, bIsCrowd: true));
        }
    }

    [Fact]
    public void The_matrix_of_overlaps_equals_the_pairs()
    {
        var random = new Random(4);
        var size = new ImageSize(40, 60);
        var masks = Enumerable.Range(0, 25).Select(_ => RunLengthMask.FromBitmap(RandomBitmap(random, size), size)).ToList();
        var crowds = masks.Take(9).Select(_ => random.Next(2) == 0).ToArray();
        var matrix = RunLengthMask.IoU(masks, masks.Take(9).ToList(), crowds);
        for (var i = 0; i < 25; i++)
        {
            for (var j = 0; j < 9; j++)
                Assert.Equal(RunLengthMask.IoU(masks[i], masks[j], crowds[j]), matrix[i, j]);
        }

        Assert.Empty(RunLengthMask.IoU([], masks));
        Assert.Throws<ArgumentException>(() => RunLengthMask.IoU(masks, [RunLengthMask.Empty(new ImageSize(1, 1))]));
    }

    [Fact]
    public void Outlines_rasterise_back_to_the_very_mask_holes_included()
    {
        var random = new Random(6);
        for (var round = 0; round < 300; round++)
        {
            var size = new ImageSize(random.Next(1, 40), random.Next(1, 40));
            var mask = RunLengthMask.FromBitmap(RandomBitmap(random, size), size);
            Assert.Equal(mask.Counts, RunLengthMask.FromPolygons(mask.ToPolygons(), size).Counts);
        }
    }

    [Fact]
    public void A_ring_has_two_contours_and_one_polygon()
    {
        var size = new ImageSize(5, 5);
        var bitmap = RunLengthMask.FromBox(new Box(1, 1, 4, 4), size).ToBitmap();
        bitmap[12] = 0;
        var mask = RunLengthMask.FromBitmap(bitmap, size);
        Assert.Equal([[4, 1, 4, 4, 1, 4, 1, 1], [2, 2, 2, 3, 3, 3, 3, 2]], mask.ToContours().Select((ring, i) => Rotate(ring, i == 0 ? 4 : 2)));
        Assert.Single(mask.ToPolygons());

        static double[] Rotate(double[] ring, double x) =>
            Enumerable.Range(0, 4).Select(i => (double[])[.. ring[(2 * i)..], .. ring[..(2 * i)]]).First(r => r[0] == x && r[1] == (x == 4 ? 1 : 2));
    }

    [Fact]
    public void Masks_of_real_annotations_have_the_areas_and_boxes_the_file_states()
    {
        if (!TestData.TryFolder("coco-subset", out var folder))
            return;
        var (crowds, polygons) = (0, 0);
        foreach (var file in new[] { "instances_train2017.json", "instances_val2017.json" })
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "annotations", file)));
            var sizes = json.RootElement.GetProperty("images").EnumerateArray().ToDictionary(
                image => image.GetProperty("id").GetInt64(), image => new ImageSize(image.GetProperty("height").GetInt32(), image.GetProperty("width").GetInt32()));
            foreach (var annotation in json.RootElement.GetProperty("annotations").EnumerateArray())
            {
                var segmentation = annotation.GetProperty("segmentation");
                var size = sizes[annotation.GetProperty("image_id").GetInt64()];
                var area = annotation.GetProperty("area").GetDouble();
                if (segmentation.ValueKind == JsonValueKind.Object)
                {
                    crowds++;
                    var crowd = new RunLengthMask(size, [.. segmentation.GetProperty("counts").EnumerateArray().Select(v => v.GetUInt32())]);
                    // The file states areas of an older version of the masks, up to two fifths larger.
                    Assert.InRange(crowd.Area, area * 0.6, area);
                    Assert.Equal(crowd.Area, crowd.ToBitmap().Sum(static v => v));
                    var box = annotation.GetProperty("bbox").EnumerateArray().Select(v => v.GetSingle()).ToArray();
                    // The file's boxes of crowds end at the last pixel, not after it.
                    Assert.Equal(Box.FromSize(box[0], box[1], box[2] + 1, box[3] + 1), crowd.BoundingBox);
                    Assert.Equal(crowd.Counts, RunLengthMask.FromBitmap(crowd.ToBitmap(), size).Counts);
                }
                else
                {
                    polygons++;
                    var mask = RunLengthMask.FromPolygons(segmentation.EnumerateArray().Select(p => p.EnumerateArray().Select(v => v.GetDouble()).ToArray()), size);
                    Assert.InRange(mask.Area, area * 0.9 - 12, area * 1.1 + 12);
                }
            }
        }

        Assert.Equal(11, crowds);
        Assert.Equal(828, polygons);
    }

    private static byte[] RandomBitmap(Random random, ImageSize size)
    {
        var bitmap = new byte[size.Height * size.Width];
        switch (random.Next(4))
        {
            case 0:
                for (var i = 0; i < bitmap.Length; i++)
                    bitmap[i] = (byte)random.Next(2);
                break;
            case 1:
                break;
            default:
                for (var n = random.Next(1, 5); n > 0; n--)
                {
                    var (cx, cy, r) = (random.Next(size.Width), random.Next(size.Height), random.Next(1, 30));
                    for (var i = 0; i < bitmap.Length; i++)
                    {
                        var (dx, dy) = (i % size.Width - cx, i / size.Width - cy);
                        var distance = dx * dx + dy * dy;
                        if (distance < r * r && (distance > r * r / 3 || n % 2 == 0))
                            bitmap[i] = 1;
                    }
                }

                break;
        }

        return bitmap;
    }

    private static Box BoxOf(byte[] bitmap, ImageSize size)
    {
        var set = Enumerable.Range(0, bitmap.Length).Where(i => bitmap[i] != 0).Select(i => (X: i % size.Width, Y: i / size.Width)).ToList();
        return set.Count == 0 ? default : new Box(set.Min(p => p.X), set.Min(p => p.Y), set.Max(p => p.X) + 1, set.Max(p => p.Y) + 1);
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
