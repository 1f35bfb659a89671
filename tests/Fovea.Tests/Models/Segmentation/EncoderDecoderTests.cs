using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Segmentation;

[LeakCheck]
public sealed class EncoderDecoderTests
{
    private const string ResNetMaps = "levels = lambda x, **a: resnet(x, 'encoder.', (2, 2, 2, 2), **a)\n";

    // Stages that the decoder does not see are not run.
    private const string ThreeLevels = "levels = lambda x: resnet(x, 'encoder.', (2, 2))\n";

    private const string VggMaps = """
        def levels(x):
            maps, n = [], 0
            for i, count in enumerate((1, 1, 2, 2, 2)):
                if i: maps.append(x)
                for _ in range(count): x = F.relu(conv(x, f'encoder.features.{n}', padding=1)); n += 2
                if i == 0: full = x
                else: maps[-1] = x
                x = F.max_pool2d(x, 2); n += 1
            return maps + [x]

        """;

    private const string DenseNetMaps = """
        import torchvision
        dense = torchvision.models.densenet121().features
        from torch.nn.utils.stateless import functional_call
        def levels(x):
            k, maps = 'encoder.features.', []
            dense.train(training)
            x = F.relu(norm(conv(x, k + 'conv0', stride=2, padding=3), k + 'norm0')); maps.append(x)
            x = F.max_pool2d(x, 3, 2, 1)
            for i in range(1, 5):
                p = f'{k}denseblock{i}.'
                x = functional_call(getattr(dense, f'denseblock{i}'), {n[len(p):]: v for n, v in sd.items() if n.startswith(p)}, x)
                if i == 4: return maps + [norm(x, k + 'norm5')]
                x = F.relu(norm(x, f'{k}transition{i}.norm')); maps.append(x)
                x = F.avg_pool2d(conv(x, f'{k}transition{i}.conv'), 2)

        """;

    // With padding every convolution keeps the size that its step leaves, whatever its kernel.
    private const string InceptionParts = """
        def cell(x, k, s=1):
            w = sd[k + '.conv.weight']
            y = F.conv2d(x, w, stride=s, padding=(w.shape[2] // 2, w.shape[3] // 2))
            return F.relu(F.batch_norm(y, sd[k + '.bn.running_mean'], sd[k + '.bn.running_var'], sd[k + '.bn.weight'], sd[k + '.bn.bias'], training=training, eps=1e-3))
        def chain(x, k, s=1):
            if k + '.conv.weight' in sd: return cell(x, k, s)
            n = next(i for i in range(9) if f'{k}.{i}.conv.weight' not in sd)
            for i in range(n): x = cell(x, f'{k}.{i}', s if i == n - 1 else 1)
            return x
        def pool(x): return F.max_pool2d(x, 3, 2, 1)
        def mean(x, k): return cell(F.avg_pool2d(x, 3, 1, 1, count_include_pad=False), k + '.1')
        def inception(x, k, n): return torch.cat([chain(x, f'{k}.branch{i}') for i in range(n)] + [mean(x, f'{k}.branch{n}')], 1)
        def reduction(x, k, n): return torch.cat([chain(x, f'{k}.branch{i}', 2) for i in range(n)] + [pool(x)], 1)

        """;

    private const string InceptionV4Maps = InceptionParts + """
        def last(x, k):
            one, two = cell(x, k + '.branch1_0'), x
            for i in range(3): two = cell(two, f'{k}.branch2_{i}')
            return torch.cat([cell(x, k + '.branch0'), cell(one, k + '.branch1_1a'), cell(one, k + '.branch1_1b'),
                              cell(two, k + '.branch2_3a'), cell(two, k + '.branch2_3b'), mean(x, k + '.branch3')], 1)
        def levels(x):
            k, maps = 'encoder.features.', []
            for i in range(22):
                if i < 3: x = cell(x, f'{k}{i}', 2 if i == 0 else 1)
                elif i == 3: x = torch.cat([pool(x), cell(x, k + '3.conv', 2)], 1)
                elif i == 4: x = torch.cat([chain(x, k + '4.branch0'), chain(x, k + '4.branch1')], 1)
                elif i == 5: x = torch.cat([cell(x, k + '5.conv', 2), pool(x)], 1)
                elif i in (10, 18): x = reduction(x, f'{k}{i}', 2)
                else: x = inception(x, f'{k}{i}', 3) if i < 18 else last(x, f'{k}{i}')
                if i in (2, 4, 8, 14, 21): maps.append(x)
            return maps

        """;

