using Fovea.Explain;
using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Explain;

[LeakCheck]
public class ReceptiveFieldTests
{
    [Theory]
    [InlineData("lenet5", 28, "c5", 32, 4)]
    [InlineData("alexnet", 224, "features.11", 163, 16)]
    [InlineData("alexnet", 224, "features", 195, 32)]
    [InlineData("alexnet_2012", 227, "pool5", 195, 32)]
    [InlineData("vgg16", 64, "features.29", 196, 16)]
    [InlineData("vgg16", 64, "features", 212, 32)]
    [InlineData("vgg11", 64, "features", 150, 32)]
    [InlineData("vgg13", 64, "features", 156, 32)]
    [InlineData("vgg19", 64, "features", 268, 32)]
    [InlineData("resnet18", 64, "layer4", 435, 32)]
    [InlineData("resnet34", 64, "layer4", 899, 32)]
    [InlineData("resnet50", 64, "layer4", 427, 32)]
    [InlineData("resnet101", 64, "layer4", 971, 32)]
    [InlineData("resnet152", 64, "layer4", 1451, 32)]
    [InlineData("densenet121", 64, "features", 2071, 32)]
    [InlineData("densenet161", 64, "features", 2967, 32)]
    [InlineData("densenet169", 64, "features", 3351, 32)]
    [InlineData("densenet201", 64, "features", 3863, 32)]
    [InlineData("googlenet", 64, "inception5b", 379, 32)]
    [InlineData("googlenet_2014", 64, null, 715, 32)]
    [InlineData("zfnet", 224, "conv5", 139, 16)]
    [InlineData("darknet19", 64, null, 374, 32)]
    [InlineData("darknet53", 64, null, 725, 32)]
    [InlineData("nin_cifar", 32, null, 27, 4)]
    [InlineData("all_cnn_c", 32, "conv7", 27, 4)]
    [InlineData("cifar_resnet20", 32, null, 81, 4)]
    [InlineData("cifar_resnet32", 32, null, 137, 4)]
    [InlineData("cifar_resnet44", 32, null, 193, 4)]
    [InlineData("cifar_resnet56_b", 32, null, 249, 4)]
    [InlineData("cifar_resnet110", 32, null, 501, 4)]
    public void Is_that_of_the_catalogue(string name, int side, string? layer, double size, double stride)
    {
        var (profile, _) = Profile(name, side);
        var found = layer is null ? profile.Layers.Last(l => l.Output.Count == 4 && l.Output[2] > 1 && l.Fields.Count == 2) : profile[layer];
        Assert.All(found.Fields, field => Assert.Equal((size, stride), (field.Size, field.Stride)));
    }

    // The stride in the first 1x1, as He et al. have it, makes the 3x3 behind it see more.
    [Theory]
    [InlineData(50, 483)]
    [InlineData(101, 1027)]
    [InlineData(152, 1507)]
    public void Of_residual_networks_as_published_is_wider(int depth, double size)
    {
        using var skip = Init.Skip();
        using var scope = new TensorScope();
        using var network = ResNet.OfDepth(depth, new ResNetOptions { CaffeLayout = true });
        network.Eval();
        var profile = NetworkProfile.Of(network, Tensor.Zeros([1, 3, 64, 64]), images => network.Forward(images));
        Assert.All(profile["layer4"].Fields, field => Assert.Equal((size, 32), (field.Size, field.Stride)));
    }

