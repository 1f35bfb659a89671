using Fovea.Imaging;

namespace Fovea.Tests.Imaging;

public class RegionTests
{
    [Fact]
    public void Parts_are_numbered_in_reading_order()
    {
        byte[] mask =
        [
            0, 1, 0, 0, 9,
            1, 0, 0, 0, 9,
            0, 0, 1, 1, 0,
        ];
        var size = new ImageSize(3, 5);
        var parts = ConnectedComponents.Label(mask, size, diagonal: false);
        Assert.Equal(4, parts.Count);
        Assert.Equal([0, 1, 0, 0, 2, 3, 0, 0, 0, 2, 0, 0, 4, 4, 0], parts.Labels);
        Assert.Equal([1, 2, 1, 2], parts.Areas());
        Assert.Equal([0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], parts.ToMasks()[1].ToBitmap());
        var joined = ConnectedComponents.Label(mask, size);
        Assert.Equal([0, 1, 0, 0, 2, 1, 0, 0, 0, 2, 0, 0, 2, 2, 0], joined.Labels);
        Assert.Equal([2, 4], joined.Areas());
        Assert.Equal(0, ConnectedComponents.Label(new byte[15], size).Count);
        Assert.Throws<ArgumentException>(() => ConnectedComponents.Label(mask, new ImageSize(3, 4)));
    }

    [Fact]
    public void Masks_of_parts_cover_the_foreground_and_nothing_twice()
    {
        var random = new Random(8);
        var size = new ImageSize(60, 80);
        var mask = new byte[60 * 80];
        for (var i = 0; i < mask.Length; i++)
            mask[i] = (byte)(random.Next(100) < 45 ? 1 : 0);
        var masks = ConnectedComponents.Label(mask, size).ToMasks();
        Assert.Equal(mask, RunLengthMask.Union(masks).ToBitmap());
        Assert.Equal(mask.Sum(static v => v), masks.Sum(static m => m.Area));
    }

    [Fact]
    public void Distances_equal_the_nearest_zero_by_brute_force()
    {
        var random = new Random(3);
        var size = new ImageSize(17, 23);
        var mask = new byte[17 * 23];
        for (var i = 0; i < mask.Length; i++)
            mask[i] = (byte)(random.Next(100) < 92 ? 1 : 0);
        var distances = DistanceTransform.Compute(mask, size);
        for (var i = 0; i < mask.Length; i++)
        {
            var nearest = Enumerable.Range(0, mask.Length).Where(j => mask[j] == 0)
                .Min(j => Math.Sqrt(Math.Pow(i % 23 - j % 23, 2) + Math.Pow(i / 23 - j / 23, 2)));
            Assert.Equal(nearest, distances[i], 1e-5);
        }

        Assert.All(DistanceTransform.Compute([1, 1], new ImageSize(1, 2)), value => Assert.Equal(float.PositiveInfinity, value));
    }
}
