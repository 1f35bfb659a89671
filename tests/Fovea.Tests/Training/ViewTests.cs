using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Models.Segmentation;
using Fovea.Tests.Transforms;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Training;
using Fovea.Transforms;

namespace Fovea.Tests.Training;

/// <summary>Test-time augmentation.</summary>
[LeakCheck]
public class ViewTests
{
    private static readonly Preprocessing Square = new() { SizeRule = SizeRule.ShorterSideThenCrop, ShorterSide = 32, Height = 28, Width = 28 };

    [Theory]
    [InlineData(CropViews.One, 1)]
    [InlineData(CropViews.TenCrop, 10)]
    [InlineData(CropViews.MultiCrop, 150)]
    [InlineData(CropViews.Googlenet, 144)]
    public void As_many_crops_as_the_papers_have_and_all_of_the_networks_size(CropViews crops, int count)
    {
        var scene = Scene.Of(Scenes.RandomImage(new ImageSize(40, 61)));
        var views = CropPlan.Of(new TestViews { Crops = crops }, Square, scene.Image.Size).Select(view => view.Apply(scene).Image).ToList();
        Assert.Equal(count, views.Count);
        Assert.All(views, static view => Assert.Equal(new ImageSize(28, 28), view.Size));
        Assert.Equal(count, views.Select(static view => Convert.ToBase64String(view.Data)).Distinct().Count());
    }

    [Fact]
    public void Ten_crops_are_torchvisions()
    {
        var image = Scenes.RandomImage(new ImageSize(37, 50));
        var reference = PythonReference.Run(
            """
            import torchvision.transforms.functional as F; from PIL import Image
            i = F.resize(Image.fromarray(a), 32); out['t'] = np.stack([np.asarray(c) for c in F.ten_crop(i, 28)])
            """, ("a", Scenes.Array(image)));
        var scene = Scene.Of(image);
        var views = CropPlan.Of(new TestViews { Crops = CropViews.TenCrop }, Square, image.Size).SelectMany(view => view.Apply(scene).Image.Data).ToArray();
        Assert.Equal(reference["t"].To<byte>(), views);
    }

    [Fact]
    public void The_mean_of_the_probabilities_is_predicted_and_one_view_is_plain_prediction()
    {
        using var scope = new TensorScope();
        using var skip = Autograd.NoGrad();
        RandomState.Seed(4);
        using var model = new LeNet5(3, 1);
        model.Eval();
        model.Preprocessing = Square with { Channels = ImageChannels.Grey, Mean = [0.5f], Std = [0.2f] };
        var scene = Scene.Of(Scenes.RandomImage(new ImageSize(40, 61), 1));
        float[] Views(TestViews views) => ViewPrediction.Predict(model, Arithmetic.Plain, views, scene).Probabilities!;
        using var batch = Fovea.Data.Loading.Collation.ForPrediction([("a", scene.Image)], model.Preprocessing);
        var plain = model.Predict(batch)[0].Probabilities!;
        Assert.Equal(plain, Views(new TestViews()));
        using var mirrored = Fovea.Data.Loading.Collation.ForPrediction([("a", scene.Image.FlipHorizontal())], model.Preprocessing);
        var other = model.Predict(mirrored)[0].Probabilities!;
        Assert.Equal(plain.Zip(other, static (a, b) => (a + b) / 2), Views(new TestViews { Flips = true }), Near(1e-3f));
        Assert.Equal(1, Views(new TestViews { Crops = CropViews.Googlenet }).Sum(), 1e-5f);
    }

    [Fact]
    public void One_view_of_a_semantic_network_is_plain_prediction()
    {
        using var scope = new TensorScope();
        using var skip = Autograd.NoGrad();
        using var model = new Local { Preprocessing = Grey };
        var scene = Scene.Of(Scenes.RandomImage(new ImageSize(37, 50), 1));
        using var batch = Fovea.Data.Loading.Collation.ForPrediction([("a", scene.Image)], model.Preprocessing);
        var plain = model.Predict(batch)[0].Map!;
        Assert.Equal(plain.Values, ViewPrediction.Predict(model, Arithmetic.Plain, new TestViews(), scene).Map!.Values);
        Assert.True(plain.Values.Distinct().Count() > 1);
    }

