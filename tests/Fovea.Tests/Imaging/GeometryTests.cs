using Fovea.Imaging;

namespace Fovea.Tests.Imaging;

public class GeometryTests
{
    private static readonly Image Small = new(new ImageSize(2, 3), 1, [1, 2, 3, 4, 5, 6]);

    [Fact]
    public void Crops_and_flips_are_exact_for_every_type()
    {
        Assert.Equal([2, 3, 5, 6], Small.Crop(1, 0, 2, 2).Data);
        Assert.Equal([3, 2, 1, 6, 5, 4], Small.FlipHorizontal().Data);
        Assert.Equal([4, 5, 6, 1, 2, 3], Small.FlipVertical().Data);
        var deep = new Image(new ImageSize(1, 2), 3, PixelType.UInt16);
        for (var i = 0; i < 6; i++)
            deep.AsSpan<ushort>()[i] = (ushort)(i * 1000);
        Assert.Equal([3000, 4000, 5000, 0, 1000, 2000], deep.FlipHorizontal().AsSpan<ushort>().ToArray());
        Assert.Equal([3000, 4000, 5000], deep.Crop(1, 0, 1, 1).AsSpan<ushort>().ToArray());
        Assert.Throws<ArgumentException>(() => Small.Crop(2, 0, 2, 1));
        Assert.Throws<ArgumentException>(() => Small.Crop(-1, 0, 2, 1));
    }

    [Fact]
    public void Borders_hold_what_they_should()
    {
        Assert.Equal([9, 1, 2, 3, 9, 4, 5, 6, 9, 9, 9, 9], Small.Pad(1, 0, 0, 1, BorderMode.Constant, 9).Data);
        Assert.Equal([0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0], Small.Pad(0, 1, 1, 0).Data);
        Assert.Equal([1, 1, 2, 3, 3, 4, 4, 5, 6, 6], Small.Pad(1, 0, 1, 0, BorderMode.Replicate).Data);
        Assert.Equal([3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5], Small.Pad(2, 0, 1, 0, BorderMode.Reflect).Data);
        var colour = new Image(new ImageSize(1, 1), 3, [1, 2, 3]);
        Assert.Equal([1, 2, 3, 7, 8, 9], colour.Pad(0, 0, 1, 0, BorderMode.Constant, 7, 8, 9).Data);
        Assert.Throws<ArgumentException>(() => colour.Pad(0, 0, 1, 0, BorderMode.Constant, 7, 8));
        Assert.Throws<ArgumentException>(() => colour.Pad(-1, 0, 0, 0));
    }

    [Theory]
    [InlineData(Interpolation.Nearest), InlineData(Interpolation.Bilinear), InlineData(Interpolation.Cubic)]
    public void Whole_pixel_moves_and_quarter_turns_move_pixels_unchanged(Interpolation interpolation)
    {
        var image = ResizeTests.Noise(new Random(2), new ImageSize(21, 34), 3);
        Assert.Equal(image.Crop(5, 3, 20, 10).Data, image.WarpAffine([1, 0, -5, 0, 1, -3], new ImageSize(10, 20), interpolation).Data);
        // A quarter turn clockwise: x' = H - y, y' = x in continuous coordinates.
        var turned = image.WarpAffine([0, -1, 21, 1, 0, 0], new ImageSize(34, 21), interpolation);
        Assert.Equal(image.Upright(6).Data, turned.Data);
        Assert.Equal(image.FlipHorizontal().Data, image.WarpPerspective([-1, 0, 34, 0, 1, 0, 0, 0, 1], image.Size, interpolation).Data);
        // A projective map is the same whatever the scale of its matrix.
        Assert.Equal(image.Data, image.WarpPerspective([3, 0, 0, 0, 3, 0, 0, 0, 3], image.Size, interpolation).Data);
        Assert.Equal(image.Pad(2, 0, 0, 0, BorderMode.Constant, 5, 6, 7).Crop(0, 0, 34, 21).Data,
            image.WarpAffine([1, 0, 2, 0, 1, 0], image.Size, interpolation, BorderMode.Constant, 5, 6, 7).Data);
    }

    [Fact]
    public void A_projective_map_takes_corners_where_it_says()
    {
        // w = 1 + x / 16: the point (8, 4) goes to (16 / 3, 8 / 3).
        double[] map = [1, 0, 0, 0, 1, 0, 1.0 / 16, 0, 1];
        var image = new Image(new ImageSize(16, 16), 1, new byte[256]);
        for (var y = 0; y < 16; y++)
        {
            for (var x = 0; x < 16; x++)
                image.Data[y * 16 + x] = (byte)(x * 10 + 5);
        }

        var warped = image.WarpPerspective(map, new ImageSize(8, 8));
        // Back: x = x' / (1 - x' / 16); the ramp reads 10 x there, continuous columns.
        for (var x = 0; x < 7; x++)
        {
            var source = (x + 0.5) / (1 - (x + 0.5) / 16);
            Assert.InRange(warped.Data[2 * 8 + x], source * 10 - 1, source * 10 + 1);
        }

        Assert.Throws<ArgumentException>(() => image.WarpAffine([1, 1, 0, 1, 1, 0], image.Size));
        Assert.Throws<ArgumentException>(() => image.WarpAffine([1, 1, 0], image.Size));
        Assert.Throws<ArgumentException>(() => image.WarpAffine([1, 0, 0, 0, 1, 0], image.Size, Interpolation.Area));
    }

    [Fact]
    public void Remapping_takes_each_pixel_from_its_place()
    {
        var remapped = Small.Remap([2.5f, 1f, 0.5f], [1.5f, 0.5f, 9f], new ImageSize(1, 3), Interpolation.Bilinear, BorderMode.Constant, 77);
        // The middle one lies between the pixels 1 and 2, half each.
        Assert.Equal(6, remapped.Data[0]);
        Assert.InRange(remapped.Data[1], 1, 2);
        Assert.Equal(77, remapped.Data[2]);
    }

    [Fact]
    public void Blurring_keeps_the_sum_and_equals_the_formula()
    {
        var image = new Image(new ImageSize(31, 31), 1, PixelType.Float32);
        image.AsSpan<float>().Clear();
        image.AsSpan<float>()[15 * 31 + 15] = 1;
        var blurred = image.GaussianBlur(2, 21).AsSpan<float>();
        float sum = 0;
        foreach (var value in blurred)
            sum += value;
        Assert.Equal(1, sum, 1e-5);
        Assert.Equal(Math.Exp(-(9 + 4) / 8.0), blurred[18 * 31 + 13] / blurred[15 * 31 + 15], 1e-4);
        Assert.Throws<ArgumentException>(() => image.GaussianBlur(0));
        Assert.Throws<ArgumentException>(() => image.GaussianBlur(1, 4));
    }

    [Fact]
    public void Hue_saturation_and_value_go_there_and_back()
    {
        var image = new Image(new ImageSize(1, 5), 3, [255, 0, 0, 0, 255, 0, 0, 0, 255, 128, 128, 128, 200, 100, 50]);
        var hsv = image.ToHsv();
        Assert.Equal([0, 255, 255, 85, 255, 255, 171, 255, 255, 0, 0, 128], hsv.Data[..12]);
        Assert.InRange(Pillow.LargestDifference(image.Data, hsv.FromHsv().Data), 0, 6);
        Assert.Throws<InvalidOperationException>(() => Small.ToHsv());
    }
}