    [Fact]
    public void Runs_backwards_to_the_same_size()
    {
        (long Kernel, long Stride)[] layers = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)];
        var forward = layers.Aggregate(ReceptiveField.OfPixel, static (field, layer) => field.Window(layer.Kernel, layer.Stride));
        var backward = layers.Reverse().Aggregate(1L, static (size, layer) => (size - 1) * layer.Stride + layer.Kernel);
        Assert.Equal(195, forward.Size);
        Assert.Equal(backward, forward.Size);
        Assert.Equal(32, forward.Stride);
    }

    [Fact]
    public void Is_where_the_gradient_reaches()
    {
        using var scope = new TensorScope();
        RandomState.Seed(3);
        using var network = new Sequential(
            new Conv2d(1, 2, 3, stride: 2, padding: 1), new Conv2d(2, 2, 3, padding: 2, dilation: 2), new AvgPool2d(2),
            new ConvTranspose2d(2, 2, 3, stride: 2, padding: 1), new Conv2d(2, 1, (1, 3), padding: (0, 1)));
        foreach (var parameter in network.Parameters())
            Init.Constant(parameter, 1);
        var images = Tensor.Ones([1, 1, 48, 48]);
        images.RequiresGrad = true;
        using var copy = images.Detach();
        var profile = NetworkProfile.Of(network, copy, pictures => network.Forward(pictures));
        var fields = profile["4"].Fields;
        var output = network.Forward(images);
        for (var cell = 5; cell <= 6; cell++)
        {
            var gradient = Autograd.Grad([output[0, 0, cell, cell]], [images], retainGraph: true)[0]!;
            foreach (var axis in (int[])[0, 1])
            {
                var touched = gradient[0, 0].Sum([1 - axis]).ToArray<float>();
                var (first, last) = (Array.FindIndex(touched, static v => v != 0), Array.FindLastIndex(touched, static v => v != 0));
                var centre = fields[axis].Start + cell * fields[axis].Stride;
                // Cells of a transposed convolution see one tap or two; the field is that of two.
                Assert.True(last - first + 1 <= fields[axis].Size);
                Assert.InRange(first + 1e-9, centre - fields[axis].Size / 2 - fields[axis].Stride, centre);
                Assert.InRange(last + 1, centre, centre + fields[axis].Size / 2 + fields[axis].Stride + 1e-9);
            }
        }
    }

    [Theory]
    [InlineData("alexnet", 224, 714_188_480L)]
    [InlineData("vgg16", 224, 15_470_264_320L)]
    [InlineData("resnet50", 224, 4_089_184_256L)]
    public void Multiply_adds_are_those_of_the_literature(string name, int side, long expected)
    {
        var (profile, parameters) = Profile(name, side);
        Assert.Equal(expected, profile.MultiplyAdds);
        Assert.Equal(parameters, profile.Parameters);
        Assert.Equal(expected, profile.Layers.Where(static layer => !layer.Name.Contains('.', StringComparison.Ordinal)).Sum(static layer => layer.MultiplyAdds));
    }

    [Fact]
    public void Multiply_adds_of_a_transposed_convolution_and_of_groups()
    {
        using var scope = new TensorScope();
        using var network = new Sequential(new Conv2d(4, 8, 3, groups: 2), new ConvTranspose2d(8, 6, 3, stride: 2, groups: 2), new Flatten(), new Linear(6 * 9 * 9, 5));
        var profile = NetworkProfile.Of(network, Tensor.Zeros([1, 4, 6, 6]), pictures => network.Forward(pictures));
        Assert.Equal(8 * 4 * 4 * 2 * 9, profile["0"].MultiplyAdds);
        Assert.Equal(8 * 4 * 4 * 3 * 9, profile["1"].MultiplyAdds);
        Assert.Equal(6 * 81 * 5, profile["3"].MultiplyAdds);
        Assert.Equal([1, 6, 9, 9], profile["1"].Output);
    }

    [Fact]
    public void A_misspelt_layer_brings_near_names()
    {
        var (profile, _) = Profile("resnet18", 64);
        var error = Assert.Throws<FoveaException>(() => profile["layer5"]);
        Assert.Contains("'layer5'", error.Message, StringComparison.Ordinal);
        Assert.Contains("layer4", error.Message, StringComparison.Ordinal);
    }

    private static (NetworkProfile Profile, long Parameters) Profile(string name, int side)
    {
        using var skip = Init.Skip();
        using var scope = new TensorScope();
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = entry.DefaultOutputs, InChannels = entry.DefaultInChannels });
        model.Eval();
        return (NetworkProfile.Of(model, Tensor.Zeros([1, entry.DefaultInChannels, side, side])), entry.Parameters);
    }
}
