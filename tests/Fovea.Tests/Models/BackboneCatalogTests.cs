using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models;

/// <summary>What every backbone owes the heads and necks on it.</summary>
[LeakCheck]
public sealed class BackboneCatalogTests : IDisposable
{
    // Deep kin of networks that stand here too: their blocks are the same.
    private static readonly string[] TooLong =
        ["resnet101", "resnet152", "densenet161", "densenet169", "densenet201", "seresnet101", "seresnet152", "legacy_seresnet101", "legacy_seresnet152",
        "resnext101_32x8d", "resnext101_64x4d", "wide_resnet101_2", "cifar_resnet32", "cifar_resnet44", "cifar_resnet56", "cifar_resnet110",
        "cifar_resnet32_b", "cifar_resnet44_b", "cifar_resnet56_b", "cifar_resnet110_b"];

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-backbones-").FullName;

    public static TheoryData<string> Names => [.. BackboneCatalog.All.Select(static e => e.Name).Except(TooLong)];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_classifier_is_a_backbone()
    {
        Assert.Equal(ModelCatalog.All.Where(static e => e.Task == ModelTask.Classification).Select(static e => e.Name), BackboneCatalog.All.Select(static e => e.Name));
        Assert.Contains("resnet34", Assert.Throws<FoveaException>(() => BackboneCatalog.Find("resnt34")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Says_the_truth_about_its_maps(string name)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var skip = Init.Skip();
        var entry = BackboneCatalog.Find(name);
        using var backbone = entry.Build(new BackboneOptions { InChannels = 2 });
        backbone.Eval();
        Assert.Equal(2, backbone.InChannels);
        foreach (var feature in backbone.Features)
            Assert.IsAssignableFrom<Layer>(backbone.Find(feature.Name));
        Assert.Equal(backbone.Features.OrderBy(static f => f.Stride), backbone.Features);
        Assert.Distinct(backbone.Features.Select(static f => f.Stride));

        // What a picture grows by, maps grow by at their strides, whatever is lost at the borders.
        var side = backbone.Features[^1].Stride == 32 ? 96 : 32;
        var maps = backbone.Forward(Tensor.Rand([1, 2, side, side]));
        var larger = backbone.Forward(Tensor.Rand([1, 2, side + 32, side + 64]));
        Assert.Equal(backbone.Features.Select(static f => (long)f.Channels), maps.Select(static m => m.Shape[1]));
        Assert.Equal(backbone.Features.Select(static f => 32L / f.Stride), maps.Zip(larger, static (m, l) => l.Shape[2] - m.Shape[2]));
        Assert.Equal(backbone.Features.Select(static f => 64L / f.Stride), maps.Zip(larger, static (m, l) => l.Shape[3] - m.Shape[3]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_its_classifier_without_the_head(string name)
    {
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find(name);
        using var classifier = (ImageClassifier)entry.Build(new ModelOptions { Outputs = 3, InChannels = entry.DefaultInChannels });
        using var backbone = BackboneCatalog.Find(name).Build();
        Assert.NotNull(classifier.Backbone);
        var given = classifier.StateDict().ToDictionary(static t => t.Key, static t => t.Value.Shape);
        foreach (var (key, tensor) in backbone.StateDict())
            Assert.True(given.Remove(key, out var shape) && shape == tensor.Shape, $"{name}: {key} {tensor.Shape} is not its classifier's");
        Assert.Contains(given.Keys, key => classifier.HeadPrefixes.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)));
        Assert.Equal(classifier.Backbone.StateDict().Count, backbone.StateDict().Count);
    }

    [Theory]
    [InlineData("vgg11_bn", 48)]
    [InlineData("densenet121", 32)]
    [InlineData("googlenet", 32)]
    [InlineData("inception_v3", 75)]
    [InlineData("mobilenet_v3_small", 32)]
    [InlineData("squeezenet1_1", 32)]
    [InlineData("resnet18", 32)]
    [InlineData("legacy_seresnet50", 32)]
    [InlineData("all_cnn_c", 32)]
    [InlineData("convpool_cnn_c", 32)]
    [InlineData("alexnet_2012", 67)]
    public void Every_map_is_the_same_alone_and_among_others(string name, int side)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(2);
        using var backbone = BackboneCatalog.Find(name).Build();
        backbone.Eval();
        var images = Tensor.Rand([1, 3, side, side]);
        var untouched = images.Clone();
        var maps = backbone.Forward(images);
        for (var i = 0; i < maps.Count; i++)
            Assert.Equal(backbone.Forward(images, i)[0].ToArray<float>(), maps[i].ToArray<float>());
        Assert.Equal(maps[^1].ToArray<float>(), backbone.Last(images).ToArray<float>());
        var reversed = backbone.Forward(images, maps.Count - 1, 0);
        Assert.Equal(maps[^1].Shape, reversed[0].Shape);
        Assert.Equal(maps[0].ToArray<float>(), reversed[1].ToArray<float>());
        Assert.Equal(untouched.ToArray<float>(), images.ToArray<float>());
    }

    [Theory]
    [InlineData("squeezenet1_1", 3)]
    [InlineData("resnet18", 3)]
    [InlineData("legacy_seresnext50_32x4d", 3)]
    [InlineData("nin_cifar", 3)]
    [InlineData("lenet5", 1)]
    [InlineData("mobilenet_v3_small", 3)]
    public void Loads_the_weights_of_its_classifier(string name, int channels)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(3);
        using var classifier = (ImageClassifier)ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 5, InChannels = channels });
        classifier.Eval();
        var path = Path.Combine(folder, "weights.safetensors");
        StateDict.Save(path, classifier);
        using var backbone = BackboneCatalog.Find(name).Build();
        backbone.Eval();
        var report = BackboneWeights.Load(backbone, path);
        Assert.Empty(report.Kept);
        Assert.NotEmpty(report.Ignored);
        var images = Tensor.Rand([2, channels, 32, 32]);
        Assert.Equal(classifier.Backbone!.Last(images).ToArray<float>(), backbone.Last(images).ToArray<float>());
        using var other = BackboneCatalog.Find("densenet121").Build();
        Assert.Contains("do not fit", Assert.Throws<FoveaException>(() => BackboneWeights.Load(other, path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resnet18", 8, 8)]
    [InlineData("resnet50", 16, 16)]
    [InlineData("seresnext50_32x4d", 8, 8)]
    public void Resnets_keep_their_maps_finer_by_dilation(string name, int stride, int reached)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var skip = Init.Skip();
        using var backbone = BackboneCatalog.Find(name).Build(new BackboneOptions { OutputStride = stride });
        backbone.Eval();
        Assert.Equal(reached, backbone.Features[^1].Stride);
        var maps = backbone.Forward(Tensor.Rand([1, 3, 64, 64]));
        Assert.Equal(backbone.Features.Select(static f => 64L / f.Stride), maps.Select(static m => m.Shape[3]));
        Assert.Contains("expected 32", Assert.Throws<FoveaException>(() => BackboneCatalog.Find("vgg11").Build(new BackboneOptions { OutputStride = stride })).Message, StringComparison.Ordinal);
    }
}
