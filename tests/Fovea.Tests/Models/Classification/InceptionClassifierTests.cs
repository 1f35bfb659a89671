using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Torch;

namespace Fovea.Tests.Models.Classification;

[LeakCheck]
public class InceptionClassifierTests
{
    [Theory]
    [InlineData("inception_v4", 42_679_816, 896, 26.7157, 8.96109, 4.26232, 0.13375, 15.2105, 879)]
    [InlineData("inception_resnet_v2", 55_843_464, 1306, 10.608, 6.82175, 8.33067, 0.334462, 5.74652, 586)]
    public void Equals_the_recorded_outputs(
        string name, long parameters, int entries, double first, double second, double last, double mean, double std, int best)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 1000 });
        Assert.Equal(parameters, model.ParameterCount());
        Assert.Equal(entries, model.StateDict().Count);
        GoldenFill.Fill(model);
        model.Eval();
        GoldenFill.AssertOutput(model.Forward(GoldenFill.Image(3, 299))[0].Value, first, second, last, mean, std, best);
    }

    [Fact]
    public void Faces_equal_the_recorded_embedding()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var model = new FaceNet();
        Assert.Equal(27_910_327, model.ParameterCount());
        Assert.Equal(23_482_624, model.NamedParameters().Where(p => !p.Key.StartsWith("logits", StringComparison.Ordinal)).Sum(p => p.Value.Count));
        GoldenFill.Fill(model);
        model.Eval();
        var image = GoldenFill.Image(3, 160);
        var embedding = model.Embed(image);
        GoldenFill.AssertOutput(embedding, 0.101324, -0.0184577, 0.018448, 0.000237221, 0.0441935, 107);
        var y = embedding.ToArray<float>();
        Assert.Equal(512, y.Length);
        Assert.Equal(1, y.Sum(v => (double)v * v), 1e-5);
        var outputs = model.Forward(image);
        Assert.Equal(["logits", "embedding"], outputs.Select(o => o.Key));
        Assert.Equal([1, 8631], outputs[0].Value.Shape);
        Assert.Equal(y, outputs[1].Value.ToArray<float>());
    }

    [Theory]
    [InlineData("facenet")]
    [InlineData("inception_resnet_v1")]
    [InlineData("inception_v4")]
    [InlineData("inception_resnet_v2")]
    public void Says_how_small_a_picture_may_be(string name)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 3 });
        model.Eval();
        Assert.Equal([1, 3], model.Forward(Tensor.Rand([1, 3, 75, 75]))[0].Value.Shape);
        var error = Assert.Throws<FoveaException>(() => model.Forward(Tensor.Rand([1, 3, 75, 74])));
        Assert.Contains("at least 75x75", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_have_the_sizes_of_the_paper()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var v4 = new InceptionV4();
        using var residual = new InceptionResNetV2();
        foreach (var (backbone, second) in ((Fovea.Models.Backbones.Backbone, long)[])[(v4, 73), (residual, 71)])
        {
            backbone.Eval();
            var maps = backbone.Forward(Tensor.Rand([1, 3, 299, 299]));
            Assert.Equal(backbone.Features.Select(f => (long)f.Channels), maps.Select(m => m.Shape[1]));
            Assert.Equal([147, second, 35, 17, 8], maps.Select(m => m.Shape[2]));
        }
    }
}
