using Fovea.Models.Backbones;
using Fovea.Models.Segmentation;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>Networks that torchvision has not, narrow or on small backbones, against PyTorch.</summary>
[LeakCheck]
public class RestatedNetworkTests
{
    private const int Classes = 3;

    [Theory]
    [InlineData(32, false)]
    [InlineData(16, false)]
    [InlineData(8, true)]
    public void Fcn(int stride, bool isAtOnce) => RestatedNetwork.Check(new FcnVgg(stride, 3, Classes, isAtOnce, width: 16, trunkWidth: 8), $$"""
        def net(x):
            p3, p4, p5 = vgg(x, 100, lambda z, s: F.max_pool2d(z, 2, ceil_mode=True))[2:]
            f4, f3 = {{(isAtOnce ? "0.01, 0.0001" : "1, 1")}}
            z = conv(F.relu(conv(F.relu(conv(p5, 'fc6')), 'fc7')), 'score_fr')
            def add(z, s, o): return z + s[:, :, o:o + z.shape[2], o:o + z.shape[3]]
            if {{stride}} == 32: z, o = up_conv(z, 'upscore', stride=32), 19
            else:
                z = add(up_conv(z, 'upscore2', stride=2), conv(p4 * f4, 'score_pool4'), 5); o = 27
                if {{stride}} == 8: z = add(up_conv(z, 'upscore_pool4', stride=2), conv(p3 * f3, 'score_pool3'), 9); o = 31
                z = up_conv(z, 'upscore{{stride}}', stride={{stride}})
            return {'out': z[:, :, o:o + x.shape[2], o:o + x.shape[3]]}
        """, 21, 34, count: 1, trains: stride == 8, "upscore.weight", "upscore2.weight", "upscore16.weight", "upscore_pool4.weight", "upscore8.weight");

    [Theory]
    [InlineData(3, 12)]
    [InlineData(4, 4)]
    [InlineData(7, 4)]
    public void DeepLabV1s(int kernel, int dilation) => RestatedNetwork.Check(new DeepLabV1(3, Classes, kernel, dilation, width: 16), $$"""
        {{DeepLabVgg}}
        def scores(x): return branch(trunk(x), '', {{kernel}}, {{dilation}})
        """, 35, 48);

    [Fact]
    public void DeepLabV2_on_vgg() => RestatedNetwork.Check(new DeepLabV2Vgg(3, Classes, width: 8), DeepLabVgg + """

        def scores(x): z = trunk(x); return sum(branch(z, f'_{i + 1}', 3, d) for i, d in enumerate((6, 12, 18, 24)))
        """, 35, 48);

    [Fact]
    public void DeepLabV1_on_a_resnet() => RestatedNetwork.Check(new DeepLabV1ResNet(new DeepLabResNet([1, 1, 1, 3]), Classes), CoarseLabels + """

        def net(x):
            z = conv(deeplab_resnet(x, '', [(1, 1), (2, 1), (1, 2), (1, 4)])[-1], 'fc')
            return {'out': big(z, x), 'coarse': z} if training else {'out': big(z, x)}
        def loss(o, y): return entropy(o['coarse'], coarse(y, o['coarse']))
        """, 33, 49);

    [Fact]
    public void DeepLabV2_in_three_sizes() => RestatedNetwork.Check(new DeepLabV2(new DeepLabResNet([1, 1, 1, 3]), Classes), CoarseLabels + """

        def one(x):
            z = deeplab_resnet(x, 'base.', [(1, 1), (2, 1), (1, 2), (1, 4)])[-1]
            return sum(conv(z, f'base.aspp.c{i}', padding=d, dilation=d) for i, d in enumerate((6, 12, 18, 24)))
        def net(x):
            small = lambda s: F.interpolate(x, size=[int(n * s) for n in x.shape[2:]], mode='bilinear', align_corners=False)
            full, half, more = one(x), one(small(0.5)), one(small(0.75))
            highest = torch.stack([full, big(half, full), big(more, full)]).max(0)[0]
            return {'out': big(highest, x), 'all': [full, half, more, highest]} if training else {'out': big(highest, x)}
        def loss(o, y): return sum(entropy(z, coarse(y, z)) for z in o['all'])
        """, 33, 49);