    [Theory]
    [InlineData(16, 0.5, true)]
    [InlineData(16, 0, false)]
    [InlineData(24, 0.25, true)]
    public void Tiles_of_a_network_that_sees_only_neighbours_give_the_map_of_the_whole(int tile, double overlap, bool gaussian)
    {
        using var scope = new TensorScope();
        using var skip = Autograd.NoGrad();
        using var model = new Local { Preprocessing = Grey };
        var scene = Scene.Of(Scenes.RandomImage(new ImageSize(37, 50), 1));
        var whole = ViewPrediction.Predict(model, Arithmetic.Plain, new TestViews(), scene).Map!;
        var tiled = ViewPrediction.Predict(model, Arithmetic.Plain, new TestViews { Tile = tile, Overlap = overlap, WeighsTileCentres = gaussian }, scene).Map!;
        Assert.Equal(whole.Size, tiled.Size);
        // The network reaches one pixel far: what is further from every edge of its tiles is exact.
        var (rows, columns) = (Edges(37), Edges(50));
        var compared = 0;
        for (var y = 1; y < 36; y++)
        {
            for (var x = 1; x < 49; x++)
            {
                if (rows.Contains(y) || columns.Contains(x))
                    continue;
                Assert.Equal(whole[y, x], tiled[y, x]);
                compared++;
            }
        }

        Assert.True(compared > 500);

        HashSet<int> Edges(int size) => [.. Fovea.Ops.SlidingWindow.Starts(size, tile, overlap).SelectMany(start => new[] { start, start + tile - 1 })];
    }

    [Fact]
    public void A_picture_smaller_than_a_tile_has_a_map_of_its_own_size()
    {
        using var scope = new TensorScope();
        using var skip = Autograd.NoGrad();
        using var model = new Local { Preprocessing = Grey };
        var scene = Scene.Of(Scenes.RandomImage(new ImageSize(9, 40), 1));
        var whole = ViewPrediction.Predict(model, Arithmetic.Plain, new TestViews(), scene).Map!;
        var tiled = ViewPrediction.Predict(model, Arithmetic.Plain, new TestViews { Tile = 64 }, scene).Map!;
        Assert.Equal(whole.Size, tiled.Size);
        for (var y = 1; y < 8; y++)
            Assert.Equal(whole.Values.AsSpan(y * 40 + 1, 38).ToArray(), tiled.Values.AsSpan(y * 40 + 1, 38).ToArray());
    }

    [Fact]
    public void Flips_and_scales_average_probabilities()
    {
        using var scope = new TensorScope();
        using var skip = Autograd.NoGrad();
        using var model = new Local { Preprocessing = Grey };
        var image = Scenes.RandomImage(new ImageSize(12, 20), 1);
        var scene = Scene.Of(image);
        Tensor Probabilities(Image picture)
        {
            using var batch = Fovea.Data.Loading.Collation.ForPrediction([("a", picture)], model.Preprocessing);
            return model.Scores(batch).Softmax(1);
        }

        var expected = Probabilities(image) + Probabilities(image.FlipHorizontal()).Flip([3]);
        Assert.Equal(Best(expected), ViewPrediction.Predict(model, Arithmetic.Plain, new TestViews { Flips = true }, scene).Map!.Values);
        var larger = Probabilities(image.Resize(new ImageSize(24, 40), Interpolation.BilinearAntialias)).UpsampleBilinear2d([12, 20], false);
        Assert.Equal(Best(Probabilities(image) + larger), ViewPrediction.Predict(model, Arithmetic.Plain, new TestViews { Scales = [1, 2] }, scene).Map!.Values);

        static byte[] Best(Tensor probabilities) => [.. probabilities[0].Argmax(0).ToArray<long>().Select(static label => (byte)label)];
    }

    [Fact]
    public void Every_class_may_have_its_highest_probability_over_all_windows()
    {
        using var scope = new TensorScope();
        using var skip = Autograd.NoGrad();
        using var model = new Local { Preprocessing = Grey };
        var image = Scenes.RandomImage(new ImageSize(12, 20), 1);
        Tensor Probabilities(Image picture)
        {
            using var batch = Fovea.Data.Loading.Collation.ForPrediction([("a", picture)], model.Preprocessing);
            return model.Scores(batch).Softmax(1);
        }

        byte[] Map(TestViews views) => ViewPrediction.Predict(model, Arithmetic.Plain, views with { TakesHighest = true }, Scene.Of(image)).Map!.Values;
        var whole = Probabilities(image);
        Assert.Equal(Best(whole.Maximum(Probabilities(image.FlipHorizontal()).Flip([3]))), Map(new TestViews { Flips = true }));
        // Two tiles of 12 by 12, of which each pixel between 8 and 11 is in both.
        var expected = whole.ZerosLike();
        foreach (var x in new[] { 0, 8 })
            expected[.., .., .., x..(x + 12)].CopyInPlace(expected[.., .., .., x..(x + 12)].Maximum(Probabilities(image.Crop(x, 0, 12, 12))));
        Assert.Equal(Best(expected), Map(new TestViews { Tile = 12, Overlap = 0.3 }));

        static byte[] Best(Tensor probabilities) => [.. probabilities[0].Argmax(0).ToArray<long>().Select(static label => (byte)label)];
    }

