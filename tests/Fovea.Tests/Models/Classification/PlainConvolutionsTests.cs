using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models.Classification;

[LeakCheck]
public class PlainConvolutionsTests
{
    [Theory]
    [InlineData("model_c", 32, 6, 12)]
    [InlineData("strided_cnn_c", 32, 6, 9)]
    [InlineData("all_cnn_c", 32, 6, 9)]
    [InlineData("nin_cifar", 32, 8, 4)]
    [InlineData("nin_imagenet", 224, 6, 39)]
    public void Maps_have_the_published_size_and_images_a_smallest(string name, int side, int map, int smallest)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 5 });
        model.Eval();
        var lastMap = ((Layer)model.NamedModules().Last(m => m.Value is Conv2d).Value);
        long[] found = [];
        using (lastMap.OnForward((_, output) =>
        {
            found = output.Shape.ToArray();
            return null;
        }))
        {
            var logits = model.Forward(GoldenFill.Image(3, side))[0].Value;
            Assert.Equal([1, 5], logits.Shape);
        }

        Assert.Equal([1, 5, map, map], found);
        Assert.True(double.IsFinite(model.Forward(GoldenFill.Image(3, smallest))[0].Value.Sum().ToDouble()));
        var error = Assert.Throws<FoveaException>(() => model.Forward(GoldenFill.Image(3, smallest - 1)));
        Assert.Contains($"at least {smallest}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("all_cnn_c", 3)]
    [InlineData("nin_cifar", 3)]
    public void Equals_pytorch(string name, int channels)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 10 });
        model.Eval();
        GoldenFill.Fill(model);
        var image = GoldenFill.Image(channels, 32);
        var inputs = model.StateDict().Select(t => (t.Key.Replace('.', '_'), new NdArray(t.Value.ToArray<float>(), [.. t.Value.Shape.ToArray().Select(s => (int)s)])))
            .Append(("image", new NdArray(image.ToArray<float>(), 1, channels, 32, 32))).ToArray();
        var answer = PythonReference.Run($$"""
            import torch, torch.nn.functional as F
            g = globals()
            x = T(image).double()
            def conv(x, n, s=1, p=0): return F.relu(F.conv2d(x, T(g[n + '_weight']).double(), T(g[n + '_bias']).double(), s, p))
            if '{{name}}' == 'all_cnn_c':
                for i in range(1, 7): x = conv(x, f'conv{i}', 2 if i % 3 == 0 else 1, 1)
                for i in range(7, 10): x = conv(x, f'conv{i}')
            else:
                for i, p in ((1, 2), (2, 2), (3, 1)):
                    for n, q in ((f'conv{i}', p), (f'cccp{2 * i - 1}', 0), (f'cccp{2 * i}', 0)): x = conv(x, n, 1, q)
                    if i == 1: x = F.max_pool2d(x, 3, 2, ceil_mode=True)
                    if i == 2: x = F.avg_pool2d(x, 3, 2, ceil_mode=True)
            out['logits'] = x.mean((2, 3))
            """, inputs);
        var expected = answer.Doubles("logits");
        var found = model.Forward(image)[0].Value.ToArray<float>();
        var scale = expected.Max(Math.Abs);
        Assert.True(scale > 1e-3);
        for (var i = 0; i < found.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-5 * scale);
    }
}
