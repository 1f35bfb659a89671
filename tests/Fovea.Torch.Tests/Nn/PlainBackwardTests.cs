using Fovea.Torch.Nn;

namespace Fovea.Torch.Tests.Nn;

/// <summary>Convolutions of channels-last maps whose gradients are computed in the plain layout.</summary>
[LeakCheck]
public class PlainBackwardTests
{
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 1, false)]
    [InlineData(1, 2, true)]
    public void Gradients_equal_those_of_the_plain_layout(int stride, int dilation, bool hasBias)
    {
        using var scope = new TensorScope();
        using var layer = new Conv2d(256, 224, 3, stride, padding: dilation, dilation: dilation, hasBias: hasBias);
        var x = Tensor.Randn([3, 256, 32, 30]);
        var expected = Run(layer, x);
        layer.ToChannelsLast();
        var last = x.Contiguous(MemoryFormat.ChannelsLast);
        Assert.True(PlainBackward.Pays(last, layer.Weight, [stride, stride]));
        var found = Run(layer, last);
        Assert.Equal(expected.Count, found.Count);
        for (var i = 0; i < expected.Count; i++)
            Assert.True((found[i] - expected[i]).Abs().Max().ToDouble() <= 1e-5 * expected[i].Abs().Max().ToDouble(), $"tensor {i}");
        // The optimizer passes over gradients in the order of their weights.
        Assert.True(found[2].IsContiguous(MemoryFormat.ChannelsLast));
        Assert.True(found[1].IsContiguous(MemoryFormat.ChannelsLast));
    }

    [Fact]
    public void Is_left_alone_where_it_would_not_pay()
    {
        using var scope = new TensorScope();
        using var layer = new Conv2d(256, 256, 3, padding: 1);
        layer.ToChannelsLast();
        var x = Tensor.Randn([1, 256, 24, 24]).Contiguous(MemoryFormat.ChannelsLast);
        Assert.True(PlainBackward.Pays(x, layer.Weight, [1, 1]));
        Assert.False(PlainBackward.Pays(x.Contiguous(), layer.Weight, [1, 1]));
        Assert.False(PlainBackward.Pays(x.Narrow(2, 0, 4).Contiguous(MemoryFormat.ChannelsLast), layer.Weight, [1, 1]));
        using (new Autocast(Device.Cpu))
            Assert.False(PlainBackward.Pays(x, layer.Weight, [1, 1]));
        using (Autograd.NoGrad())
            Assert.False(PlainBackward.Pays(x, layer.Weight, [1, 1]));
        Assert.True(PlainBackward.Pays(x, layer.Weight, [1, 1]));
    }

    // The output and the gradients of input, kernels and bias.
    private static List<Tensor> Run(Conv2d layer, Tensor images)
    {
        layer.ZeroGradients();
        var x = images.Detach();
        x.RequiresGrad = true;
        var y = layer.Forward(x);
        (y * y).Sum().Backward();
        return [y.Detach(), x.Gradient!.Detach(), layer.Weight.Gradient!.Detach(), .. layer.Bias is null ? Array.Empty<Tensor>() : [layer.Bias.Gradient!.Detach()]];
    }
}
