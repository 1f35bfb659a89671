using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Optim;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>What semantic networks owe whoever trains them: a loss that falls, maps of the picture's size, one clear error.</summary>
[LeakCheck]
public class SegmenterTrainingTests
{
    private const int Classes = 4;

    // Of networks with wide layers a narrow one, of those on deep backbones the shallowest.
    private static readonly Dictionary<string, Func<int, Segmenter>> Networks = new()
    {
        ["fcn8s_vgg16"] = channels => new FcnVgg(8, channels, Classes, width: 32, trunkWidth: 8),
        ["deconvnet"] = channels => new DeconvNet(channels, Classes, width: 32, trunkWidth: 8),
        ["deeplabv1_vgg16_largefov"] = channels => new DeepLabV1(channels, Classes, width: 32),
        ["deeplabv1_resnet101"] = channels => new DeepLabV1ResNet(new DeepLabResNet([1, 1, 1, 3], inChannels: channels), Classes),
        ["deeplabv2_vgg16"] = channels => new DeepLabV2Vgg(channels, Classes, width: 32),
        ["deeplabv2_resnet101"] = channels => new DeepLabV2(new DeepLabResNet([1, 1, 1, 3], inChannels: channels), Classes),
        ["deeplabv3_resnet101_multigrid"] = channels => new DeepLabV3MultiGrid(new DeepLabResNet([1, 1, 1, 3], 16, [1, 2, 4], channels), Classes),
        ["deeplabv3plus_resnet101"] = channels => new DeepLabV3Plus(new DeepLabResNet([1, 1, 1, 3], 16, [1, 2, 4], channels), Classes),
        ["deeplabv3_mobilenet_v3_large"] = channels => new DeepLabV3(new DilatedMobileNetV3(channels), Classes),
        ["lraspp_mobilenet_v3_large"] = channels => new Lraspp(new DilatedMobileNetV3(channels), Classes),
        ["fcn_resnet50"] = channels => new Fcn(Small(channels), Classes),
        ["refinenet_resnet50"] = channels => new RefineNet(Small(channels), Classes),
        ["gcn_resnet50"] = channels => new Gcn(Small(channels), Classes),
        ["semantic_fpn_resnet50"] = channels => new SemanticFpn(Small(channels), Classes),
        ["dfn_resnet101"] = channels => new Dfn(Small(channels), Classes),
        ["pspnet_resnet50"] = channels => new PspNet(Small(channels), Classes),
        ["segnet"] = channels => new SegNet(channels, Classes),
        ["enet"] = channels => new ENet(channels, Classes),
    };

