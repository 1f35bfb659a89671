using Fovea.Tests;
using Fovea.Torch.Optim;

namespace Fovea.Torch.Tests.Optim;

[LeakCheck]
public sealed class GradientClippingTests
{
    [Theory]
    [InlineData(1.0)]
    [InlineData(1000.0)]
    public void By_norm_equals_PyTorch_and_returns_the_norm_before(double limit)
    {
        using var scope = new TensorScope();
        var parameters = Parameters([1, -2, 3], [4.5f]);
        var reference = PythonReference.Run(FormattableString.Invariant($$"""
            import torch
            ps = [torch.zeros(3), torch.zeros(1), torch.zeros(1)]
            ps[0].grad = torch.tensor([1., -2, 3]); ps[1].grad = torch.tensor([4.5])
            out['norm'] = torch.nn.utils.clip_grad_norm_(ps, {{limit}})
            out['g'] = torch.cat([ps[0].grad, ps[1].grad])
            """));
        Assert.Equal(reference.Doubles("norm")[0], GradientClipping.ByNorm(parameters, limit), 1e-6);
        var gradients = reference.Floats("g");
        Assert.Equal(gradients[..3].Select(g => MathF.Round(g, 6)), parameters[0].Gradient!.ToArray<float>().Select(g => MathF.Round(g, 6)));
        Assert.Equal(gradients[3], parameters[1].Gradient!.ToArray<float>()[0], 1e-6f);
    }

    [Fact]
    public void By_value_cuts_every_element()
    {
        using var scope = new TensorScope();
        var parameters = Parameters([1, -2, 3], [4.5f]);
        GradientClipping.ByValue(parameters, 1.5);
        Assert.Equal([1, -1.5f, 1.5f], parameters[0].Gradient!.ToArray<float>());
        Assert.Equal([1.5f], parameters[1].Gradient!.ToArray<float>());
    }

    [Fact]
    public void A_norm_that_is_not_finite_is_returned_and_nothing_is_scaled()
    {
        using var scope = new TensorScope();
        var parameters = Parameters([1, float.NaN, 3], [4.5f]);
        Assert.True(double.IsNaN(GradientClipping.ByNorm(parameters, 1)));
        Assert.Equal([4.5f], parameters[1].Gradient!.ToArray<float>());
        parameters[0].Gradient = Tensor.FromArray<float>([float.PositiveInfinity, 0, 0]);
        Assert.True(double.IsInfinity(GradientClipping.ByNorm(parameters, 1)));
        Assert.Equal(0, GradientClipping.Norm(Parameters(null, null)));
    }

    private static List<Tensor> Parameters(float[]? first, float[]? second)
    {
        var parameters = new List<Tensor> { Tensor.Zeros([3]), Tensor.Zeros([1]), Tensor.Zeros([1]) };
        parameters[0].Gradient = first is null ? null : Tensor.FromArray(first);
        parameters[1].Gradient = second is null ? null : Tensor.FromArray(second);
        return parameters;
    }
}