    [Fact]
    public void A_random_field_sharpens_the_mean_of_the_views()
    {
        using var scope = new TensorScope();
        using var skip = Autograd.NoGrad();
        using var model = new Local { Preprocessing = Grey };
        var scene = Scene.Of(Scenes.RandomImage(new ImageSize(12, 20), 1));
        using var batch = Fovea.Data.Loading.Collation.ForPrediction([("a", scene.Image)], model.Preprocessing);
        var plain = model.Predict(batch)[0].Map!.Values;
        model.Crf = new Fovea.Ops.DenseCrf { IsExact = true };
        var sharp = model.Predict(batch)[0].Map!.Values;
        Assert.NotEqual(plain, sharp);
        Assert.Equal(sharp, ViewPrediction.Predict(model, Arithmetic.Plain, new TestViews { Scales = [1, 1] }, scene).Map!.Values);
    }

    [Fact]
    public void A_recipe_may_name_its_views()
    {
        const string yaml = "model: { name: unet }\noptimizer: { name: sgd, learning_rate: 0.1 }\nviews: { tile: 64, overlap: 0.25, weighs_tile_centres: false, flips: true, scales: [0.5, 1] }";
        var recipe = Recipe.Parse(yaml, "my.yaml");
        Assert.Equal((64, 0.25, false, true), (recipe.Views!.Tile, recipe.Views.Overlap, recipe.Views.WeighsTileCentres, recipe.Views.Flips));
        Assert.Equal([0.5, 1], recipe.Views.Scales);
        Assert.Equal(recipe.ToYaml(), Recipe.Parse(recipe.ToYaml(), "again").ToYaml());
        Assert.Equal(CropViews.TenCrop, Recipe.Parse(yaml[..yaml.IndexOf("views", StringComparison.Ordinal)] + "views: { crops: ten_crop }", "my.yaml").Views!.Crops);
    }

    [Fact]
    public void Views_must_go_with_the_network()
    {
        using var skip = Init.Skip();
        using var classifier = new LeNet5(3, 1) { Preprocessing = new Preprocessing { Mean = [0], Std = [1] } };
        using var segmenter = new Local { Preprocessing = Grey with { SizeMultiple = 8 } };
        var scene = Scene.Of(Scenes.RandomImage(new ImageSize(28, 28), 1));
        void Fails(VisionModel model, TestViews views, string message) => Assert.Contains(
            message, Assert.Throws<FoveaException>(() => ViewPrediction.Predict(model, Arithmetic.Plain, views, scene)).Message, StringComparison.Ordinal);
        Fails(classifier, new TestViews { Tile = 8 }, "found tiles or scales for a classifier");
        Fails(classifier, new TestViews { Crops = CropViews.TenCrop }, "found the size rule Keep, expected one that gives every picture the same size");
        Fails(segmenter, new TestViews { Crops = CropViews.TenCrop }, "found crops for a semantic network");
        Fails(classifier, new TestViews { TakesHighest = true, Flips = true }, "found takes_highest for a network that gives no maps");
        Fails(segmenter, new TestViews { Tile = 12 }, "tile: found 12 pixels, expected a multiple of 8");
        Fails(segmenter, new TestViews { Scales = [0] }, "scales: found 0, expected one or more above 0");
        Fails(segmenter, new TestViews { Tile = 8, Overlap = 1 }, "overlap: found 1, expected 0 to less than 1");
    }

    private static Preprocessing Grey => new() { Channels = ImageChannels.Grey, Mean = [0.5f], Std = [0.25f] };

    private static Func<float, float, bool> Near(float tolerance) => (a, b) => Math.Abs(a - b) < tolerance;

    /// <summary>One 3x3 convolution: every pixel's class depends on its neighbours alone.</summary>
    private sealed class Local : Segmenter
    {
        private readonly Conv2d conv;

        public Local()
        {
            RandomState.Seed(8);
            conv = Child("conv", new Conv2d(1, 3, 3, padding: 1));
            Eval();
        }

        public override IReadOnlyList<string> HeadPrefixes => ["conv."];

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images) => [KeyValuePair.Create("out", conv.Forward(images))];

        protected override Tensor BatchLogits(Batch batch) => conv.Forward(batch.Images);
    }
}
