using Fovea.Imaging;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Tests.Transforms;

public class AugmentationTests
{
    private static readonly ImageSize Size = new(60, 80);
    private static readonly IReadOnlyDictionary<string, object?> None = new Dictionary<string, object?>();

    public static TheoryData<string> Names => [.. TransformFactory.Entries.Select(static entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_transform_of_recipes_draws_from_its_stream_alone_and_keeps_its_parts_together(string name)
    {
        var parameters = new Dictionary<string, object?>();
        foreach (var parameter in TransformFactory.Entries.Single(entry => entry.Name == name).Parameters.Where(static parameter => parameter.Default is null))
            parameters[parameter.Name] = parameter.Name == "padding" ? 4 : 48;
        if (name is "random_affine")
            (parameters["degrees"], parameters["shear"], parameters["translate"]) = (30, 10, "0.1");
        if (name is "colour_jitter")
            (parameters["brightness"], parameters["hue"]) = (0.4, 0.1);
        var augmentation = TransformFactory.Create(name, parameters);
        var scene = Scenes.Painted(Size, (10, 12, 35, 40), (50, 20, 70, 30));
        for (var index = 0; index < 40; index++)
        {
            var result = augmentation.Sample(scene, new RandomStream(9, 0, index)).Apply(scene);
            var again = augmentation.Sample(scene, new RandomStream(9, 0, index)).Apply(scene);
            Assert.Equal(result.Image.Data, again.Image.Data);
            Assert.Equal(result.Annotation.Instances!.Count, again.Annotation.Instances!.Count);
            Assert.Equal(scene.Annotation.Instances!.Count, result.Annotation.Instances.Count + result.DroppedObjects);
            Assert.Equal(result.Image.Size, result.Annotation.Map!.Size);
            foreach (var item in result.Annotation.Instances)
            {
                Assert.Equal(item.Box, item.Box.Clip(result.Image.Size));
                Assert.False(item.Box.IsEmpty);
                Assert.Equal(item.Mask!.Area, result.Annotation.Map.Values.Count(value => value == item.Label + 1));
            }
        }
    }

    [Fact]
    public void Random_resized_crops_follow_torchvisions_distribution()
    {
        // The same moments from 4,000 draws each; the means of shares have a standard error of about 0.004.
        var answer = PythonReference.Run(
            """
            import torch; from PIL import Image; from torchvision.transforms import RandomResizedCrop
            image = Image.new('RGB', (80, 60)); draws = [RandomResizedCrop.get_params(image, [0.08, 1.0], [0.75, 4 / 3]) for _ in range(4000)]
            d = np.array(draws, float); out['m'] = np.array([(d[:, 2] * d[:, 3]).mean() / 4800, (d[:, 3] / d[:, 2]).mean(), d[:, 0].mean() / 60, d[:, 1].mean() / 80])
            """).Doubles("m");
        var found = new double[4];
        var scene = Scene.Of(new Image(Size, 1));
        for (var i = 0; i < 4000; i++)
        {
            var drawn = (Sequence)new RandomResizedCrop(new ImageSize(32, 32)).Sample(scene, new RandomStream(0, 0, i));
            var crop = (Crop)drawn.Steps[0];
            found[0] += crop.To.Width * crop.To.Height / 4800.0 / 4000;
            found[1] += (double)crop.To.Width / crop.To.Height / 4000;
            found[2] += crop.Y / 60.0 / 4000;
            found[3] += crop.X / 80.0 / 4000;
        }

        for (var i = 0; i < 4; i++)
            Assert.Equal(answer[i], found[i], 0.02);
    }

    [Theory]
    [InlineData(10, 400, 10, 13, 193)]
    [InlineData(400, 10, 13, 10, 193)]
    public void A_picture_too_long_for_any_window_gives_its_middle(int height, int width, int windowHeight, int windowWidth, int offset)
    {
        var drawn = (Sequence)new RandomResizedCrop(new ImageSize(8, 8), scale: (1, 1)).Sample(Scene.Of(new Image(new ImageSize(height, width), 1)), new RandomStream(0, 0, 0));
        var crop = (Crop)drawn.Steps[0];
        Assert.Equal((new ImageSize(windowHeight, windowWidth), offset), (crop.To, Math.Max(crop.X, crop.Y)));
    }

    [Fact]
    public void Iou_crops_overlap_an_object_and_keep_the_objects_whose_centres_are_inside()
    {
        var scene = Scenes.Painted(Size, (10, 12, 35, 40), (50, 20, 70, 30)).WithoutMasks();
        var crops = 0;
        for (var i = 0; i < 300; i++)
        {
            if (new IouCrop().Sample(scene, new RandomStream(1, 0, i)) is not Crop crop)
                continue;
            crops++;
            var kept = crop.Apply(scene).Annotation.Instances!;
            Assert.NotEmpty(kept);
            foreach (var item in scene.Annotation.Instances!)
            {
                var (x, y) = ((item.Box.X1 + item.Box.X2) / 2 - crop.X, (item.Box.Y1 + item.Box.Y2) / 2 - crop.Y);
                Assert.Equal(x > 0 && y > 0 && x < crop.To.Width && y < crop.To.Height, kept.Any(other => other.Label == item.Label));
            }

            Assert.InRange((double)crop.To.Width / crop.To.Height, 0.5, 2);
        }

        Assert.InRange(crops, 200, 299);
        Assert.Same(Sequence.Nothing, new IouCrop().Sample(Scene.Of(new Image(Size, 1), new Annotation { Instances = [] }), new RandomStream(0, 0, 0)));
    }

    [Fact]
    public void Random_crops_reach_every_place_and_fill_up_small_pictures()
    {
        var scene = Scene.Of(new Image(new ImageSize(4, 10), 1));
        var seen = new HashSet<(int, int)>();
        for (var i = 0; i < 400; i++)
        {
            var crop = (Crop)new RandomCrop(new ImageSize(6, 8)).Sample(scene, new RandomStream(1, 0, i));
            seen.Add((crop.X, crop.Y));
        }

        Assert.Equal((from x in new[] { 0, 1, 2 } from y in new[] { -2, -1, 0 } select (x, y)).Order(), seen.Order());
        var padded = Enumerable.Range(0, 400).Select(i => ((Crop)new RandomCrop(new ImageSize(4, 10), padding: 1).Sample(scene, new RandomStream(2, 0, i))).X).Distinct().Order();
        Assert.Equal([-1, 0, 1], padded);
    }

    [Fact]
    public void Class_crops_find_rare_classes()
    {
        // Two pixels of class 2 and sixteen of class 1 among 4800.
        var values = new byte[Size.Height * Size.Width];
        values[50 * Size.Width + 70] = values[50 * Size.Width + 71] = 2;
        values.AsSpan(5 * Size.Width + 3, 16).Fill(1);
        var scene = Scene.Of(new Image(Size, 3), new Annotation { Map = new LabelMap(Size, values) });
        var window = new ImageSize(12, 16);
        double ShareWith(IAugmentation crop, byte label) => Enumerable.Range(0, 600)
            .Count(i => crop.Sample(scene, new RandomStream(1, 0, i)).Apply(scene).Annotation.Map!.Values.Contains(label)) / 600.0;
        Assert.InRange(ShareWith(new RandomCrop(window), 2), 0.01, 0.1);
        Assert.InRange(ShareWith(new RandomClassCrop(window, 1), 2), 0.28, 0.42);
        Assert.Equal(1, ShareWith(new RandomClassCrop(window, 1, [2]), 2));
        Assert.InRange(ShareWith(new RandomClassCrop(window, 0.6, [2], maxShare: 1), 2), 0.55, 0.7);
        // A class that is not there leaves an ordinary window.
        Assert.InRange(ShareWith(new RandomClassCrop(window, 1, [7], maxShare: 1), 2), 0.01, 0.1);
        // Centred where the picture is wide enough, inside it where not.
        var crop = (Crop)new RandomClassCrop(window, 1, [2]).Sample(scene, new RandomStream(1, 0, 0));
        Assert.Equal((44, true), (crop.Y, crop.X is 62 or 63));
        Assert.Throws<DataException>(() => new RandomClassCrop(window).Sample(Scene.Of(scene.Image), new RandomStream(1, 0, 0)));
    }

    [Fact]
    public void Class_crops_are_not_filled_by_one_class()
    {
        var values = new byte[Size.Height * Size.Width];
        for (var row = 0; row < Size.Height; row++)
            values.AsSpan(row * Size.Width, Size.Width / 2).Fill(1);
        var scene = Scene.Of(new Image(Size, 3), new Annotation { Map = new LabelMap(Size, values) });
        double Most(IAugmentation crop, int draw)
        {
            var cut = crop.Sample(scene, new RandomStream(1, 0, draw)).Apply(scene).Annotation.Map!.Values;
            return Math.Max(cut.Count(static value => value == 0), cut.Count(static value => value == 1)) / (double)cut.Length;
        }

        var mixed = new RandomClassCrop(new ImageSize(20, 20), 0, maxShare: 0.75, tries: 200);
        Assert.All(Enumerable.Range(0, 200), i => Assert.InRange(Most(mixed, i), 0.5, 0.75));
        Assert.Contains(Enumerable.Range(0, 200), i => Most(new RandomClassCrop(new ImageSize(20, 20), 0, tries: 1), i) == 1);
        // The same draw for the same stream.
        Assert.Equal(Enumerable.Range(0, 20).Select(i => Most(mixed, i)), Enumerable.Range(0, 20).Select(i => Most(mixed, i)));
        Assert.IsType<RandomClassCrop>(TransformFactory.Create("class_crop", new Dictionary<string, object?> { ["size"] = "64", ["classes"] = new object[] { "3", "4" } }));
        Assert.Throws<FoveaException>(() => TransformFactory.Create("class_crop", new Dictionary<string, object?> { ["size"] = 64, ["classes"] = "x" }));
    }

    [Fact]
    public void Shares_and_ranges_are_kept()
    {
        var scene = Scene.Of(new Image(Size, 3, new byte[Size.Height * Size.Width * 3]));
        var flips = Enumerable.Range(0, 2000).Count(i => new RandomFlip(probability: 0.3).Sample(scene, new RandomStream(0, 0, i)) is Flip);
        Assert.InRange(flips, 520, 680);
        var sides = Enumerable.Range(0, 300).Select(i => ((Resize)new RandomShorterSide(64, 130, step: 32, longerSide: 200).Sample(scene, new RandomStream(0, 0, i))).To).Distinct().ToList();
        Assert.Equal([64, 96, 128], sides.Select(static size => size.Height).Order());
        var orders = Enumerable.Range(0, 200).Select(i => (Recolour)new ColourJitter { Brightness = (0.6, 1.4), Hue = (-0.1, 0.1) }.Sample(scene, new RandomStream(0, 0, i))).ToList();
        Assert.InRange(orders.Count(static order => order.Steps[0].Property == ColourProperty.Hue), 70, 130);
        Assert.All(orders, static order => Assert.Equal(2, order.Steps.Count));
        Assert.All(orders.SelectMany(static order => order.Steps), static step =>
            Assert.InRange(step.Factor, step.Property == ColourProperty.Hue ? -0.1 : 0.6, step.Property == ColourProperty.Hue ? 0.1 : 1.4));
    }

    [Fact]
    public void A_pipeline_tells_what_it_drew_and_the_draw_can_be_repeated()
    {
        var pipeline = new Pipeline(new RandomFlip(), new RandomAffine { Degrees = (-20, 20), Scale = (0.9, 1.1) }, new ColourJitter { Brightness = (0.5, 1.5) });
        var scene = Scenes.Painted(Size, (20, 20, 50, 45));
        var result = pipeline.Apply(scene, new RandomStream(3, 1, 4), out var drawn);
        Assert.Equal(result.Image.Data, drawn.Apply(scene).Image.Data);
        Assert.NotEqual(scene.Image.Data, result.Image.Data);
        var back = drawn.Inverse!.Apply(result).Annotation.Instances![0].Keypoints![0];
        Assert.Equal(35, back.X, 1e-3);
        Assert.Equal(32.5, back.Y, 1e-3);
    }

    [Theory]
    [InlineData("random_resize_crop", "{}", "did you mean 'random_resized_crop'?")]
    [InlineData("color_jitter", "{}", "did you mean 'colour_jitter'?")]
    [InlineData("horizontal_flip", """{"probabilty": "0.3"}""", "did you mean 'probability'?")]
    [InlineData("quarter_turn", """{"degrees": "3"}""", "found parameter 'degrees', expected none")]
    [InlineData("horizontal_flip", """{"probability": "1.5"}""", "probability: found '1.5', expected a number from 0 to 1")]
    [InlineData("horizontal_flip", """{"probability": ["0.5"]}""", "probability: found [0.5], expected a number from 0 to 1")]
    [InlineData("random_crop", "{}", "size: found nothing, expected a whole number of pixels, or [height, width]")]
    [InlineData("random_crop", """{"size": "0"}""", "size: found '0'")]
    [InlineData("random_crop", """{"size": ["3.5", "4"]}""", "size: found [3.5, 4]")]
    [InlineData("random_resized_crop", """{"size": "9", "scale": ["0.9", "0.1"]}""", "scale: found [0.9, 0.1], expected [low, high], numbers from 0.0001 to 1")]
    [InlineData("resize", """{"size": "9", "interpolation": "lanczos"}""", "expected one of nearest, bilinear, bilinear_antialias, area, cubic")]
    [InlineData("resize", """{"size": "9", "interpolation": "1"}""", "interpolation: found '1'")]
    [InlineData("letterbox", """{"size": "9", "fill": "256"}""", "fill: found '256'")]
    [InlineData("colour_jitter", """{"hue": "0.6"}""", "hue: found '0.6', expected a number from 0 to 0.5, or [low, high]")]
    [InlineData("pad", """{"padding": ["1", "2"]}""", "padding: found [1, 2]")]
    public void Faulty_recipes_are_told_what_is_wrong(string name, string parameters, string message)
    {
        var values = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, System.Text.Json.JsonElement>>(parameters)!.ToDictionary(
            static pair => pair.Key,
            static pair => pair.Value.ValueKind == System.Text.Json.JsonValueKind.Array ? pair.Value.EnumerateArray().Select(static item => (object?)item.GetString()).ToList() : (object?)pair.Value.GetString());
        Assert.Contains(message, Assert.Throws<FoveaException>(() => TransformFactory.Create(name, values)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_that_are_written_down_are_the_defaults_that_are_used()
    {
        foreach (var entry in TransformFactory.Entries)
        {
            Assert.Matches("^[a-z_]+$", entry.Name);
            Assert.EndsWith(".", entry.Summary, StringComparison.Ordinal);
            var written = new Dictionary<string, object?>();
            foreach (var parameter in entry.Parameters)
            {
                Assert.EndsWith(".", parameter.Summary, StringComparison.Ordinal);
                written[parameter.Name] = parameter.Default switch
                {
                    null => 40,
                    "null" => null,
                    "[]" => Array.Empty<string>(),
                    ['[', .. var inner, ']'] => inner.Split(", "),
                    var text => text,
                };
            }

            // Reading the documented defaults must neither fail nor change what is drawn.
            var explicitly = TransformFactory.Create(entry.Name, written);
            var needed = written.Where(pair => entry.Parameters.Single(parameter => parameter.Name == pair.Key).Default is null).ToDictionary();
            var scene = Scenes.Painted(Size, (10, 12, 35, 40));
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(
                    TransformFactory.Create(entry.Name, needed).Sample(scene, new RandomStream(1, 1, i)).Apply(scene).Image.Data,
                    explicitly.Sample(scene, new RandomStream(1, 1, i)).Apply(scene).Image.Data);
            }
        }

        Assert.Equal(TransformFactory.Entries.Count, TransformFactory.Entries.Select(static entry => entry.Name).Distinct().Count());
        Assert.IsType<RandomFlip>(TransformFactory.Create("horizontal_flip", None));
    }
}
