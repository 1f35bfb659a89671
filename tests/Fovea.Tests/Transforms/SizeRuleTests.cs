using Fovea.Imaging;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Tests.Transforms;

public class SizeRuleTests
{
    [Fact]
    public void Detection_sizes_are_those_of_torchvision()
    {
        int[] sizes = [.. Enumerable.Range(0, 60).SelectMany(static i => new[] { 97 + 31 * i, 1210 - 17 * i }), 480, 640, 640, 480, 1, 500, 333, 500];
        var answer = PythonReference.Run(
            """
            import torch
            from torchvision.models.detection.transform import GeneralizedRCNNTransform
            t = GeneralizedRCNNTransform(800, 1333, [0.0], [1.0]); t.eval()
            found = []
            for i in range(0, len(s), 2):
                image, _ = t.resize(torch.zeros(1, int(s[i]), int(s[i + 1])), None)
                found += list(image.shape[-2:])
            out['s'] = np.array(found)
            """,
            ("s", sizes)).Longs("s");
        for (var i = 0; i < sizes.Length; i += 2)
        {
            var size = SizeRules.ShorterLonger(new ImageSize(sizes[i], sizes[i + 1]), 800, 1333);
            Assert.Equal((answer[i], answer[i + 1]), (size.Height, size.Width));
        }
    }

    [Fact]
    public void Classification_sizes_and_centre_crops_are_those_of_torchvision()
    {
        int[] sizes = [.. Enumerable.Range(0, 40).SelectMany(static i => new[] { 60 + 31 * i, 611 - 13 * i }), 224, 224, 100, 300, 225, 256];
        var answer = PythonReference.Run(
            """
            from PIL import Image
            import torchvision.transforms.functional as F
            found, corner = [], []
            for i in range(0, len(s), 2):
                h, w = int(s[i]), int(s[i + 1])
                y, x = np.mgrid[1:h + 1, 1:w + 1]
                image = Image.fromarray(np.stack([y & 255, x & 255, (y >> 8) * 16 + (x >> 8)], 2).astype(np.uint8))
                found += F.resize(image, 256).size[::-1]
                crop = np.asarray(F.center_crop(image, [224, 210]))
                corner.append(crop[112, 105].astype(np.int64))
            out['s'] = np.array(found); out['c'] = np.array(corner)
            """,
            ("s", sizes));
        var (resized, corners) = (answer.Longs("s"), answer.Longs("c"));
        for (var i = 0; i < sizes.Length; i += 2)
        {
            var from = new ImageSize(sizes[i], sizes[i + 1]);
            var size = SizeRules.Shorter(from, 256);
            Assert.Equal((resized[i], resized[i + 1]), (size.Height, size.Width));
            var crop = (Crop)SizeSteps.CentreCrop(from, new ImageSize(224, 210));
            var (row, column) = (crop.Y + 112 + 1, crop.X + 105 + 1);
            var expected = row > from.Height || column > from.Width || row < 1 || column < 1 ? new long[3] : [row & 255, column & 255, (row >> 8) * 16 + (column >> 8)];
            Assert.Equal(expected, corners.AsSpan(i / 2 * 3, 3).ToArray());
        }
    }

    [Theory]
    [InlineData(480, 640, 320, 320, 240, 320, 40, 0)]
    [InlineData(100, 37, 64, 64, 64, 24, 0, 20)]
    [InlineData(3, 1000, 64, 64, 1, 64, 31, 0)]
    [InlineData(10, 20, 45, 40, 20, 40, 12, 0)]
    public void A_letterbox_keeps_the_aspect_and_pads_evenly(int height, int width, int toHeight, int toWidth, int innerHeight, int innerWidth, int top, int left)
    {
        var from = new ImageSize(height, width);
        var scene = Scene.Of(Scenes.RandomImage(from), new Annotation { Instances = [new Instance(0, new Box(0, 0, width, height))] });
        var result = new LetterboxRule(new ImageSize(toHeight, toWidth), Fill.LetterboxGrey, Interpolation.Nearest).Sample(scene, new RandomStream(0, 0, 0)).Apply(scene);
        Assert.Equal(new ImageSize(toHeight, toWidth), result.Image.Size);
        Assert.Equal(new Box(left, top, left + innerWidth, top + innerHeight), result.Annotation.Instances![0].Box);
        if (top > 0)
            Assert.All(result.Image.Data[..(top * toWidth * 3)], static value => Assert.Equal(114, value));
    }

    [Theory]
    [InlineData(SizeRule.Exact, "Height")]
    [InlineData(SizeRule.Letterbox, "Height")]
    [InlineData(SizeRule.ShorterLonger, "ShorterSide")]
    [InlineData(SizeRule.ShorterSideThenCrop, "ShorterSide")]
    public void A_rule_without_its_numbers_says_which(SizeRule rule, string missing)
    {
        var error = Assert.Throws<FoveaException>(() => new PreprocessingRule(new Preprocessing { SizeRule = rule }).For(new ImageSize(5, 5)));
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Label_maps_take_the_pixels_that_Pillow_takes()
    {
        var random = new Random(3);
        foreach (var (from, to) in new[] { (new ImageSize(37, 53), new ImageSize(20, 61)), (new ImageSize(5, 3), new ImageSize(64, 64)), (new ImageSize(300, 200), new ImageSize(77, 31)) })
        {
            var values = new byte[from.Height * from.Width];
            random.NextBytes(values);
            var expected = PythonReference.Run(
                "from PIL import Image; out['m'] = np.asarray(Image.fromarray(m).resize((int(s[1]), int(s[0])), Image.NEAREST))",
                ("m", new NdArray(values, from.Height, from.Width)), ("s", new[] { to.Height, to.Width }))["m"];
            var found = new Resize(from, to, Interpolation.Nearest).Apply(Scene.Of(new Image(from, 1), new Annotation { Map = new LabelMap(from, values) })).Annotation.Map!;
            Assert.Equal((byte[])expected.Data, found.Values);
        }
    }

    [Fact]
    public void A_strip_that_would_grow_without_measure_is_refused_by_name()
    {
        var scene = Scene.Of(new Image(new ImageSize(1, 200_000), 3), name: "strip.png");
        var rule = new PreprocessingRule(new Preprocessing { SizeRule = SizeRule.ShorterSideThenCrop, ShorterSide = 256, Height = 224, Width = 224 });
        var fault = Assert.Throws<DataException>(() => rule.For(scene.Image.Size).Apply(scene));
        Assert.StartsWith("strip.png: size: found 200000x1, which would be scaled to 51200000x256", fault.Message, StringComparison.Ordinal);
    }
}
