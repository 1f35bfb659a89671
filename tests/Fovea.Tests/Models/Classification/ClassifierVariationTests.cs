using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models.Classification;

/// <summary>Every switch that papers study changes what it should, and nothing else.</summary>
[LeakCheck]
public class ClassifierVariationTests
{
    public static TheoryData<string, object, long> Sizes => new()
    {
        { "resnet18", ResNetVariation.Published with { Shortcut = ResNetShortcut.ZeroPadding }, 11_515_688 },
        { "resnet34", ResNetVariation.Published with { Shortcut = ResNetShortcut.ProjectionEverywhere }, 22_716_840 },
        { "resnet50", ResNetVariation.Published with { Shortcut = ResNetShortcut.ZeroPadding, Norm = NormKind.Group }, 22_780_456 },
        { "resnet18", ResNetVariation.Published with { Norm = NormKind.None }, 11_689_512 - 2 * 4_800 },
        // A learned share for each of the 8 blocks and the stem.
        { "resnet18", ResNetVariation.Published with { Activation = ActivationKind.Prelu }, 11_689_512 + 9 },
        { "cifar_resnet20", ResNetVariation.Published, 272_474 },
        { "cifar_resnet20_b", ResNetVariation.Published with { Shortcut = ResNetShortcut.ZeroPadding, Norm = NormKind.Instance }, 269_722 },
        // Half the squeezed width: 2·C·C/32 weights and C/32 biases less for each block.
        { "legacy_seresnet50", SEResNetVariation.Published with { SqueezeRatio = 32 }, 28_088_024 - (3 * Saved(256) + 4 * Saved(512) + 6 * Saved(1024) + 3 * Saved(2048)) },
        { "alexnet_2012", AlexNet2012Options.Published with { Groups = 1 }, 62_378_344 },
        { "alexnet_2012", AlexNet2012Options.Published with { ResponseNorm = false, PoolsFirst = true }, 60_965_224 },
        { "vgg11", VggOptions.Published with { Norm = NormKind.Batch }, 132_868_840 },
        { "vgg11_bn", VggOptions.Published, 132_863_336 },
        { "vgg13_bn", VggOptions.Published with { Norm = NormKind.Layer }, 133_053_736 },
        { "densenet121", DenseNet.Published(121) with { GrowthRate = 32, Compression = 1 }, 13_908_584 },
        { "cifar_densenet_bc100_k12", DenseNetOptions.ForCifar(100, 12, bottleneck: true, compression: 1), 1_210_066 },
        { "cifar_densenet40_k12", DenseNetOptions.ForCifar(40, 12, bottleneck: false, compression: 0.5), 578_090 },
        { "all_cnn_c", PlainOptions.Published with { Norm = NormKind.Batch }, 1_369_738 + 2 * (3 * 96 + 5 * 192) },
        { "nin_cifar", PlainOptions.Published with { Norm = NormKind.Group, Activation = ActivationKind.Prelu }, 966_986 + 2 * (192 + 160 + 96 + 192 * 5) + 9 },
        { "googlenet_2014", GoogLeNetOptions.Published with { Auxiliary = false }, 6_998_552 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Networks_have_the_size_that_their_options_ask_for(string name, object variation, long parameters)
    {
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = entry.DefaultOutputs, Variation = variation });
        Assert.Equal(parameters, model.ParameterCount());
    }

