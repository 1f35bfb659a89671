using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models;

[LeakCheck]
public class InferencePlanTests
{
    [Theory]
    [InlineData("resnet18", 20, 16)]
    [InlineData("resnet50", 53, 44)]
    [InlineData("legacy_seresnet50", 53, 44)]
    [InlineData("darknet53", 52, 38)]
    [InlineData("cspdarknet53_mish", 67, 59)]
    [InlineData("fcn_resnet50", 55, 44)]
    [InlineData("googlenet", 59, 59)]
    [InlineData("densenet121", 59, 59)]
    [InlineData("mobilenet_v3_large", 46, 46)]
    [InlineData("unet", 18, 11)]
    public void Norms_go_into_convolutions(string name, int norms, int normsOfSmallKernels)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(1);
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = 5, InChannels = entry.DefaultInChannels });
        model.Eval();
        var images = Tensor.Randn([1, 3, 48, 64]);
        var expected = model.Forward(images)[0].Value;
        var scale = expected.Abs().Max().ToDouble();
        using (var plan = InferencePlan.Create(model))
        {
            Assert.Equal(normsOfSmallKernels, plan.FoldedNorms);
            Assert.Equal(0, (model.Forward(images)[0].Value - expected).Abs().Max().ToDouble(), 1e-5 * scale);
        }

        using (var plan = InferencePlan.Create(model, Dtype.BFloat16))
        {
            Assert.Equal(norms, plan.FoldedNorms);
            Assert.Equal(0, (model.Forward(images)[0].Value.To(Dtype.Float32) - expected).Abs().Mean().ToDouble(), 0.05 * scale);
        }

        Assert.Equal(expected.ToArray<float>(), model.Forward(images)[0].Value.ToArray<float>());
    }
}
