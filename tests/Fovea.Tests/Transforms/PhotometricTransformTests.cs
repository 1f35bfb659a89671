using Fovea.Imaging;
using Fovea.Transforms;

namespace Fovea.Tests.Transforms;

public class PhotometricTransformTests
{
    [Theory]
    [InlineData(ColourProperty.Brightness, "adjust_brightness", 1.0, 0.0, 0.37, 1.63, 3.0)]
    [InlineData(ColourProperty.Contrast, "adjust_contrast", 1.0, 0.0, 0.21, 1.77, 2.4)]
    [InlineData(ColourProperty.Saturation, "adjust_saturation", 1.0, 0.0, 0.4, 1.9, 3.3)]
    [InlineData(ColourProperty.Hue, "adjust_hue", 0.0, -0.5, -0.123, 0.21, 0.5)]
    public void Colours_are_those_of_torchvision_on_Pillow_images_to_the_last_bit(ColourProperty property, string function, params double[] factors)
    {
        // Noise, and a picture of a few colours, where halves and ties are common.
        foreach (var image in new[] { Scenes.RandomImage(new ImageSize(64, 80)), Coarse() })
        {
            var answer = PythonReference.Run(
                $"from PIL import Image; import torchvision.transforms.functional as F\nfor i, f in enumerate(fs): out[str(i)] = np.asarray(F.{function}(Image.fromarray(a), float(f)))",
                ("a", Scenes.Array(image)), ("fs", factors));
            for (var i = 0; i < factors.Length; i++)
            {
                var found = new Recolour((property, factors[i])).Apply(Scene.Of(image)).Image;
                Assert.Equal((byte[])answer[i.ToString(System.Globalization.CultureInfo.InvariantCulture)].Data, found.Data);
            }
        }
    }

    [Fact]
    public void The_hue_of_every_colour_is_Pillows()
    {
        // All 16.7 million colours, every third value.
        var levels = Enumerable.Range(0, 86).Select(static i => (byte)(3 * i)).ToArray();
        var data = (from r in levels from g in levels from b in levels from value in new[] { r, g, b } select value).ToArray();
        var image = new Image(new ImageSize(86 * 86, 86), 3, data);
        var answer = PythonReference.Run(
            "from PIL import Image; import torchvision.transforms.functional as F; out['h'] = np.asarray(F.adjust_hue(Image.fromarray(a), 0.31))", ("a", Scenes.Array(image)))["h"];
        Assert.True(((byte[])answer.Data).AsSpan().SequenceEqual(new Recolour((ColourProperty.Hue, 0.31)).Apply(Scene.Of(image)).Image.Data));
    }

    [Fact]
    public void Steps_are_taken_in_order_and_the_source_stays()
    {
        var image = Scenes.RandomImage(new ImageSize(20, 30));
        var before = (byte[])image.Data.Clone();
        var answer = PythonReference.Run(
            """
            from PIL import Image; import torchvision.transforms.functional as F
            x = F.adjust_hue(Image.fromarray(a), 0.1); x = F.adjust_contrast(x, 1.4); x = F.adjust_saturation(x, 0.6); out['x'] = np.asarray(F.adjust_brightness(x, 0.8))
            """,
            ("a", Scenes.Array(image)))["x"];
        var found = new Recolour((ColourProperty.Hue, 0.1), (ColourProperty.Contrast, 1.4), (ColourProperty.Saturation, 0.6), (ColourProperty.Brightness, 0.8)).Apply(Scene.Of(image)).Image;
        Assert.Equal((byte[])answer.Data, found.Data);
        Assert.Equal(before, image.Data);
    }

    [Fact]
    public void Grey_pictures_have_brightness_and_contrast_only()
    {
        var image = Scenes.RandomImage(new ImageSize(20, 30), channels: 1);
        var answer = PythonReference.Run(
            "from PIL import Image; import torchvision.transforms.functional as F; out['x'] = np.asarray(F.adjust_brightness(F.adjust_contrast(Image.fromarray(a[:, :, 0]), 1.3), 0.7))",
            ("a", Scenes.Array(image)))["x"];
        Assert.Equal((byte[])answer.Data, new Recolour((ColourProperty.Contrast, 1.3), (ColourProperty.Brightness, 0.7)).Apply(Scene.Of(image)).Image.Data);
        Assert.Equal(image.Data, new Recolour((ColourProperty.Saturation, 0.3), (ColourProperty.Hue, 0.2)).Apply(Scene.Of(image)).Image.Data);
        Assert.Throws<FoveaException>(() => new Greyscale().Apply(Scene.Of(new Image(new ImageSize(2, 2), 4))));
    }

    [Theory]
    [InlineData(0.7, 5, 33, 47, 3)]
    [InlineData(2.3, 9, 40, 64, 1)]
    [InlineData(1.5, 11, 6, 300, 3)]
    public void A_blur_is_that_of_torchvision(double sigma, int kernel, int height, int width, int channels)
    {
        var image = Scenes.RandomImage(new ImageSize(height, width), channels);
        var answer = PythonReference.Run(
            "import torchvision.transforms.functional as F; out['b'] = F.gaussian_blur(T(a.transpose(2, 0, 1)), [int(k[1])] * 2, [float(k[0])] * 2).permute(1, 2, 0)",
            ("a", Scenes.Array(image)), ("k", new[] { sigma, kernel }))["b"];
        var found = new Blur(sigma, kernel).Apply(Scene.Of(image)).Image.Data;
        var expected = (byte[])answer.Data;
        // OpenCV's kernels have 8 bits: a grey level of difference at most, and none on average.
        Assert.All(expected.Zip(found), static pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        Assert.InRange(expected.Zip(found).Average(static pair => pair.First - pair.Second), -0.1, 0.1);
    }

    [Fact]
    public void Noise_has_its_standard_deviation_and_comes_from_its_seed()
    {
        var scene = Scene.Of(new Image(new ImageSize(200, 200), 3, [.. Enumerable.Repeat((byte)128, 120_000)]));
        var noisy = new Noise(12, seed: 5).Apply(scene).Image.Data;
        Assert.Equal(noisy, new Noise(12, seed: 5).Apply(scene).Image.Data);
        Assert.NotEqual(noisy, new Noise(12, seed: 6).Apply(scene).Image.Data);
        Assert.InRange(Math.Sqrt(noisy.Average(static value => (value - 128.0) * (value - 128.0))), 11.8, 12.2);
        Assert.InRange(noisy.Average(static value => (double)value), 127.8, 128.2);
    }

    [Fact]
    public void Positions_stay()
    {
        var scene = Scenes.Painted(new ImageSize(20, 30), (3, 4, 9, 10));
        foreach (ITransform transform in new ITransform[] { new Greyscale(), new Blur(1), new Noise(1, 0), new Recolour((ColourProperty.Hue, 0.1)) })
        {
            var result = transform.Apply(scene);
            Assert.Same(scene.Annotation, result.Annotation);
            Assert.Equal(Projection.Identity, result.Placement);
            Assert.Same(result, transform.Inverse!.Apply(result));
        }
    }

    private static Image Coarse()
    {
        var image = Scenes.RandomImage(new ImageSize(40, 40), seed: 2);
        for (var i = 0; i < image.Data.Length; i++)
            image.Data[i] = (byte)(image.Data[i] / 128 * 127);
        return image;
    }
}