    public static TheoryData<string, object> Changes => new()
    {
        { "resnet18", ResNetVariation.Published with { Activation = ActivationKind.Silu } },
        { "resnet18", ResNetVariation.Published with { Norm = NormKind.Layer } },
        { "cifar_resnet20", ResNetVariation.Published with { Activation = ActivationKind.Elu, Shortcut = ResNetShortcut.ZeroPadding } },
        { "alexnet_2012", AlexNet2012Options.Published with { ResponseNorm = false } },
        { "alexnet_2012", AlexNet2012Options.Published with { PoolsFirst = true } },
        { "alexnet_2012", AlexNet2012Options.Published with { Activation = ActivationKind.Tanh } },
        { "cifar_densenet_bc100_k12", DenseNetOptions.ForCifar(100, 12, bottleneck: true, compression: 0.5) with { Activation = ActivationKind.Mish } },
        { "all_cnn_c", PlainOptions.Published with { Activation = ActivationKind.LeakyRelu } },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Outputs_change_with_options_that_cost_no_parameters(string name, object variation)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var skip = Init.Skip();
        using var published = Built(null);
        using var varied = Built(variation);
        Assert.Equal(published.ParameterCount(), varied.ParameterCount());
        var image = GoldenFill.Image(3, name == "alexnet_2012" ? 67 : 32);
        var (before, after) = (published.Forward(image)[0].Value.ToArray<float>(), varied.Forward(image)[0].Value.ToArray<float>());
        Assert.All(after, value => Assert.True(float.IsFinite(value)));
        Assert.NotEqual(before, after);

        VisionModel Built(object? options)
        {
            var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 5, Variation = options });
            GoldenFill.Fill(model);
            model.Eval();
            return model;
        }
    }

    [Theory]
    [InlineData(NormKind.Group, ActivationKind.Silu)]
    [InlineData(NormKind.Layer, ActivationKind.Tanh)]
    [InlineData(NormKind.None, ActivationKind.Prelu)]
    [InlineData(NormKind.Batch, ActivationKind.Mish)]
    public void Varied_networks_train(NormKind norm, ActivationKind activation)
    {
        RandomState.Seed(2);
        using var scope = new TensorScope();
        using var batch = new Batch
        {
            Images = Tensor.Randn([2, 3, 32, 32]), Labels = Tensor.FromArray<long>([0, 1]),
            Origins = [.. Enumerable.Range(0, 2).Select(i => new ImageOrigin("", "", new ImageSize(32, 32), new ImageSize(32, 32)))],
        };
        foreach (var (name, variation) in new (string, object)[]
        {
            ("cifar_resnet20", ResNetVariation.Published with { Norm = norm, Activation = activation }), ("all_cnn_c", PlainOptions.Published with { Norm = norm, Activation = activation }),
            ("cifar_densenet40_k12", DenseNetOptions.ForCifar(13, 4, bottleneck: false, compression: 0.5) with { Norm = norm == NormKind.None ? NormKind.Batch : norm, Activation = activation }),
        })
        {
            using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 3, Variation = variation });
            model.Loss(batch).Total().Backward();
            foreach (var (key, parameter) in model.NamedParameters())
                Assert.True(parameter.Gradient is { } gradient && double.IsFinite(gradient.Sum().ToDouble()), $"{name}: {key} has no gradient");
        }
    }

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        Assert.Contains("norm", Fails("cifar_densenet40_k12", DenseNetOptions.ForCifar(40, 12, false, 1) with { Norm = NormKind.None }), StringComparison.Ordinal);
        Assert.Contains("compression 1.5", Fails("densenet121", DenseNet.Published(121) with { Compression = 1.5 }), StringComparison.Ordinal);
        Assert.Contains("scale", Fails("resnet18", ResNetVariation.Published with { Norm = NormKind.None, ZeroInitLastNorm = true }), StringComparison.Ordinal);
        Assert.Contains("SEResNetVariation", Fails("seresnet50", ResNetVariation.Published), StringComparison.Ordinal);
        Assert.Contains("expected 6n + 4", Assert.Throws<FoveaException>(() => DenseNetOptions.ForCifar(99, 12, true, 0.5)).Message, StringComparison.Ordinal);

        static string Fails(string name, object variation) =>
            Assert.Throws<FoveaException>(() => ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 5, Variation = variation })).Message;
    }

    [Fact]
    public void One_small_picture_cannot_train_batch_norms()
    {
        using var scope = new TensorScope();
        using var model = ModelCatalog.Find("resnet18").Build(new ModelOptions { Outputs = 5 });
        using var batch = new Batch { Images = Tensor.Rand([1, 3, 32, 32]), Labels = Tensor.FromArray<long>([0]), Origins = [new ImageOrigin("", "", new ImageSize(32, 32), new ImageSize(32, 32))] };
        Assert.Contains("batches of two pictures or more", Assert.ThrowsAny<FoveaException>(() => model.Loss(batch)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_whose_maps_do_not_halve_are_refused()
    {
        using var scope = new TensorScope();
        using var skip = Init.Skip();
        using var model = ModelCatalog.Find("bn_inception").Build(new ModelOptions { Outputs = 5 });
        Assert.Contains("near a multiple of 32, such as 256", Assert.Throws<FoveaException>(() => model.Forward(Tensor.Rand([1, 3, 240, 240]))).Message, StringComparison.Ordinal);
    }

    private static long Saved(int channels) => 2L * channels * channels / 32 + channels / 32;
}