    [Fact]
    public void DeepLabV3_with_a_multi_grid() => RestatedNetwork.Check(new DeepLabV3MultiGrid(new DeepLabResNet([1, 1, 1, 3], 16, [1, 2, 4]), Classes), """
        def net(x):
            z = deeplab_resnet(x, '', [(1, 1), (2, 1), (2, 1), (1, 2)], (1, 2, 4))[-1]
            return {'out': big(conv(unit(pyramid(z, (6, 12, 18)), 'fc1'), 'fc2'), x)}
        """, 33, 49);

    [Fact]
    public void DeepLabV3_plus() => RestatedNetwork.Check(new DeepLabV3Plus(new DeepLabResNet([1, 1, 1, 3], 16, [1, 2, 4]), Classes), """
        def net(x):
            maps = deeplab_resnet(x, '', [(1, 1), (2, 1), (2, 1), (1, 2)], (1, 2, 4))
            fine = unit(maps[0], 'reduce')
            z = torch.cat([big(unit(pyramid(maps[-1], (6, 12, 18)), 'fc1'), fine), fine], 1)
            return {'out': big(conv(unit(unit(z, 'fc2.conv1', padding=1), 'fc2.conv2', padding=1), 'fc2.conv3'), x)}
        """, 33, 49);

    [Theory]
    [InlineData(40, 56)]
    [InlineData(193, 225)]
    public void Deconv_net(int height, int width) => RestatedNetwork.Check(new DeconvNet(3, Classes, width: 16, trunkWidth: 8), """
        def net(x):
            h, w = x.shape[2:]; z = F.pad(x, (0, max(0, 193 - w), 0, max(0, 193 - h))); n, switches = 0, []
            for count in (2, 2, 3, 3, 3):
                for _ in range(count): z = F.relu(norm(conv(z, f'features.{n}', padding=1), f'features.{n + 1}')); n += 3
                size = z.shape[2:]; z, i = F.max_pool2d(z, 2, ceil_mode=True, return_indices=True); switches.append((i, size)); n += 1
            for k in ('fc6', 'fc7'): z = F.relu(norm(conv(z, k + '.0'), k + '.1'))
            z = F.relu(norm(up_conv(z, 'deconv_fc6.0'), 'deconv_fc6.1'))
            for s, count in enumerate((3, 3, 3, 2, 2)):
                i, size = switches.pop(); z = F.max_unpool2d(z, i, 2, output_size=size)
                for c in range(count): z = F.relu(norm(up_conv(z, f'decoder.{s}.{3 * c}', padding=1), f'decoder.{s}.{3 * c + 1}'))
            return {'out': conv(z, 'classifier')[:, :, :h, :w]}
        """, height, width, count: 1, trains: height > 100);

