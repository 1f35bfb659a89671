using Fovea.Models;
using Fovea.Models.Detection;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Training;

namespace Fovea.Tests.Models;

[LeakCheck]
public class VariationTests
{
    public static TheoryData<string> Names => [.. ModelCatalog.All.Where(entry => entry.Variation is not null).Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_published_options_build_the_published_network(string name)
    {
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find(name);
        var options = ModelOptionNames.Describe(entry.Variation!);
        Assert.NotEmpty(options);
        Assert.All(options, option => Assert.DoesNotContain("func", option.Published, StringComparison.OrdinalIgnoreCase));
        using var model = entry.Build(new ModelOptions { Outputs = entry.DefaultOutputs, InChannels = entry.DefaultInChannels, Variation = entry.Variation });
        Assert.Equal(entry.Parameters, model.ParameterCount());
    }

    [Fact]
    public void Options_of_another_network_are_refused()
    {
        var options = new ModelOptions { Outputs = 2, Variation = DetectorOptions.Published };
        Assert.Same(DetectorOptions.Published, options.Varied(new DetectorOptions { PyramidChannels = 8 }));
        var error = Assert.Throws<FoveaException>(() => options.Varied("another"));
        Assert.Contains("DetectorOptions", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NormKind.None)]
    [InlineData(NormKind.Batch)]
    [InlineData(NormKind.Instance)]
    [InlineData(NormKind.Group)]
    [InlineData(NormKind.Layer)]
    public void Norms_learn_a_scale_and_a_shift_for_each_channel(NormKind kind)
    {
        using var norm = kind.Of(12);
        Assert.Equal(kind == NormKind.None ? 0 : 24, norm.ParameterCount());
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var output = norm.Forward(Tensor.Rand([3, 12, 4, 5]));
        var over = kind == NormKind.Batch ? output[.., 7] : kind == NormKind.Instance ? output[1, 7] : output[1];
        Assert.Equal(kind == NormKind.None, Math.Abs(over.Mean().ToDouble()) > 1e-3);
    }
}
