using Fovea.Imaging;
using Fovea.Transforms.Kernels;

namespace Fovea.Tests.Transforms;

public class RunLengthsTests
{
    [Fact]
    public void Random_masks_are_remapped_as_their_bitmaps_are()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 300; trial++)
        {
            var size = new ImageSize(random.Next(1, 14), random.Next(1, 14));
            var bitmap = new byte[size.Height * size.Width];
            var density = random.NextDouble();
            for (var i = 0; i < bitmap.Length; i++)
                bitmap[i] = random.NextDouble() < density ? (byte)1 : (byte)0;
            var flip = trial % 2 == 1;
            int[] columns = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(-1, size.Width))];
            var inner = Enumerable.Range(0, random.Next(0, 20)).Select(_ => random.Next(0, size.Height)).Order();
            int[] rows = [.. Enumerable.Repeat(-1, random.Next(0, 3)), .. flip ? inner.Reverse() : inner, .. Enumerable.Repeat(-1, random.Next(1, 3))];
            var found = RunLengths.Remap(RunLengthMask.FromBitmap(bitmap, size), columns, rows, flip).ToBitmap();
            var expected = rows.SelectMany(row => columns.Select(column => row < 0 || column < 0 ? (byte)0 : bitmap[row * size.Width + column])).ToArray();
            Assert.Equal(expected, found);
        }
    }
}