    [Fact]
    public void Refine_net() => RestatedNetwork.Check(new RefineNet(ResNet.OfDepth(18), Classes), """
        def rcu(x, k, n):
            for i in range(n): x = x + conv(F.relu(conv(F.relu(x), f'{k}.0.{i + 1}_conv', padding=1)), f'{k}.0.{i + 1}_conv_relu_varout_dimred', padding=1)
            return x
        def net(x):
            z = None
            for n, m in enumerate(reversed(resnet18(stem(x))), 1):
                a = rcu(conv(m, f'p_ims1d2_outl{n}_dimred', padding=1), f'adapt_stage{n}_b', 2)
                if z is not None: a = conv(a, f'adapt_stage{n}_b2_joint_varout_dimred', padding=1); a = a + big(z, a, True)
                a = top = F.relu(a)
                for i in range(4): top = conv(F.max_pool2d(top, 5, 1, 2), f'mflow_conv_g{n}_pool.0.{i + 1}_outvar_dimred', padding=1); a = a + top
                z = rcu(a, f'mflow_conv_g{n}_b', 3)
                if n < 4: z = conv(z, f'mflow_conv_g{n}_b3_joint_varout_dimred', padding=1)
            return {'out': big(conv(z, 'clf_conv', padding=1), x)}
        """, 17, 24);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Large_kernels(bool isLearned) => RestatedNetwork.Check(new Gcn(ResNet.OfDepth(18), Classes, new GcnOptions { Kernel = 7, HasLearnedUpsampling = isLearned }), """
        def net(x):
            maps = resnet18(stem(x, 'backbone.'), 'backbone.'); used, ups = iter(range(9)), iter(range(5))
            def double(z, size):
                k = f'enlarge.{next(ups)}'
                if k + '.weight' not in P: return F.interpolate(z, size=size, mode='bilinear', align_corners=False)
                return up_conv(z, k, stride=2, padding=1)[:, :, :size[0], :size[1]]
            def br(z): k = f'refine.{next(used)}.'; return z + conv(F.relu(conv(z, k + 'conv1', padding=1)), k + 'conv2', padding=1)
            def kernel(m, n):
                a = conv(conv(m, f'gcn{n}.left.0', padding=(3, 0)), f'gcn{n}.left.1', padding=(0, 3))
                return a + conv(conv(m, f'gcn{n}.right.0', padding=(0, 3)), f'gcn{n}.right.1', padding=(3, 0))
            z = None
            for n in (4, 3, 2, 1):
                own = br(kernel(maps[n - 1], n)); z = own if z is None else br(double(z, own.shape[2:]) + own)
            half = [(s + 1) // 2 for s in x.shape[2:]]
            return {'out': br(double(br(double(z, half)), list(x.shape[2:])))}
        """, 37, 52);

    [Fact]
    public void Semantic_branch_of_a_panoptic_pyramid() => RestatedNetwork.Check(new SemanticFpn(ResNet.OfDepth(18), Classes), """
        def net(x):
            h, w = x.shape[2:]; x = F.pad(x, (0, -w % 32, 0, -h % 32))
            maps = resnet18(stem(x, 'backbone.'), 'backbone.'); p, total = None, 0
            for i in (3, 2, 1, 0):
                own = conv(maps[i], f'fpn.inner_blocks.{i}.0')
                p = own if p is None else own + F.interpolate(p, scale_factor=2, mode='nearest')
                z = conv(p, f'fpn.layer_blocks.{i}.0', padding=1)
                for j in range(max(i, 1)):
                    k = f'sem_seg_head.p{i + 2}.{2 * j}'
                    z = F.relu(F.group_norm(conv(z, k, padding=1), 32, P[k + '.norm.weight'], P[k + '.norm.bias']))
                    if i: z = F.interpolate(z, scale_factor=2, mode='bilinear', align_corners=False)
                total = total + z
            z = F.interpolate(conv(total, 'sem_seg_head.predictor'), scale_factor=4, mode='bilinear', align_corners=False)
            return {'out': z[:, :, :h, :w]}
        """, 37, 60);

