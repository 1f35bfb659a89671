using System.Globalization;
using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>Networks that put values back where maxima were pooled, beside the same arithmetic in PyTorch on the same random weights.</summary>
[LeakCheck]
public sealed class SwitchingNetworkTests : IDisposable
{
    internal const string Weights = """
        import torch, torch.nn.functional as F
        sd = {}
        for k, s in shapes:
            if k.endswith('num_batches_tracked'): sd[k] = torch.zeros(s, dtype=torch.int64)
            elif k.endswith('running_var'): sd[k] = torch.rand(s) + 0.5
            elif len(s) == 4: sd[k] = torch.randn(s) * (2 / (s[1] * s[2] * s[3])) ** 0.5
            else: sd[k] = torch.rand(s) * 0.5 + 0.2 if k.endswith('weight') else torch.randn(s) * 0.1
        torch.save(sd, path)
        conv = lambda x, k, **a: F.conv2d(x, sd[k + '.weight'], sd.get(k + '.bias'), **a)
        norm = lambda x, k: F.batch_norm(x, sd[k + '.running_mean'], sd[k + '.running_var'], sd[k + '.weight'], sd[k + '.bias'])
        def act(x, k): w = sd.get(k + '.weight'); return F.relu(x) if w is None else F.prelu(x, w)
        def unit(x, k, i=0, **a): return act(norm(conv(x, f'{k}.{i}', **a), f'{k}.{i + 1}'), f'{k}.{i + 2}')

        """;

    private const string SegNetCode = """
        n, switches, z = 0, [], T(x)
        for count in (2, 2, 3, 3, 3):
            for _ in range(count): z = F.relu(norm(conv(z, f'features.{n}', padding=1), f'features.{n + 1}')); n += 3
            size = z.shape[2:]; z, i = F.max_pool2d(z, 2, ceil_mode=True, return_indices=True); switches.append((i, size)); n += 1
        for s, count in enumerate((3, 3, 3, 2, 1)):
            i, size = switches.pop(); z = F.max_unpool2d(z, i, 2, output_size=size)
            for c in range(count): z = unit(z, f'decoder.{s}', 3 * c, padding=1)
        out['scores'] = conv(z, 'decoder.4.3', padding=1)
        """;