    private const string InceptionResNetV2Maps = InceptionParts + """
        def residual(x, k, count, branches, scale, ends=False):
            for i in range(count):
                p = f'{k}.{i}.' if not ends else k + '.'
                y = x + scale * conv(torch.cat([chain(x, f'{p}branch{b}') for b in range(branches)], 1), p + 'conv2d')
                x = y if ends else F.relu(y)
            return x
        def levels(x):
            k = 'encoder.'
            maps = [cell(cell(cell(x, k + 'conv2d_1a', 2), k + 'conv2d_2a'), k + 'conv2d_2b')]
            maps.append(cell(cell(pool(maps[-1]), k + 'conv2d_3b'), k + 'conv2d_4a'))
            maps.append(residual(inception(pool(maps[-1]), k + 'mixed_5b', 3), k + 'repeat', 10, 3, 0.17))
            maps.append(residual(reduction(maps[-1], k + 'mixed_6a', 2), k + 'repeat_1', 20, 2, 0.1))
            x = residual(reduction(maps[-1], k + 'mixed_7a', 3), k + 'repeat_2', 9, 2, 0.2)
            return maps + [cell(residual(x, k + 'block8', 1, 2, 1, ends=True), k + 'conv2d_7b')]

        """;

    private const string Parts = """
        def two(x, k, **a):
            y = conv(x, k + '.0', **a)
            return F.relu(norm(y, k + '.1') if k + '.1.weight' in sd else y)
        def head(x, **a): return conv(x, 'segmentation_head.0', **a)
        def aspp(x, k, separable):
            c = k + '.convs.'
            parts = [two(x, c + '0')]
            for i, r in ((1, 12), (2, 24), (3, 36)):
                parts.append(F.relu(norm(split(x, f'{c}{i}.0', r), f'{c}{i}.1')) if separable else two(x, f'{c}{i}', padding=r, dilation=r))
            p = F.relu(norm(conv(x.mean((2, 3), True), c + '4.1'), c + '4.2'))
            return drop(two(torch.cat(parts + [p.expand_as(parts[0])], 1), k + '.project'), 0.5)
        def split(x, k, d=1): return conv(conv(x, k + '.0', padding=d, dilation=d, groups=x.shape[1]), k + '.1')

        """;

    private const string UNetCode = Parts + """
        def gate(x, k):
            k += '.attention.'
            if k + 'sSE.0.weight' not in sd: return x
            return x * conv(F.relu(conv(x.mean((2, 3), True), k + 'cSE.1')), k + 'cSE.3').sigmoid() + x * conv(x, k + 'sSE.0').sigmoid()
        def net(x):
            maps = levels(x); z = maps.pop()
            for i in range(2):
                if f'decoder.center.{i}.0.weight' in sd: z = two(z, f'decoder.center.{i}', padding=1)
            for i in range(5):
                k, z = f'decoder.blocks.{i}', F.interpolate(z, scale_factor=2, mode='nearest')
                if maps: z = torch.cat([z, maps.pop()], 1)
                z = two(gate(z, k + '.attention1'), k + '.conv1', padding=1)
                z = gate(two(z, k + '.conv2', padding=1), k + '.attention2')
            return {'out': head(z, padding=1)}
        """;

    private const string FpnCode = Parts + """
        def net(x):
            maps = levels(x)
            p, total = conv(maps[-1], 'decoder.p5'), 0
            for i, count in enumerate((3, 2, 1, 0)):
                if i: p = F.interpolate(p, scale_factor=2, mode='nearest') + conv(maps[-1 - i], f'decoder.p{5 - i}.skip_conv')
                z = p
                for j in range(max(count, 1)):
                    k = f'decoder.seg_blocks.{i}.block.{j}.block.'
                    z = F.relu(F.group_norm(conv(z, k + '0', padding=1), 32, sd[k + '1.weight'], sd[k + '1.bias']))
                    if count: z = F.interpolate(z, scale_factor=2, mode='bilinear', align_corners=True)
                total = total + z
            return {'out': F.interpolate(head(drop2(total, 0.2)), scale_factor=4, mode='bilinear', align_corners=True)}
        """;

