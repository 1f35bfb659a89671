using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models.Classification;

/// <summary>Counts and recorded outputs of the reference implementations.</summary>
[LeakCheck]
public class ClassifierGoldenTests
{
    [Theory]
    [InlineData("alexnet", 61_100_840, 16)]
    [InlineData("alexnet_2012", 60_965_224, 16)]
    [InlineData("zfnet", 62_357_608, 16)]
    [InlineData("vgg11", 132_863_336, 22)]
    [InlineData("vgg13", 133_047_848, 26)]
    [InlineData("vgg16", 138_357_544, 32)]
    [InlineData("vgg19", 143_667_240, 38)]
    [InlineData("vgg11_bn", 132_868_840, 62)]
    [InlineData("vgg13_bn", 133_053_736, 76)]
    [InlineData("vgg16_bn", 138_365_992, 97)]
    [InlineData("vgg19_bn", 143_678_248, 118)]
    [InlineData("squeezenet1_0", 1_248_424, 52)]
    [InlineData("squeezenet1_1", 1_235_496, 52)]
    [InlineData("googlenet", 13_004_888, 364)]
    [InlineData("googlenet_2014", 13_378_280, 128)]
    [InlineData("bn_inception", 11_295_240, 485)]
    [InlineData("bn_inception_paper", 11_194_984, 416)]
    [InlineData("inception_v3", 27_161_264, 580)]
    [InlineData("densenet121", 7_978_856, 727)]
    [InlineData("densenet161", 28_681_000, 967)]
    [InlineData("densenet169", 14_149_480, 1015)]
    [InlineData("densenet201", 20_013_928, 1207)]
    [InlineData("mobilenet_v3_small", 2_542_856, 244)]
    [InlineData("mobilenet_v3_large", 5_483_032, 312)]
    [InlineData("wide_resnet50_2", 68_883_240, 320)]
    [InlineData("wide_resnet101_2", 126_886_696, 626)]
    [InlineData("resnext101_64x4d", 83_455_272, 626)]
    [InlineData("legacy_seresnet34", 21_958_868, 282)]
    [InlineData("seresnet18", 11_779_624, 154)]
    [InlineData("seresnet34", 21_960_416, 282)]
    [InlineData("legacy_seresnet101", 49_326_872, 758)]
    [InlineData("legacy_seresnet152", 66_821_848, 1132)]
    [InlineData("legacy_seresnext50_32x4d", 27_559_896, 384)]
    [InlineData("legacy_seresnet18", 11_778_592, 154)]
    [InlineData("inception_v2", 24_410_696, 572)]
    [InlineData("inception_resnet_v1", 22_756_328, 684)]
    [InlineData("facenet", 27_910_327, 716, 8631)]
    [InlineData("facenet", 28_907_599, 716, 10575)]
    [InlineData("darknet19", 20_842_376, 110)]
    [InlineData("lenet5", 61_706, 10, 10, 1)]
    [InlineData("lenet5_1998", 60_000, 13, 10, 1)]
    [InlineData("cifar_resnet110", 1_727_962 + 5_850, 656, 100)]
    [InlineData("cifar_densenet_bc190_k40", 25_624_430, 1136, 10)]
    [InlineData("model_c", 954_730, 14, 10)]
    [InlineData("strided_cnn_c", 972_100, 14, 100)]
    [InlineData("convpool_cnn_c", 1_387_108, 18, 100)]
    [InlineData("all_cnn_c", 1_369_738, 18, 10)]
    [InlineData("nin_cifar", 966_986, 18, 10)]
    [InlineData("nin_cifar", 984_356, 18, 100)]
    [InlineData("nin_imagenet", 7_595_176, 24, 1000)]
    public void Has_the_published_tensors(string name, long parameters, int entries, int classes = 1000, int channels = 3)
    {
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = classes, InChannels = channels });
        Assert.Equal(parameters, model.ParameterCount());
        Assert.Equal(entries, model.StateDict().Count);
    }

    [Theory]
    [InlineData("alexnet", 224, 5.64636, -8.79958, 9.0661, -0.0190811, 7.10904, 474)]
    [InlineData("vgg11", 224, 6.29618, -9.56375, 9.35262, -0.0214598, 7.66947, 356)]
    [InlineData("vgg16", 224, 6.70495, -9.84774, 9.08552, -0.0212184, 7.70706, 356)]
    [InlineData("vgg19", 224, 6.67833, -9.70452, 8.78407, -0.0207756, 7.50754, 356)]
    [InlineData("vgg16_bn", 224, 6.45074, -9.55056, 8.98361, -0.0202384, 7.50342, 356)]
    [InlineData("googlenet", 224, -10.563, -6.16788, -7.78211, 1.41988, 7.99914, 644)]
    [InlineData("bn_inception", 224, -0.0704047, -0.106966, 0.0170514, 0.00272548, 1.09735, 987)]
    [InlineData("inception_v3", 299, 0.0543089, -0.00550318, -0.168259, 0.0495118, 0.222805, 886)]
    [InlineData("densenet121", 224, 2.34427, 3.75299, -1.68034, 0.0442498, 1.33375, 270)]
    [InlineData("densenet161", 224, 14.558, 8.16297, 16.1965, 0.208366, 7.61416, 846)]
    [InlineData("densenet169", 224, 5.35072, -0.845867, 1.45902, 0.0528739, 2.7776, 456)]
    [InlineData("densenet201", 224, 7.67386, -3.33206, -5.35726, 0.0864399, 4.07309, 81)]
    public void Equals_the_recorded_outputs(string name, int side, double first, double second, double last, double mean, double std, int best)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var skip = Init.Skip();
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 1000 });
        GoldenFill.Fill(model);
        model.Eval();
        var logits = model.Forward(GoldenFill.Image(3, side)).Single(o => o.Key == "logits").Value;
        Assert.Equal([1, 1000], logits.Shape);
        GoldenFill.AssertOutput(logits, first, second, last, mean, std, best);
    }

    [Theory]
    [InlineData("googlenet", 6_624_904)]
    [InlineData("inception_v3", 23_834_568)]
    [InlineData("googlenet_2014", 6_998_552)]
    public void Auxiliary_heads_can_be_left_out(string name, long parameters)
    {
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find(name);
        var fitted = entry.Fit(["fc.weight"], new ModelOptions { Outputs = 1000 });
        using var model = entry.Build(fitted);
        Assert.Equal(parameters, model.ParameterCount());
        using var whole = entry.Build(new ModelOptions { Outputs = 1000 });
        var own = new ModelOptions { Outputs = 1000 };
        Assert.Same(own, entry.Fit([.. whole.StateDict().Select(static t => t.Key)], own));
    }

    [Theory]
    [MemberData(nameof(BackboneCatalogTests.Names), MemberType = typeof(BackboneCatalogTests))]
    public void Takes_any_channels_classes_and_sizes_that_are_allowed(string name)
    {
        using var skip = Init.Skip();
        using var noGrad = Autograd.NoGrad();
        var entry = ModelCatalog.Find(name);
        foreach (var channels in new[] { 1, 4, 6 })
        {
            using var scope = new TensorScope();
            using var model = entry.Build(new ModelOptions { Outputs = channels + 1, InChannels = channels });
            model.Eval();
            Assert.Equal(channels is 1 or 4 ? channels : 3, model.Preprocessing.Mean.Count);
            var (height, width) = name switch { "lenet5" => (28, 28), "lenet5_1998" => (32, 32), _ when entry.DefaultOutputs == 10 => (33, 45), "bn_inception" or "bn_inception_paper" => (64, 96), _ => (83, 107) };
            var logits = model.Forward(Tensor.Zeros([1, channels, height, width])).First(static o => o.Key == "logits").Value;
            Assert.Equal([1, channels + 1], logits.Shape);
        }
    }

    [Theory]
    [InlineData("alexnet", 63)]
    [InlineData("alexnet_2012", 67)]
    [InlineData("zfnet", 63)]
    [InlineData("vgg11", 32)]
    [InlineData("squeezenet1_0", 21)]
    [InlineData("squeezenet1_1", 17)]
    [InlineData("googlenet", 15)]
    [InlineData("googlenet_2014", 31)]
    [InlineData("inception_v2", 75)]
    [InlineData("inception_v3", 75)]
    [InlineData("densenet121", 29)]
    [InlineData("cifar_densenet40_k12", 4)]
    public void Takes_the_smallest_picture_of_any_channels_and_refuses_smaller_ones(string name, int side)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 5, InChannels = 1 });
        model.Eval();
        Assert.Single(model.Preprocessing.Mean);
        Assert.Equal([1, 5], Logits(Tensor.Rand([1, 1, side, side + 3])).Shape);
        foreach (var (height, width) in new[] { (side - 1, side), (side, side - 1) })
        {
            var error = Assert.Throws<FoveaException>(() => Logits(Tensor.Rand([1, 1, height, width])));
            Assert.Contains($"found images of {width}x{height} pixels, expected at least {side}x{side}: ", error.Message, StringComparison.Ordinal);
        }

        Assert.Contains("expected [N, 1, H, W]", Assert.Throws<FoveaException>(() => Logits(Tensor.Rand([1, 3, side, side]))).Message, StringComparison.Ordinal);

        Tensor Logits(Tensor images) => model.Forward(images).Single().Value;
    }
}
