using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Training;

namespace Fovea.Tests.Models.Segmentation;

[LeakCheck]
public sealed class UNetOptionTests
{
    private const string Code = """

        def nrm(x, k):
            if kind == 'None': return x
            if kind == 'Batch': return norm(x, k)
            w, b = sd[k + '.weight'], sd[k + '.bias']
            if kind == 'Instance': return F.instance_norm(x, weight=w, bias=b)
            return F.group_norm(x, [g for g in range(1, 33) if x.shape[1] % g == 0][-1], w, b)
        def gate(x, k):
            if which == 'None': return x
            c = x * conv(F.relu(conv(x.mean((2, 3), True), k + '.cSE.1')), k + '.cSE.3').sigmoid() if which != 'Spatial' else 0
            return c + (x * conv(x, k + '.sSE.0').sigmoid() if which != 'Channel' else 0)
        def level(x, k):
            d = k + ('.residual' if residual else '') + '.double_conv'; n = 2 if kind == 'None' else 3
            y = F.relu(nrm(conv(x, f'{d}.0', padding=1), f'{d}.1'))
            y = nrm(conv(y, f'{d}.{n}', padding=1), f'{d}.{n + 1}')
            if residual:
                s = k + '.residual.shortcut'
                y = y + (nrm(conv(x, s + '.0'), s + '.1') if s + '.0.weight' in sd else x)
            return gate(F.relu(y), k + '.gate')
        def net(x):
            skips, z = [], level(x, 'inc')
            for i in range(1, 5):
                skips.append(z); z = level(F.max_pool2d(z, 2), f'down{i}.maxpool_conv.1')
            maps = []
            for i in range(1, 5):
                s = skips.pop()
                if up == 'Transposed': e = tconv(z, f'up{i}.up', stride=2)
                else: e = conv(F.interpolate(z, scale_factor=2, mode=up.lower()), f'up{i}.up.1', padding=1)
                e = F.pad(e, (0, s.shape[3] - e.shape[3], 0, s.shape[2] - e.shape[2]))
                if attention:
                    a = f'up{i}.attention'
                    g = F.relu(nrm(conv(e, a + '.W_g.0'), a + '.W_g.1') + nrm(conv(s, a + '.W_x.0'), a + '.W_x.1'))
                    s = s * nrm(conv(g, a + '.psi.0'), a + '.psi.1').sigmoid()
                z = level(torch.cat([s, e], 1), f'up{i}.conv'); maps.append(z)
            outputs = {'out': conv(maps[-1], 'outc.conv')}
            if deep: outputs.update({f'out{2 << i}': conv(maps[2 - i], f'outc{2 << i}.conv') for i in range(3)})
            return outputs
        def loss(outputs, y):
            total = 0
            for k, v in outputs.items():
                step = int(k[3:] or 1)
                total = total + F.cross_entropy(v, y[:, ::step, ::step][:, :v.shape[2], :v.shape[3]], ignore_index=255) / step
            return total
        """;

    public static TheoryData<UNetOptions> Options =>
    [
        new UNetOptions { Norm = NormKind.Group, Upsampling = UpsamplingKind.Bilinear, Gate = MapGate.Both, HasAttentionGates = true, IsResidual = true, IsDeeplySupervised = true },
        new UNetOptions { Upsampling = UpsamplingKind.Nearest, Gate = MapGate.Channel },
        new UNetOptions { Norm = NormKind.Instance, Gate = MapGate.Spatial, HasAttentionGates = true },
        new UNetOptions { Norm = NormKind.Batch, IsResidual = true, IsDeeplySupervised = true },
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void Equals_the_same_arithmetic_in_PyTorch(UNetOptions options)
    {
        using var model = new UNet(3, 3, options);
        string Flag(bool value) => value ? "True" : "False";
        var flags = $"kind, up, which = '{options.Norm}', '{options.Upsampling}', '{options.Gate}'; attention, residual, deep = {Flag(options.HasAttentionGates)}, {Flag(options.IsResidual)}, {Flag(options.IsDeeplySupervised)}";
        SegmenterParity.Compare(model, flags + Code, [2, 3, 33, 46], 3);
    }

    [Fact]
    public void Deep_supervision_trains_the_coarser_heads()
    {
        using var scope = new TensorScope();
        RandomState.Seed(4);
        using var model = new UNet(1, 2, new UNetOptions { Norm = NormKind.Batch, IsDeeplySupervised = true, Dropout = 0.1 });
        Assert.Equal(["outc.", "outc2.", "outc4.", "outc8."], model.HeadPrefixes);
        using var batch = SegmenterContract.Batch(2, 1, 35, 32);
        Assert.Equal(["cross_entropy", "out2_cross_entropy", "out4_cross_entropy", "out8_cross_entropy"], model.Loss(batch).Terms.Select(t => t.Key));
        SegmenterContract.Learns(model, batch);
    }

    [Fact]
    public void Recipes_reach_the_options()
    {
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find("unet");
        var names = ModelOptionNames.Describe(entry.Variation!).Select(static o => o.Name).ToList();
        Assert.Equal(["norm", "has_convolution_bias", "dropout", "upsampling", "gate", "has_attention_gates", "is_residual", "is_deeply_supervised"], names);
        using var model = entry.Build(new ModelOptions { Outputs = 2, Variation = new UNetOptions { Gate = MapGate.Both } });
        Assert.Contains("down4.maxpool_conv.1.gate.sSE.0.weight", model.StateDict().Select(t => t.Key));
        var error = Assert.Throws<FoveaException>(() => new UNetValid(1, 2, new UNetOptions { IsResidual = true }));
        Assert.Contains("'unet'", error.Message, StringComparison.Ordinal);
    }
}