    private const string ENetCode = """
        def block(x, k, d=1):
            e = unit(x, k + '.ext_conv1')
            e = unit(e, k + '.ext_conv2', padding=d, dilation=d) if d else unit(unit(e, k + '.ext_conv2', padding=(2, 0)), k + '.ext_conv2', 3, padding=(0, 2))
            return act(x + unit(e, k + '.ext_conv3'), k + '.out_activation')
        def down(x, k):
            m, i = F.max_pool2d(x, 2, return_indices=True)
            e = unit(unit(unit(x, k + '.ext_conv1', stride=2), k + '.ext_conv2', padding=1), k + '.ext_conv3')
            return act(e + torch.cat([m, torch.zeros(len(m), e.shape[1] - m.shape[1], *m.shape[2:])], 1), k + '.out_activation'), i
        def up(x, k, i):
            m = F.max_unpool2d(norm(conv(x, k + '.main_conv1.0'), k + '.main_conv1.1'), i, 2)
            e = F.conv_transpose2d(unit(x, k + '.ext_conv1'), sd[k + '.ext_tconv1.weight'], stride=2)
            return act(m + unit(act(norm(e, k + '.ext_tconv1_bnorm'), ''), k + '.ext_conv2'), k + '.out_activation')
        mixed = [('regular', 1), ('dilated', 2), ('asymmetric', 0), ('dilated', 4), ('regular', 1), ('dilated', 8), ('asymmetric', 0), ('dilated', 16)]
        z = T(x); k = 'initial_block.'
        z = act(norm(torch.cat([conv(z, k + 'main_branch', stride=2, padding=1), F.max_pool2d(z, 3, 2, 1)], 1), k + 'batch_norm'), k + 'out_activation')
        z, first = down(z, 'downsample1_0')
        for i in range(1, 5): z = block(z, f'regular1_{i}')
        z, second = down(z, 'downsample2_0')
        for i, (kind, d) in enumerate(mixed): z = block(z, f'{kind}2_{i + 1}', d)
        for i, (kind, d) in enumerate(mixed): z = block(z, f'{kind}3_{i}', d)
        z = block(block(up(z, 'upsample4_0', second), 'regular4_1'), 'regular4_2')
        z = block(up(z, 'upsample5_0', first), 'regular5_1')
        out['scores'] = F.conv_transpose2d(z, sd['transposed_conv.weight'], stride=2, padding=1, output_padding=1)
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-switches-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("segnet", SegNetCode, 45, 38)]
    [InlineData("enet", ENetCode, 40, 56)]
    public void Equals_the_same_arithmetic_in_PyTorch(string name, string code, int height, int width)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(3);
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 5 });
        model.Eval();
        var shapes = string.Join(", ", model.StateDict().Select(t => string.Create(CultureInfo.InvariantCulture, $"('{t.Key}', [{string.Join(", ", t.Value.Shape.Span.ToArray())}])")));
        var path = Path.Combine(folder, "weights.pth");
        var images = Tensor.Randn([2, 3, height, width]);
        var answer = PythonReference.Run($"path, shapes = '{path}', [{shapes}]\n{Weights}{code}", ("x", new NdArray(images.ToArray<float>(), 2, 3, height, width)));
        StateDict.Load(model, path);
        var scores = model.Forward(images).Single().Value;
        Assert.Equal([2, 5, height, width], scores.Shape);
        var expected = answer.Floats("scores");
        var scale = expected.Max(Math.Abs);
        Assert.InRange(scale, 1e-3, 1e6);
        Assert.Equal(0, scores.ToArray<float>().Zip(expected).Max(pair => Math.Abs(pair.First - pair.Second)) / scale, 1e-5);
    }

    [Theory]
    [InlineData(11, 29_449_355)]
    [InlineData(12, 29_449_932)]
    [InlineData(21, 29_455_125)]
    [InlineData(32, 29_461_472)]
    public void SegNet_has_as_many_parameters_as_its_tables(int classes, long expected)
    {
        using var skip = Init.Skip();
        using var model = new SegNet(3, classes);
        Assert.Equal(expected, model.ParameterCount());
        var keys = model.StateDict().Select(t => t.Key).ToList();
        Assert.Equal(["features.0.weight", "features.0.bias", "features.1.weight"], keys.Take(3));
        // The last convolution of torchvision's vgg16_bn.
        Assert.Contains("features.40.weight", keys);
    }

    [Theory]
    [InlineData(12, 350_652)]
    [InlineData(19, 351_660)]
    [InlineData(20, 351_804)]
    public void ENet_has_the_published_number_of_parameters(int classes, long expected)
    {
        using var skip = Init.Skip();
        using var model = new ENet(3, classes);
        Assert.Equal(expected, model.ParameterCount());
    }

    [Theory]
    [InlineData("segnet", 1, 7)]
    [InlineData("enet", 17, 30)]
    public void Scores_every_pixel_and_reaches_every_weight(string name, int height, int width)
    {
        using var scope = new TensorScope();
        RandomState.Seed(5);
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 3, InChannels = 1 });
        var origin = new ImageOrigin("", "", new ImageSize(height, width), new ImageSize(height, width));
        using var batch = new Batch { Images = Tensor.Randn([2, 1, height, width]), Origins = [origin, origin], Maps = Aten.Randint(3, [2, height, width], Dtype.Int64) };
        var loss = model.Loss(batch).Total();
        loss.Backward();
        Assert.True(double.IsFinite(loss.ToDouble()));
        Assert.All(model.NamedParameters(), p => Assert.True(p.Value.Gradient is not null, $"{p.Key} has no gradient"));
        model.Eval();
        Assert.Equal(new ImageSize(height, width), model.Predict(batch)[1].Map!.Size);
    }

    [Fact]
    public void ENet_takes_few_channels()
    {
        var error = Assert.Throws<FoveaException>(() => new ENet(16, 2));
        Assert.Contains("16 channels, expected fewer than 16", error.Message, StringComparison.Ordinal);
    }
}