    private const string PspCode = Parts + """
        def net(x):
            m = levels(x)[2]
            parts = [big(two(F.adaptive_avg_pool2d(m, n), f'decoder.psp.blocks.{i}.pool.1'), m.shape[2:], True) for i, n in enumerate((1, 2, 3, 6))]
            z = drop2(two(torch.cat(parts + [m], 1), 'decoder.conv'), 0.2)
            return {'out': F.interpolate(head(z, padding=1), scale_factor=8, mode='bilinear', align_corners=True)}
        """;

    private const string DeepLabCode = Parts + """
        def net(x):
            m = levels(x, strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4))[-1]
            z = F.relu(norm(conv(aspp(m, 'decoder.0', False), 'decoder.1', padding=1), 'decoder.2'))
            return {'out': F.interpolate(head(z), scale_factor=8, mode='bilinear', align_corners=True)}
        """;

    private const string DeepLabPlusCode = Parts + """
        def net(x):
            maps = levels(x, strides=(1, 2, 2, 1), dilations=(1, 1, 1, 2))
            z = F.relu(norm(split(aspp(maps[-1], 'decoder.aspp.0', True), 'decoder.aspp.1'), 'decoder.aspp.2'))
            z = torch.cat([F.interpolate(z, scale_factor=4, mode='bilinear', align_corners=True), two(maps[1], 'decoder.block1')], 1)
            z = F.relu(norm(split(z, 'decoder.block2.0'), 'decoder.block2.1'))
            return {'out': F.interpolate(head(z), scale_factor=4, mode='bilinear', align_corners=True)}
        """;

    [Theory]
    [InlineData("smp_unet_resnet18", ResNetMaps + UNetCode, 64, 32)]
    [InlineData("smp_unet_vgg11", VggMaps + UNetCode, 64, 32)]
    [InlineData("smp_unet_inceptionv4", InceptionV4Maps + UNetCode, 64, 32)]
    [InlineData("smp_fpn_inceptionresnetv2", InceptionResNetV2Maps + FpnCode, 32, 64)]
    [InlineData("smp_fpn_resnet18", ResNetMaps + FpnCode, 64, 96)]
    [InlineData("smp_fpn_densenet121", DenseNetMaps + FpnCode, 32, 64)]
    [InlineData("smp_pspnet_resnet18", ThreeLevels + PspCode, 56, 64)]
    [InlineData("smp_deeplabv3_resnet18", ResNetMaps + DeepLabCode, 104, 112)]
    [InlineData("smp_deeplabv3plus_resnet18", ResNetMaps + DeepLabPlusCode, 208, 64)]
    public void Equals_the_same_arithmetic_in_PyTorch(string name, string code, int height, int width)
    {
        using var model = SegmenterContract.Build(name, 3);
        SegmenterParity.Compare(model, code, [2, 3, height, width], 3);
    }

    [Theory]
    [InlineData(MapGate.Both, true, 24_550_360)]
    [InlineData(MapGate.None, false, 24_435_377)]
    public void The_decoder_of_the_U_Net_can_differ(MapGate gate, bool hasNorm, long expected)
    {
        var options = new ModelOptions { Outputs = 1, Variation = new SmpUNetOptions { Gate = gate, HasNorm = hasNorm } };
        using (Init.Skip())
        {
            using var counted = ModelCatalog.Find("smp_unet_resnet34").Build(options);
            Assert.Equal(expected, counted.ParameterCount());
        }

        using var model = (Segmenter)ModelCatalog.Find("smp_unet_resnet18").Build(options with { Outputs = 2 });
        SegmenterParity.Compare(model, ResNetMaps + UNetCode, [2, 3, 32, 32], 2);
    }

