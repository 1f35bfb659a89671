using Fovea.Imaging;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Tests.Transforms;

public class GeometricTransformTests
{
    private static readonly ImageSize Size = new(90, 120);

    public static TheoryData<string> Names => [.. All().Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_painted_stays_where_box_mask_and_map_say(string name)
    {
        var scene = Scenes.Painted(Size, (30, 20, 62, 50), (70, 55, 95, 70));
        var result = All()[name].Apply(scene);
        var (image, map, size) = (result.Image, result.Annotation.Map!, result.Image.Size);
        Assert.Equal(size, map.Size);
        Assert.Equal(2, result.Annotation.Instances!.Count);
        foreach (var item in result.Annotation.Instances)
        {
            var (mask, bitmap) = (item.Mask!, item.Mask!.ToBitmap());
            Assert.Equal(size, mask.Size);
            var wrong = 0;
            for (var i = 0; i < bitmap.Length; i++)
            {
                Assert.Equal(bitmap[i] == 1, map.Values[i] == item.Label + 1);
                // Half-covered pixels at the rim may fall to either side of one half.
                wrong += bitmap[i] == 1 != (image.Data[3 * i] >= 128 && In(item.Box, i % size.Width, i / size.Width, 1)) ? 1 : 0;
            }

            Assert.InRange(wrong, 0, (int)(0.02 * mask.Area) + 2);
            var around = mask.BoundingBox;
            Assert.InRange(around.X1 - item.Box.X1, -0.501f, 0.501f);
            Assert.InRange(around.Y1 - item.Box.Y1, -0.501f, 0.501f);
            Assert.InRange(around.X2 - item.Box.X2, -0.501f, 0.501f);
            Assert.InRange(around.Y2 - item.Box.Y2, -0.501f, 0.501f);
            var centre = item.Keypoints![0];
            Assert.Equal(1, bitmap[(int)centre.Y * size.Width + (int)centre.X]);
            Assert.Equal(default, item.Keypoints[2]);
        }

        for (var i = 0; i < map.Values.Length; i++)
            Assert.True(map.Values[i] is 0 or 1 or 2 or LabelMap.Ignore);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Inverse_takes_boxes_back(string name)
    {
        if (All()[name].Inverse is not { } inverse)
        {
            Assert.Equal("elastic", name);
            return;
        }

        var scene = Scenes.Painted(Size, (30, 20, 62, 50), (70, 55, 95, 70));
        var there = All()[name].Apply(scene);
        var back = inverse.Apply(there);
        Assert.Equal(Size, back.Image.Size);
        // Corner boxes of turned boxes grow, so it is the masks that must come back; without turning the boxes do, too.
        foreach (var (before, after) in scene.Annotation.Instances!.Zip(back.Annotation.Instances!))
        {
            Assert.InRange(RunLengthMask.IoU(before.Mask!, after.Mask!, false), 0.9, 1);
            Assert.Equal(before.Keypoints![0].X, after.Keypoints![0].X, 1e-3);
            Assert.Equal(before.Keypoints[0].Y, after.Keypoints[0].Y, 1e-3);
            if (there.Placement is { IsAxisAligned: true })
                AssertClose(before.Box, after.Box);
        }

        var placed = back.Placement!.Value.Map(10, 20);
        Assert.Equal(10, placed.X, 1e-6);
        Assert.Equal(20, placed.Y, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Placement_says_where_the_centre_of_the_object_went(string name)
    {
        var result = All()[name].Apply(Scenes.Painted(Size, (30, 20, 62, 50)));
        if (result.Placement is not { } place)
        {
            Assert.Equal("elastic", name);
            return;
        }

        var (x, y) = place.Map(46, 35);
        Assert.Equal(x, result.Annotation.Instances![0].Keypoints![0].X, 1e-3);
        Assert.Equal(y, result.Annotation.Instances![0].Keypoints![0].Y, 1e-3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_flips_are_none(bool horizontal)
    {
        var scene = Scenes.Painted(Size, (3, 4, 50, 60), (0, 80, 120, 90)) with { Image = Scenes.RandomImage(Size) };
        var flip = new Flip(Size, horizontal);
        var once = flip.Apply(scene);
        Assert.NotEqual(scene.Image.Data, once.Image.Data);
        var twice = flip.Apply(once);
        Assert.Equal(scene.Image.Data, twice.Image.Data);
        Assert.Equal(scene.Annotation.Map!.Values, twice.Annotation.Map!.Values);
        foreach (var (before, after) in scene.Annotation.Instances!.Zip(twice.Annotation.Instances!))
        {
            Assert.Equal(before.Box, after.Box);
            Assert.Equal(before.Mask!.Counts, after.Mask!.Counts);
            Assert.Equal(before.Keypoints, after.Keypoints);
        }
    }

    [Fact]
    public void A_flip_moves_the_first_column_to_the_last()
    {
        var image = Scenes.RandomImage(Size);
        var flipped = new Flip(Size).Apply(Scene.Of(image)).Image;
        Assert.Equal(image.Data[..3], flipped.Data.AsSpan((Size.Width - 1) * 3, 3).ToArray());
        var turned = new Flip(Size, horizontal: false).Apply(Scene.Of(image)).Image;
        Assert.Equal(image.Data[..3], turned.Data.AsSpan((Size.Height - 1) * Size.Width * 3, 3).ToArray());
    }

    [Fact]
    public void Mirrored_keypoints_change_places_with_their_counterparts()
    {
        var scene = Scenes.Painted(Size, (30, 20, 62, 50)) with { KeypointMirror = [1, 0, 2] };
        var points = new Flip(Size).Apply(scene).Annotation.Instances![0].Keypoints!;
        Assert.Equal([new Keypoint(90, 20, 1), new Keypoint(74, 35, 2), default], points);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Four_quarter_turns_are_none(int turns)
    {
        var scene = Scenes.Painted(Size, (3, 4, 50, 60)) with { Image = Scenes.RandomImage(Size) };
        var turned = scene;
        for (var i = 0; i < 4; i++)
            turned = new QuarterTurn(turned.Image.Size, turns).Apply(turned);
        Assert.Equal(scene.Image.Data, turned.Image.Data);
        Assert.Equal(scene.Annotation.Instances![0].Box, turned.Annotation.Instances![0].Box);
        var rot90 = PythonReference.Run("out['r'] = np.rot90(a, -k[0])", ("a", Scenes.Array(scene.Image)), ("k", new[] { turns }))["r"];
        var once = new QuarterTurn(Size, turns).Apply(scene).Image;
        Assert.Equal([once.Height, once.Width, 3], rot90.Shape);
        Assert.Equal((byte[])rot90.Data, once.Data);
    }

    [Fact]
    public void A_crop_is_that_part_and_padding_is_filled()
    {
        var image = Scenes.RandomImage(new ImageSize(4, 5));
        var part = new Crop(image.Size, 1, 2, new ImageSize(2, 3)).Apply(Scene.Of(image)).Image;
        Assert.Equal(image.Data.AsSpan((2 * 5 + 1) * 3, 9).ToArray(), part.Data[..9]);
        Assert.Equal(image.Data.AsSpan((3 * 5 + 1) * 3, 9).ToArray(), part.Data[9..]);
        var padded = Crop.Pad(image.Size, 1, 2, 3, 4, new Fill(7, 8, 9)).Apply(Scenes.Painted(image.Size, (0, 0, 5, 4)) with { Image = image });
        Assert.Equal(new ImageSize(10, 9), padded.Image.Size);
        Assert.Equal([7, 8, 9, 7, 8, 9], padded.Image.Data[..6]);
        Assert.Equal(image.Data[..15], padded.Image.Data.AsSpan((2 * 9 + 1) * 3, 15).ToArray());
        Assert.Equal(LabelMap.Ignore, padded.Annotation.Map![0, 0]);
        Assert.Equal(1, padded.Annotation.Map[2, 1]);
        Assert.Equal(new Box(1, 2, 6, 6), padded.Annotation.Instances![0].Box);
    }

    [Fact]
    public void Objects_go_when_too_little_of_them_is_left()
    {
        // Of the box 30..62 a crop from 60 leaves 2 of 32 columns: a sixteenth.
        var scene = Scenes.Painted(Size, (30, 20, 62, 50)).WithoutMasks();
        Scene Cut(KeepRule keep) => new Crop(Size, 60, 0, new ImageSize(90, 60)) { Keep = keep }.Apply(scene);
        Assert.Single(Cut(KeepRule.Any).Annotation.Instances!);
        Assert.Single(Cut(new KeepRule(1 / 16.0 - 1e-6)).Annotation.Instances!);
        Assert.Equal(new Box(0, 20, 2, 50), Cut(KeepRule.Any).Annotation.Instances![0].Box);
        Assert.Equal((0, 1), (Cut(KeepRule.Default).Annotation.Instances!.Count, Cut(KeepRule.Default).DroppedObjects));
        Assert.Empty(Cut(new KeepRule(0, CentreInside: true)).Annotation.Instances!);
        Assert.Equal(default, Cut(KeepRule.Any).Annotation.Instances![0].Keypoints![0]);
        var outside = new Crop(Size, 70, 0, new ImageSize(90, 50)) { Keep = KeepRule.Any }.Apply(scene);
        Assert.Empty(outside.Annotation.Instances!);
    }

    [Fact]
    public void A_cut_box_is_narrowed_to_what_is_left_of_its_mask()
    {
        // A triangle: at its right end only the top row is left.
        var bitmap = new byte[20 * 20];
        for (var y = 0; y < 20; y++)
            bitmap.AsSpan(y * 20, 20 - y).Fill(1);
        var scene = Scene.Of(
            new Image(new ImageSize(20, 20), 3), new Annotation { Instances = [new Instance(0, new Box(0, 0, 20, 20)) { Mask = RunLengthMask.FromBitmap(bitmap, new ImageSize(20, 20)) }] });
        var cut = new Crop(new ImageSize(20, 20), 10, 0, new ImageSize(20, 10)).Apply(scene);
        Assert.Equal(new Box(0, 0, 10, 10), cut.Annotation.Instances![0].Box);
    }

    [Fact]
    public void A_scene_without_objects_or_of_another_size()
    {
        var empty = Scene.Of(new Image(Size, 3), new Annotation { Instances = [] });
        Assert.Empty(new Flip(Size).Apply(empty).Annotation.Instances!);
        Assert.Null(new Flip(Size).Apply(Scene.Of(new Image(Size, 3))).Annotation.Instances);
        Assert.Throws<ArgumentException>(() => new Flip(Size).Apply(Scene.Of(new Image(new ImageSize(3, 3), 3))));
        var other = empty with { Annotation = new Annotation { Map = new LabelMap(new ImageSize(1, 1), [0]) } };
        Assert.Contains("label map", Assert.Throws<DataException>(() => new Flip(Size).Apply(other)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Warp(Size, Size, new Projection(1, 0, 0, 0, 1, 0, -0.02, 0, 1)));
    }

    [Fact]
    public void Origins_map_boxes_back_to_the_file()
    {
        var scene = new PreprocessingRule(new Preprocessing { SizeRule = SizeRule.Letterbox, Height = 64, Width = 64 }).For(Size).Apply(Scenes.Painted(Size, (30, 20, 62, 50)));
        var origin = scene.Origin("7");
        AssertClose(new Box(30, 20, 62, 50), origin.ToOriginal(scene.Annotation.Instances![0].Box));
        Assert.Equal((Size, new ImageSize(64, 64), "painted.png", "7"), (origin.OriginalSize, origin.NetworkSize, origin.Path, origin.Id));
        var mirrored = new Flip(Size).Apply(Scenes.Painted(Size, (30, 20, 62, 50)));
        AssertClose(new Box(30, 20, 62, 50), mirrored.Origin("7").ToOriginal(mirrored.Annotation.Instances![0].Box));
        var turned = new Warp(Size, Size, Projection.Rotate(1)).Apply(Scenes.Painted(Size)).Origin("7");
        Assert.Contains("painted.png", Assert.Throws<InvalidOperationException>(() => turned.ToOriginal(default)).Message, StringComparison.Ordinal);
    }

    private static bool In(Box box, int x, int y, float margin) =>
        x + 0.5f > box.X1 - margin && x + 0.5f < box.X2 + margin && y + 0.5f > box.Y1 - margin && y + 0.5f < box.Y2 + margin;

    private static void AssertClose(Box expected, Box found)
    {
        Assert.Equal(expected.X1, found.X1, 1e-3);
        Assert.Equal(expected.Y1, found.Y1, 1e-3);
        Assert.Equal(expected.X2, found.X2, 1e-3);
        Assert.Equal(expected.Y2, found.Y2, 1e-3);
    }

    private static Dictionary<string, ITransform> All() => new()
    {
        ["flip"] = new Flip(Size),
        ["flip vertically"] = new Flip(Size, horizontal: false),
        ["quarter turn"] = new QuarterTurn(Size, 1),
        ["half turn"] = new QuarterTurn(Size, 2),
        ["three quarter turn"] = new QuarterTurn(Size, 3),
        ["crop"] = new Crop(Size, 10, 15, new ImageSize(60, 90)),
        ["pad"] = Crop.Pad(Size, 5, 7, 2, 0),
        ["enlarge"] = new Resize(Size, new ImageSize(200, 260), Interpolation.Nearest),
        ["shrink"] = new Resize(Size, new ImageSize(60, 61), Interpolation.Nearest),
        ["letterbox"] = SizeSteps.Letterbox(Size, new ImageSize(150, 140), Interpolation.Nearest, default),
        ["turn"] = new Warp(Size, Size, Warp.Around(Size, Projection.Rotate(20))),
        ["scale and slant"] = new Warp(Size, Size, Warp.Around(Size, Projection.Shear(10, 5) * Projection.Scale(1.1, 1.2))),
        ["perspective"] = new Warp(Size, Size, Projection.Through([(0, 0), (120, 0), (120, 90), (0, 90)], [(10, 5), (110, 8), (118, 85), (2, 80)])),
        ["elastic"] = new Elastic(Size, new double[,] { { 3, -2, 1 }, { -4, 5, 2 }, { 0, 3, -5 } }, new double[,] { { -3, 2, 4 }, { 1, -5, 3 }, { 2, 0, 4 } }),
        ["flip then turn then cut"] = new Sequence(new Flip(Size), new Warp(Size, Size, Warp.Around(Size, Projection.Rotate(-10))), new Crop(Size, 5, 5, new ImageSize(80, 110))),
    };
}