    public static TheoryData<string> Names => [.. Networks.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_few_steps_lower_the_loss(string name)
    {
        RandomState.Seed(1);
        using var outer = new TensorScope();
        using var model = Networks[name](2);
        // These see 200 pixels and more whatever the picture's size.
        var isLarge = name is "fcn8s_vgg16" or "deconvnet";
        var (count, height, width) = name == "deconvnet" ? (1, 193, 225) : isLarge ? (1, 12, 20) : (2, 33, 40);
        using var batch = Pictures(count, 2, height, width);
        using var optimizer = new Sgd([ParameterGroup.Of(model, 0.0003)]);
        var losses = new List<double>();
        for (var step = 0; step < (isLarge ? 2 : 4); step++)
        {
            using var scope = new TensorScope();
            // The same is dropped every time, so that losses compare.
            RandomState.Seed(2);
            optimizer.ZeroGradients();
            var terms = model.Loss(batch);
            Assert.All(terms.Terms, term => Assert.True(double.IsFinite(term.Value.ToDouble()), $"{term.Key} is not finite"));
            var loss = terms.Total();
            loss.Backward();
            optimizer.Step();
            losses.Add(loss.ToDouble());
        }

        Assert.True(losses[^1] < losses[0], $"the losses were {string.Join(", ", losses)}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Maps_have_the_size_of_the_picture(string name)
    {
        using var outer = new TensorScope();
        using var model = Networks[name](1);
        model.Eval();
        using var batch = Pictures(1, 1, 3, 10);
        using var pixel = Pictures(1, 1, 1, 1);
        void Check()
        {
            Assert.Equal(new ImageSize(3, 10), model.Predict(batch).Single().Map!.Size);
            Assert.Equal(new ImageSize(1, 1), model.Predict(pixel).Single().Map!.Size);
        }

        Check();
        using var plan = InferencePlan.Create(model, Dtype.BFloat16);
        Check();
    }

    [Theory]
    [InlineData("deeplabv3_mobilenet_v3_large", 33)]
    [InlineData("deeplabv3_resnet101_multigrid", 33)]
    [InlineData("deeplabv3plus_resnet101", 33)]
    [InlineData("pspnet_resnet50", 33)]
    [InlineData("dfn_resnet101", 33)]
    [InlineData("bisenet_resnet18", 33)]
    [InlineData("smp_deeplabv3_resnet18", 33)]
    [InlineData("unet", 16)]
    public void A_single_picture_cannot_train_a_norm_of_means(string name, int side)
    {
        using var outer = new TensorScope();
        using var model = Networks.TryGetValue(name, out var build) ? build(3) : SegmenterContract.Build(name, Classes);
        using var batch = Pictures(1, 3, side, side);
        var error = Assert.ThrowsAny<FoveaException>(() => model.Loss(batch));
        Assert.Contains("one value a channel", error.Message, StringComparison.Ordinal);
        Assert.All(model.NamedBuffers().Where(static b => b.Value.Dtype == Dtype.Float32), static b => Assert.True(b.Value.Isfinite().All().ToBoolean(), b.Key));
    }

    [Theory]
    [InlineData("deeplabv1_resnet101")]
    [InlineData("deeplabv2_resnet101")]
    public void Weights_of_pixels_have_no_place_on_a_coarser_grid(string name)
    {
        using var outer = new TensorScope();
        using var model = Networks[name](3);
        using var batch = Pictures(2, 3, 33, 40);
        using var weighted = new Batch { Images = batch.Images, Maps = batch.Maps, Origins = batch.Origins, PixelWeights = Tensor.Ones([2, 33, 40]) };
        Assert.Contains("found weights of pixels", Assert.Throws<FoveaException>(() => model.Loss(weighted)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_stage_of_deep_supervision_has_its_term()
    {
        using var outer = new TensorScope();
        RandomState.Seed(1);
        using var batch = Pictures(2, 3, 33, 40);
        string[] TermsOf(string name)
        {
            using var model = Networks[name](3);
            return [.. model.Loss(batch).Terms.Select(t => t.Key)];
        }

        Assert.Equal([.. Levels("smooth", "cross_entropy"), .. Levels("border", "focal")], TermsOf("dfn_resnet101"));
        Assert.Equal(["full_cross_entropy", "0.5_cross_entropy", "0.75_cross_entropy", "max_cross_entropy"], TermsOf("deeplabv2_resnet101"));
        Assert.Equal(["cross_entropy", "aux_cross_entropy"], TermsOf("pspnet_resnet50"));
    }

    [Fact]
    public void Borders_are_seven_pixels_wide_and_ignored_pixels_stay_ignored()
    {
        using var scope = new TensorScope();
        var maps = Tensor.Zeros([1, 3, 12], Dtype.Int64);
        maps[.., .., 6..].FillInPlace(1);
        maps[0, 0, 0].FillInPlace(255);
        var row = Dfn.BorderTargets(maps)[0, 0].ToArray<long>();
        // The last pixel before the change is 5: three on either side of it.
        Assert.Equal([255, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], row);
        Assert.Equal([0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], Dfn.BorderTargets(maps)[0, 2].ToArray<long>());
    }

    private static IEnumerable<string> Levels(string network, string loss) => Enumerable.Range(1, 4).Select(level => $"{network}{level}_{loss}");

    private static ResNet Small(int channels) => ResNet.OfDepth(18, new ResNetOptions { InChannels = channels });

    private static Batch Pictures(int count, int channels, int height, int width)
    {
        var size = new ImageSize(height, width);
        var maps = Aten.Randint(Classes, [count, height, width], Dtype.Int64);
        maps[0, 0].FillInPlace(LabelMap.Ignore);
        return new Batch
        {
            Images = Tensor.Randn([count, channels, height, width]), Maps = maps,
            Origins = [.. Enumerable.Range(0, count).Select(i => new ImageOrigin($"{i}.png", $"{i}", size, size))],
        };
    }
}