    [Fact]
    public void Discriminative_features() => RestatedNetwork.Check(new Dfn(ResNet.OfDepth(18, new ResNetOptions { Stem = ResNetStem.Deep }), Classes), """
        def rrb(x, k, relu=True): r = conv(x, k + '.conv_1x1'); z = r + conv(unit(r, k + '.cbr', padding=1), k + '.conv_refine', padding=1); return F.relu(z) if relu else z
        def head(x, k): return conv(rrb(x, k + '.rrb', False), k + '.conv')
        def net(x):
            k = 'backbone.'; maps = resnet18(deep_stem(x, [(k + 'conv1.0', k + 'conv1.1'), (k + 'conv1.3', k + 'conv1.4'), (k + 'conv1.6', k + 'bn1')], None), k)
            last = unit(F.adaptive_avg_pool2d(maps[-1], 1), 'global_context.1'); smooth, border = [], []
            for i, m in enumerate(reversed(maps)):
                low, high = rrb(m, f'smooth_pre_rrbs.{i}'), big(last, m, True)
                a = torch.cat([low, high], 1).mean((2, 3)); fc = f'cabs.{i}.channel_attention.fc.'
                a = F.linear(F.relu(F.linear(a, P[fc + '0.weight'], P[fc + '0.bias'])), P[fc + '2.weight'], P[fc + '2.bias']).sigmoid()
                last = rrb(low * a[:, :, None, None] + high, f'smooth_aft_rrbs.{i}'); smooth.append(big(head(last, f'smooth_heads.{i}'), x, True))
            last = None
            for i, m in enumerate(maps):
                z = rrb(m, f'border_pre_rrbs.{i}')
                last = z if last is None else rrb(last + big(z, last, True), f'border_aft_rrbs.{i}')
                border.append(big(head(last, f'border_heads.{i}'), x, True))
            return {'out': smooth[-1], 'smooth': smooth, 'border': border} if training else {'out': smooth[-1]}
        def borders(y):
            c = y.masked_fill(y == 255, 0).numpy(); e = np.zeros(c.shape, bool)
            e[:, :-1] |= c[:, :-1] != c[:, 1:]; e[:, :, :-1] |= c[:, :, :-1] != c[:, :, 1:]
            w = np.zeros_like(e); H, W = e.shape[1:]
            for n, i, j in zip(*np.nonzero(e)): w[n, max(0, i - 3):i + 4, max(0, j - 3):j + 4] = True
            return torch.from_numpy(w).double()
        def focal(z, t, keep):
            p = z[:, 0].sigmoid(); pt = p * t + (1 - p) * (1 - t); a = 0.25 * t + 0.75 * (1 - t)
            return (-a * (1 - pt) ** 2 * pt.log() * keep).sum() / keep.sum()
        def loss(o, y):
            keep = (y != 255).double(); t = borders(y)
            return sum(entropy(z, y) for z in o['smooth']) + 0.1 * sum(focal(z, t, keep) for z in o['border'])
        """, 17, 24);

    [Fact]
    public void Pyramid_scene_parsing() => RestatedNetwork.Check(
        new PspNet(ResNet.OfDepth(18, new ResNetOptions { Stem = ResNetStem.NumberedDeep, DilateInsteadOfStride = (false, true, true), DilatesFirstBlock = true }), Classes), """
        def classify(z, k): return conv(F.relu(norm(conv(z, k + '.0', padding=1), k + '.1')), k + '.4')
        def net(x):
            maps = resnet18(deep_stem(x, [('layer0.0', 'layer0.1'), ('layer0.3', 'layer0.4'), ('layer0.6', 'layer0.7')], None), '', dilated=True)
            z = maps[-1]; k = 'ppm.features.'
            grids = [big(F.relu(norm(conv(F.adaptive_avg_pool2d(z, n), f'{k}{i}.1'), f'{k}{i}.2')), z, True) for i, n in enumerate((1, 2, 3, 6))]
            return {'out': big(classify(torch.cat([z] + grids, 1), 'cls'), x, True), 'aux': big(classify(maps[-2], 'aux'), x, True)}
        def loss(o, y): return entropy(o['out'], y) + 0.4 * entropy(o['aux'], y)
        """, 33, 49);

    // Labels under the centres of the scores' cells, as Pillow takes them.
    private const string CoarseLabels = """
        def coarse(y, z):
            from PIL import Image
            return torch.from_numpy(np.stack([np.array(Image.fromarray(m.astype(np.uint8)).resize(z.shape[:1:-1], Image.NEAREST)) for m in y.numpy()])).long()
        """;

    private const string DeepLabVgg = CoarseLabels + """

        def trunk(x): return vgg(x, 1, lambda z, s: F.max_pool2d(z, 3, 2, 1, ceil_mode=True) if s < 3 else F.max_pool2d(z, 3, 1, 1), 2)[-1]
        def branch(z, s, kernel, d): return conv(F.relu(conv(F.relu(conv(z, 'fc6' + s, padding=d * (kernel - 1) // 2, dilation=d)), 'fc7' + s)), 'fc8' + s)
        def net(x): z = scores(x); return {'out': big(z, x), 'coarse': z} if training else {'out': big(z, x)}
        def loss(o, y): return entropy(o['coarse'], coarse(y, o['coarse']))
        """;
}
