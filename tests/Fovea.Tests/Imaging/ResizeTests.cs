using Fovea.Imaging;

namespace Fovea.Tests.Imaging;

public class ResizeTests
{
    [Theory]
    [InlineData(1, "L"), InlineData(3, "RGB"), InlineData(4, "CMYK")]
    public void Antialiased_bilinear_equals_Pillow_bit_for_bit(int channels, string mode)
    {
        var random = new Random(channels);
        for (var round = 0; round < 25; round++)
        {
            var image = Noise(random, new ImageSize(random.Next(1, 90), random.Next(1, 90)), channels);
            var size = round switch
            {
                0 => image.Size,
                1 => image.Size with { Width = 17 },
                2 => image.Size with { Height = 23 },
                _ => new ImageSize(random.Next(1, 120), random.Next(1, 120)),
            };
            var expected = PythonReference.Run($"""
                from PIL import Image
                a = a[..., 0] if a.shape[2] == 1 else a
                for name, filter in (('linear', Image.BILINEAR), ('cubic', Image.BICUBIC)): out[name] = np.asarray(Image.fromarray(a, '{mode}').resize(({size.Width}, {size.Height}), filter))
                """, ("a", Pillow.Array(image)));
            Assert.Equal(expected["linear"].Data, image.Resize(size, Interpolation.BilinearAntialias).Data);
            Assert.Equal(expected["cubic"].Data, image.Resize(size, Interpolation.BicubicAntialias).Data);
        }
    }

    [Fact]
    public void A_photo_shrinks_as_torchvision_shrinks_it()
    {
        if (!TestData.TryFolder("photos", out var folder))
            return;
        var path = Path.Combine(folder, "darknet", "dog.jpg");
        var expected = PythonReference.Run($"""
            from PIL import Image
            import torchvision
            out['x'] = np.asarray(torchvision.transforms.Resize(256)(Image.open({Pillow.Quote(path)}).convert('RGB')))
            """)["x"];
        var resized = Image.Load(path).Resize(new ImageSize(expected.Shape[0], expected.Shape[1]), Interpolation.BilinearAntialias);
        Assert.Equal(expected.Data, resized.Data);
    }

    [Theory]
    [InlineData(Interpolation.Bilinear, "bilinear"), InlineData(Interpolation.Cubic, "bicubic"), InlineData(Interpolation.Nearest, "nearest-exact")]
    public void Plain_interpolation_equals_torch_to_one_grey_level(Interpolation interpolation, string name)
    {
        var random = new Random(9);
        foreach (var (height, width) in new[] { (20, 31), (57, 13), (5, 90), (40, 40) })
        {
            var image = Noise(random, new ImageSize(33, 47), 3);
            var expected = PythonReference.Run($"""
                import torch
                x = T(a).permute(2, 0, 1)[None].float()
                options = dict() if '{name}' == 'nearest-exact' else dict(align_corners=False)
                y = torch.nn.functional.interpolate(x, size=({height}, {width}), mode='{name}', **options)
                out['x'] = y.round().clamp(0, 255).to(torch.uint8)[0].permute(1, 2, 0)
                """, ("a", Pillow.Array(image)));
            var resized = image.Resize(new ImageSize(height, width), interpolation);
            Assert.InRange(Pillow.LargestDifference((byte[])expected["x"].Data, resized.Data), 0, interpolation == Interpolation.Nearest ? 0 : 1);
        }
    }

    [Fact]
    public void Area_is_the_mean_of_the_pixels_that_fall_together()
    {
        var image = new Image(new ImageSize(2, 6), 1, [1, 2, 3, 10, 20, 30, 5, 6, 7, 40, 50, 60]);
        Assert.Equal([4, 35], image.Resize(new ImageSize(1, 2), Interpolation.Area).Data);
    }

    [Fact]
    public void Deep_and_floating_point_samples_keep_their_type()
    {
        var deep = new Image(new ImageSize(1, 2), 1, PixelType.UInt16);
        (deep.AsSpan<ushort>()[0], deep.AsSpan<ushort>()[1]) = (1000, 3000);
        var wide = deep.Resize(new ImageSize(1, 4), Interpolation.Bilinear);
        Assert.Equal([1000, 1500, 2500, 3000], wide.AsSpan<ushort>().ToArray());
        Assert.Equal([1000, 1000, 3000, 3000], deep.Resize(new ImageSize(1, 4), Interpolation.Nearest).AsSpan<ushort>().ToArray());
        Assert.Throws<FoveaException>(() => deep.Resize(new ImageSize(1, 4), Interpolation.BilinearAntialias));
        Assert.Throws<ArgumentOutOfRangeException>(() => deep.Resize(new ImageSize(0, 4), Interpolation.Bilinear));
    }

    internal static Image Noise(Random random, ImageSize size, int channels)
    {
        var image = new Image(size, channels);
        random.NextBytes(image.Data);
        // Saturated patches test the rounding at both ends.
        image.Data.AsSpan(0, image.Data.Length / 5).Fill(255);
        image.Data.AsSpan(image.Data.Length / 2, image.Data.Length / 6).Clear();
        return image;
    }
}
