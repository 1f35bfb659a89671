using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>Networks of the U-Net's shape under their own names.</summary>
[LeakCheck]
public sealed class UNetKinTests : IDisposable
{
    private const string Padding = """
        def padded(x, m, f):
            h, w = x.shape[2:]
            return {'out': f(F.pad(x, (0, -w % m, 0, -h % m)))[:, :, :h, :w]}

        """;

    private const string AttentionCode = Padding + """
        def pair(x, k):
            for i in (0, 3): x = F.relu(norm(conv(x, f'{k}.conv.{i}', padding=1), f'{k}.conv.{i + 1}'))
            return x
        def body(x):
            maps = [pair(x, 'Conv1')]
            for i in range(2, 6): maps.append(pair(F.max_pool2d(maps[-1], 2), f'Conv{i}'))
            z = maps.pop()
            for i in range(5, 1, -1):
                u, a, s = f'Up{i}.up.', f'Att{i}.', maps.pop()
                e = F.relu(norm(conv(F.interpolate(z, scale_factor=2), u + '1', padding=1), u + '2'))
                g = F.relu(norm(conv(e, a + 'W_g.0'), a + 'W_g.1') + norm(conv(s, a + 'W_x.0'), a + 'W_x.1'))
                s = s * norm(conv(g, a + 'psi.0'), a + 'psi.1').sigmoid()
                z = pair(torch.cat([s, e], 1), f'Up_conv{i}')
            return conv(z, 'Conv_1x1')
        net = lambda x: padded(x, 16, body)
        """;

    private const string TernausCode = Padding + """
        def rect(x, k): return F.relu(conv(x, k + '.conv', padding=1))
        def block(x, k):
            if bilinear: return rect(rect(F.interpolate(x, scale_factor=2, mode='bilinear'), k + '.block.1'), k + '.block.2')
            z = rect(x, k + '.block.0')
            return F.relu(tconv(z, k + '.block.1', stride=2, padding=1, **({'output_padding': 1} if sd[k + '.block.1.weight'].shape[2] == 3 else {})))
        def body(x):
            maps, n = [], 0
            for count in counts:
                for _ in range(count): x = F.relu(conv(x, f'encoder.{n}', padding=1)); n += 2
                maps.append(x); x = F.max_pool2d(x, 2); n += 1
            z = block(x, 'center')
            for i in range(5, 1, -1): z = block(torch.cat([z, maps[i - 1]], 1), f'dec{i}')
            return conv(rect(torch.cat([z, maps[0]], 1), 'dec1'), 'final')
        net = lambda x: padded(x, 32, body)
        """;

