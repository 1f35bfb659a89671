using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models.Classification;

[LeakCheck]
public class VggDenseTests
{
    [Fact]
    public void Linear_layers_slide_over_larger_pictures()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var skip = Init.Skip();
        using var model = Vgg.OfDepth(11, new VggOptions { Dense = true }, classes: 9);
        GoldenFill.Fill(model);
        model.Eval();
        var picture = GoldenFill.Image(3, 224);
        var maps = model.ClassMaps(picture);
        Assert.Equal([1, 9, 1, 1], maps.Shape);
        using var plain = Vgg.OfDepth(11, classes: 9);
        foreach (var ((_, from), (_, to)) in model.StateDict().Zip(plain.StateDict()))
            to.CopyInPlace(from);
        plain.Eval();
        var expected = plain.Logits(picture).ToArray<float>();
        var found = maps.ToArray<float>();
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-5 * expected.Max(Math.Abs));

        var larger = Tensor.Rand([1, 3, 256, 320]);
        var scores = model.ClassMaps(larger);
        Assert.Equal([1, 9, 2, 4], scores.Shape);
        Assert.Equal(scores.Mean([2, 3]).ToArray<float>(), model.Logits(larger).ToArray<float>());
        Assert.NotEqual(plain.Logits(larger).ToArray<float>(), model.Logits(larger).ToArray<float>());
        Assert.Contains("at least 224x224", Assert.Throws<FoveaException>(() => model.Logits(Tensor.Rand([1, 3, 192, 224]))).Message, StringComparison.Ordinal);
    }
}