    [Fact]
    public void Have_published_keys_and_numbers_of_parameters()
    {
        using var skip = Init.Skip();
        using var grey = SegmenterContract.Build("smp_unet_resnet34", 1, inChannels: 1);
        Assert.Equal(24_430_097, grey.ParameterCount());
        var published = new Dictionary<string, long>
        {
            ["smp_unet_resnet34"] = 24_436_369, ["smp_fpn_resnet50"] = 26_116_033, ["smp_pspnet_resnet101"] = 43_293_121, ["smp_deeplabv3_resnet50"] = 39_633_729,
            ["smp_deeplabv3plus_resnet101"] = 45_669_713, ["smp_unet_vgg11"] = 18_254_033, ["smp_fpn_vgg16_bn"] = 16_806_849, ["smp_pspnet_vgg11"] = 10_013_441,
        };
        Assert.All(published, p => Assert.Equal(p.Value, ModelCatalog.Find(p.Key).Parameters));
        Assert.Null(ModelCatalog.TryFind("smp_deeplabv3_vgg11"));
        Assert.Null(ModelCatalog.TryFind("smp_deeplabv3plus_densenet121"));
        Assert.Equal(3 * 14 + 5 * 11, ModelCatalog.All.Count(e => e.Name.StartsWith("smp_", StringComparison.Ordinal)));
        using var inception = SegmenterContract.Build("smp_fpn_inceptionv4", 2);
        Assert.Equal([0.5f, 0.5f, 0.5f], inception.Preprocessing.Std);
        using var model = SegmenterContract.Build("smp_unet_se_resnet50", 2);
        Assert.Superset(
            new HashSet<string> { "encoder.layer0.conv1.weight", "encoder.layer1.0.se_module.fc1.weight", "decoder.blocks.4.conv2.1.running_var", "segmentation_head.0.bias" },
            model.StateDict().Select(t => t.Key).ToHashSet());
    }

    [Theory]
    [InlineData("smp_fpn_resnet18", "resnet18", "conv1.weight", 1)]
    [InlineData("smp_fpn_resnet18", "resnet18", "conv1.weight", 3)]
    [InlineData("smp_fpn_densenet121", "densenet121", "features.conv0.weight", 5)]
    public void Encoders_start_from_classifiers_of_colour(string name, string classifier, string first, int channels)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(9);
        using var colour = ModelCatalog.Find(classifier).Build(new ModelOptions { Outputs = 4 });
        var path = Path.Combine(Directory.CreateTempSubdirectory("fovea-encoder-").FullName, "weights.safetensors");
        try
        {
            StateDict.Save(path, colour);
            using var model = (EncoderDecoder)SegmenterContract.Build(name, 2, channels);
            var before = model.StateDict().First(t => t.Key == "segmentation_head.0.weight").Value.ToArray<float>();
            var report = model.LoadEncoder(path);
            Assert.Empty(report.Kept);
            Assert.All(report.Ignored, key => Assert.Matches("^(fc|classifier)[.]", key));
            var given = colour.StateDict().ToDictionary(static t => t.Key, static t => t.Value);
            foreach (var (key, tensor) in model.StateDict())
            {
                if (key != "encoder." + first && key.StartsWith("encoder.", StringComparison.Ordinal) && tensor.Dtype == Dtype.Float32)
                    Assert.Equal(given[key["encoder.".Length..]].ToArray<float>(), tensor.ToArray<float>());
            }

            var kernels = model.StateDict().First(t => t.Key == "encoder." + first).Value;
            var original = given[first];
            for (var i = 0; i < channels; i++)
            {
                // A grey picture has its value in all three; of more channels each has its share.
                var expected = channels == 1 ? original.Sum([1]) : original[.., i % 3] * (3.0 / channels);
                Assert.Equal(0, (kernels[.., i] - expected).Abs().Max().ToDouble(), 1e-6);
            }

            Assert.Equal(before, model.StateDict().First(t => t.Key == "segmentation_head.0.weight").Value.ToArray<float>());
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Theory]
    [InlineData("smp_unet_resnet18")]
    [InlineData("smp_fpn_vgg11_bn")]
    [InlineData("smp_pspnet_densenet121")]
    [InlineData("smp_deeplabv3_resnet18")]
    [InlineData("smp_deeplabv3plus_resnet18")]
    public void Learn_and_take_any_size(string name)
    {
        using var scope = new TensorScope();
        using var model = SegmenterContract.Build(name, 2, inChannels: 2);
        using var batch = SegmenterContract.Batch(3, 2, 37, 64);
        // A PSPNet of this kind leaves two stages of its encoder idle.
        SegmenterContract.Learns(model, batch, steps: 10, rate: name.Contains("densenet", StringComparison.Ordinal) ? 0.005 : 0.02, idle: key => name.Contains("pspnet", StringComparison.Ordinal) && key.StartsWith("encoder.", StringComparison.Ordinal));
        SegmenterContract.TakesAnySize(model, 2, 2, (1, 1), (33, 7));
        SegmenterContract.KeepsItsScoresInAPlan(model, 2);
    }
}