    private const string FusionCode = Padding + """
        leaky = lambda x: F.leaky_relu(x, 0.2)
        def three(x, k, act): return act(norm(conv(x, k + '.0', padding=1), k + '.1'))
        def block(x, k, act):
            a = three(x, k + '.conv_1', act)
            r = three(three(a, k + '.conv_2.0', act), k + '.conv_2.1', act)
            r = norm(conv(r, k + '.conv_2.2', padding=1), k + '.conv_2.3')
            return three(a + r, k + '.conv_3', act)
        def body(x):
            maps = []
            for i in range(1, 5): maps.append(block(x, f'down_{i}', leaky)); x = F.max_pool2d(maps[-1], 2)
            x = block(x, 'bridge', leaky)
            for i in range(1, 5):
                e = F.relu(norm(tconv(x, f'deconv_{i}.0', stride=2, padding=1, output_padding=1), f'deconv_{i}.1'))
                x = block(e + maps.pop(), f'up_{i}', F.relu)
            return conv(x, 'out', padding=1)
        net = lambda x: padded(x, 16, body)
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-unets-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("attention_unet", "", AttentionCode, 33, 30)]
    [InlineData("ternausnet_vgg11", "bilinear, counts = False, (1, 1, 2, 2, 2)\n", TernausCode, 40, 64)]
    [InlineData("ternausnet_vgg16", "bilinear, counts = True, (2, 2, 3, 3, 3)\n", TernausCode, 32, 50)]
    [InlineData("ternausnet_vgg16_deconv", "bilinear, counts = False, (2, 2, 3, 3, 3)\n", TernausCode, 32, 32)]
    [InlineData("fusionnet", "", FusionCode, 20, 32)]
    public void Equals_the_same_arithmetic_in_PyTorch(string name, string values, string code, int height, int width)
    {
        using var model = SegmenterContract.Build(name, 3);
        SegmenterParity.Compare(model, values + code, [2, 3, height, width], 3);
    }

    [Fact]
    public void Fusionnet_averages_when_asked_to()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(8);
        using var averaging = new FusionNet(1, 2, new FusionNetOptions { Averages = true });
        using var summing = new FusionNet(1, 2);
        // Half of what goes into a convolution is half of its kernels.
        foreach (var ((key, to), (_, from)) in summing.StateDict().Zip(averaging.StateDict()))
            to.CopyInPlace(key.StartsWith("up_", StringComparison.Ordinal) && key.EndsWith("conv_1.0.weight", StringComparison.Ordinal) ? from * 0.5 : from);
        averaging.Eval();
        summing.Eval();
        var images = Tensor.Randn([1, 1, 16, 32]);
        var expected = summing.Forward(images)[0].Value;
        Assert.Equal(0, (averaging.Forward(images)[0].Value - expected).Abs().Max().ToDouble(), 1e-4 * expected.Abs().Max().ToDouble());
    }

    [Fact]
    public void Have_the_numbers_of_parameters_of_their_tables()
    {
        using var skip = Init.Skip();
        (Segmenter Model, long Expected)[] networks =
        [
            (new AttentionUNet(1, 1), 34_877_421), (new AttentionUNet(3, 1, hasGates: false), 34_527_041), (new FusionNet(3, 1), 78_532_801), (new FusionNet(1, 1), 78_531_649),
        ];
        foreach (var (model, expected) in networks)
        {
            using (model)
                Assert.Equal(expected, model.ParameterCount());
        }

        Assert.Contains("VGG-13", Assert.Throws<FoveaException>(() => new TernausNet(13, 3, 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attention_unet", 5, 0.01)]
    [InlineData("ternausnet_vgg11", 12, 0.05)]
    [InlineData("ternausnet_vgg16", 12, 0.05)]
    [InlineData("fusionnet", 5, 0.01)]
    public void Learn_and_take_any_size(string name, int steps, double rate)
    {
        using var scope = new TensorScope();
        using var model = SegmenterContract.Build(name, 2, inChannels: 2);
        using var batch = SegmenterContract.Batch(2, 2, 32, 30);
        SegmenterContract.Learns(model, batch, steps, rate);
        SegmenterContract.TakesAnySize(model, 2, 2, (1, 1), (33, 7));
        SegmenterContract.KeepsItsScoresInAPlan(model, 2);
    }

    [Fact]
    public void Ternausnet_loads_the_56_entries_of_the_published_files()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(6);
        using var model = new TernausNet(11, 3, 1);
        Assert.Equal(40, model.StateDict().Count);
        string[] layers = ["conv1", "conv2", "conv3s", "conv3", "conv4s", "conv4", "conv5s", "conv5"];
        int[] numbers = [0, 3, 6, 8, 11, 13, 16, 18];
        var file = model.StateDict().ToDictionary(t => t.Key, t => t.Value);
        foreach (var (layer, number) in layers.Zip(numbers))
        {
            foreach (var part in new[] { "weight", "bias" })
                file.Add($"{layer}.{part}", file[$"encoder.{number}.{part}"].Clone());
        }

        Assert.Equal(56, file.Count);
        var path = Path.Combine(folder, "weights.safetensors");
        StateDict.Save(path, file);
        using var loaded = new TernausNet(11, 3, 1);
        Assert.Equal(40, StateDict.Load(loaded, path).Loaded);
        var images = Tensor.Rand([1, 3, 32, 32]);
        Assert.Equal(model.Forward(images)[0].Value.ToArray<float>(), loaded.Forward(images)[0].Value.ToArray<float>());

        file["conv3s.weight"].AddInPlace(1);
        StateDict.Save(path, file);
        var error = Assert.Throws<DataException>(() => StateDict.Load(loaded, path));
        Assert.Contains("conv3s.weight", error.Message, StringComparison.Ordinal);
        Assert.Contains("encoder.6.weight", error.Message, StringComparison.Ordinal);
        using var wider = new TernausNet(16, 3, 1);
        Assert.Equal("encoder.28.bias", wider.CurrentName("conv5.4.bias"));
    }
}
