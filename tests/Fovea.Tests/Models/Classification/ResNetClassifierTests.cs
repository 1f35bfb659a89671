using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models.Classification;

[LeakCheck]
public class ResNetClassifierTests
{
    [Theory]
    [InlineData("resnet18", 11_689_512, 122, 11.3535, 13.6602, -7.34065, 1.04931, 8.23102, 68)]
    [InlineData("resnet34", 21_797_672, 218, 88.7953, 97.048, -50.2046, 9.14628, 62.6217, 68)]
    [InlineData("resnet50", 25_557_032, 320, 66.2172, -26.1869, -23.3387, 2.97341, 28.9596, 740)]
    [InlineData("resnet101", 44_549_160, 626, 225.241, -110.062, -82.7091, 12.703, 111.069, 740)]
    [InlineData("resnet152", 60_192_808, 932, 2883.95, -1491.71, -1095.16, 172.003, 1483.19, 740)]
    [InlineData("resnext50_32x4d", 25_028_904, 320, 2093.99, -346.485, -348.004, 150.953, 732.755, 370)]
    [InlineData("resnext101_32x8d", 88_791_336, 626, 45408.5, -114547, 33759.7, 8014.82, 85408.1, 179)]
    [InlineData("cifar_resnet20", 269_722, 116, 1.59548, 4.10994, 3.09211, 0.317, 2.87829, 1)]
    [InlineData("legacy_seresnet18", 11_778_592, 154, 6.89416, 2.46347, -3.83821, 0.0455544, 4.29572, 65)]
    [InlineData("legacy_seresnet50", 28_088_024, 384, 49.4164, 23.2292, -15.1049, 0.0939595, 17.1497, 639)]
    [InlineData("seresnet50", 28_088_024, 384, 42.011, -7.75822, -6.43987, 1.46237, 14.1028, 370)]
    public void Equals_the_recorded_outputs(
        string name, long parameters, int entries, double first, double second, double last, double mean, double std, int best)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = entry.DefaultOutputs });
        Assert.Equal(parameters, model.ParameterCount());
        Assert.Equal(parameters, entry.Parameters);
        Assert.Equal(entries, model.StateDict().Count);
        GoldenFill.Fill(model);
        model.Eval();
        var logits = model.Forward(GoldenFill.Image(3, model.Preprocessing.Height)).Single(o => o.Key == "logits").Value;
        Assert.Equal([1, entry.DefaultOutputs], logits.Shape);
        GoldenFill.AssertOutput(logits, first, second, last, mean, std, best);
    }

    [Theory]
    [InlineData(18, ResNetShortcut.ZeroPadding, 11_515_688)]
    [InlineData(18, ResNetShortcut.ProjectionEverywhere, 12_043_816)]
    [InlineData(34, ResNetShortcut.ZeroPadding, 21_623_848)]
    [InlineData(34, ResNetShortcut.ProjectionEverywhere, 22_716_840)]
    [InlineData(50, ResNetShortcut.ZeroPadding, 22_780_456)]
    [InlineData(50, ResNetShortcut.ProjectionEverywhere, 40_128_552)]
    public void Shortcuts_cost_what_the_paper_says(int depth, ResNetShortcut shortcut, long parameters)
    {
        using var skip = Init.Skip();
        using var model = new ResNetClassifier(ResNet.OfDepth(depth, new ResNetOptions { Shortcut = shortcut }), 1000);
        Assert.Equal(parameters, model.ParameterCount());
    }

    [Fact]
    public void Grouped_kernels_are_the_sum_of_small_paths()
    {
        // Figure 3 of the ResNeXt paper: a grouped 3x3 convolution followed by a 1x1 is the sum over the groups of each group's own two.
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(3);
        using var grouped = new Conv2d(8, 8, 3, padding: 1, groups: 4, hasBias: false);
        using var expand = new Conv2d(8, 16, 1, hasBias: false);
        var x = Tensor.Randn([2, 8, 5, 6]);
        var sum = Tensor.Zeros([2, 16, 5, 6]);
        for (var g = 0; g < 4; g++)
        {
            var path = Aten.Conv2d(x.Narrow(1, 2 * g, 2), grouped.Weight.Narrow(0, 2 * g, 2), null, [1, 1], [1, 1], [1, 1], 1);
            sum = sum + Aten.Conv2d(path, expand.Weight.Narrow(1, 2 * g, 2), null, [1, 1], [0, 0], [1, 1], 1);
        }

        Assert.Equal(0, (expand.Forward(grouped.Forward(x)) - sum).Abs().Max().ToDouble(), 1e-5);
    }

    [Theory]
    [InlineData(32, ResNetShortcut.ZeroPadding, 464_154)]
    [InlineData(44, ResNetShortcut.Projection, 661_338)]
    [InlineData(56, ResNetShortcut.ZeroPadding, 853_018)]
    [InlineData(110, ResNetShortcut.Projection, 1_730_714)]
    [InlineData(1202, ResNetShortcut.ZeroPadding, 19_421_274)]
    public void Thin_networks_have_the_published_size(int depth, ResNetShortcut shortcut, long parameters)
    {
        using var skip = Init.Skip();
        using var model = new ResNetClassifier(new CifarResNet(depth, shortcut), 10, "linear");
        Assert.Equal(parameters, model.ParameterCount());
    }

    [Fact]
    public void Zeros_are_added_on_both_sides()
    {
        using var scope = new TensorScope();
        using var shortcut = new ZeroPaddingShortcut(1, 4, 2);
        var result = shortcut.Forward(Tensor.FromArray<float>([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]));
        Assert.Equal([1, 4, 2, 2], result.Shape);
        Assert.Equal([0, 0, 0, 0, 1, 3, 7, 9, 0, 0, 0, 0, 0, 0, 0, 0], result.ToArray<float>());
    }

    [Fact]
    public void Thin_networks_have_a_depth_of_6n_plus_2() =>
        Assert.Contains("found depth 21", Assert.Throws<FoveaException>(() => new CifarResNet(21)).Message, StringComparison.Ordinal);

    [Fact]
    public void Basic_blocks_have_no_groups()
    {
        var error = Assert.Throws<FoveaException>(() => ResNet.OfDepth(18, new ResNetOptions { Groups = 32, WidthPerGroup = 4 }));
        Assert.Contains("32 groups of 4", error.Message, StringComparison.Ordinal);
    }
}
