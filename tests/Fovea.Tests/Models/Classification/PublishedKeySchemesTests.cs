using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Classification;

/// <summary>Files with the names of published weights, written out here by the rule of each scheme, load strictly.</summary>
[LeakCheck]
public sealed class PublishedKeySchemesTests : IDisposable
{
    private const string Setup = """
        import torch
        w = {}
        def conv(n, o, i, k, bias=False):
            w[n + '.weight'] = torch.randn(o, i, *(k if isinstance(k, tuple) else (k, k))) * .1
            if bias: w[n + '.bias'] = torch.randn(o) * .1
        def bn(n, c, counter=True):
            for k in ('weight', 'bias', 'running_mean'): w[f'{n}.{k}'] = torch.rand(c)
            w[n + '.running_var'] = torch.rand(c) + .5
            if counter: w[n + '.num_batches_tracked'] = torch.tensor(0)
        # The unit of the Inception and Darknet ports; a row of them under numbers, each of outputs and kernel.
        def unit(n, o, i, k): conv(n + '.conv', o, i, k); bn(n + '.bn', o)
        def row(n, i, *layers):
            for j, (o, k) in enumerate(layers): unit(f'{n}.{j}', o, i, k); i = o
        def fc(n, o, i): w[n + '.weight'] = torch.randn(o, i) * .1; w[n + '.bias'] = torch.zeros(o)

        """;

    // The PyTorch port of Caffe's BN-Inception: flat names, no counters in files as old as it.
    private const string BnInception = """
        def unit(n, o, i, k): conv(n, o, i, k, True); bn(n + '_bn', o, False)
        unit('conv1_7x7_s2', 64, 3, 7); unit('conv2_3x3_reduce', 64, 64, 1); unit('conv2_3x3', 192, 64, 3)
        for n, i, a, r3, c3, rd, d, p in (('3a', 192, 64, 64, 64, 64, 96, 32), ('3b', 256, 64, 64, 96, 64, 96, 64), ('3c', 320, 0, 128, 160, 64, 96, 0), ('4a', 576, 224, 64, 96, 96, 128, 128),
            ('4b', 576, 192, 96, 128, 96, 128, 128), ('4c', 576, 160, 128, 160, 128, 160, 128), ('4d', 608, 96, 128, 192, 160, 192, 128), ('4e', 608, 0, 128, 192, 192, 256, 0),
            ('5a', 1056, 352, 192, 320, 160, 224, 128), ('5b', 1024, 352, 192, 320, 192, 224, 128)):
            n = f'inception_{n}_'
            if a: unit(n + '1x1', a, i, 1)
            unit(n + '3x3_reduce', r3, i, 1); unit(n + '3x3', c3, r3, 3)
            unit(n + 'double_3x3_reduce', rd, i, 1); unit(n + 'double_3x3_1', d, rd, 3); unit(n + 'double_3x3_2', d, d, 3)
            if p: unit(n + 'pool_proj', p, i, 1)
        fc('last_linear', 1000, 1024)
        """;

    // timm's legacy_seresnet18.
    private const string LegacySEResNet = """
        conv('layer0.conv1', 64, 3, 7); bn('layer0.bn1', 64)
        i = 64
        for l, c in ((1, 64), (2, 128), (3, 256), (4, 512)):
            for b in range(2):
                n = f'layer{l}.{b}.'
                conv(n + 'conv1', c, i, 3); bn(n + 'bn1', c); conv(n + 'conv2', c, c, 3); bn(n + 'bn2', c)
                conv(n + 'se_module.fc1', c // 16, c, 1, True); conv(n + 'se_module.fc2', c, c // 16, 1, True)
                if i != c: conv(n + 'downsample.0', c, i, 1); bn(n + 'downsample.1', c)
                i = c
        fc('last_linear', 1000, 512)
        """;

    // The CIFAR ResNets trained on several devices.
    private const string CifarResNet = """
        conv('conv1', 16, 3, 3); bn('bn1', 16)
        i = 16
        for l, c in ((1, 16), (2, 32), (3, 64)):
            for b in range(3):
                n = f'layer{l}.{b}.'
                conv(n + 'conv1', c, i, 3); bn(n + 'bn1', c); conv(n + 'conv2', c, c, 3); bn(n + 'bn2', c)
                i = c
        fc('linear', 10, 64)
        w = {'state_dict': {'module.' + k: v for k, v in w.items()}, 'best_prec1': 91.7}
        """;

    // torchvision's AlexNet as it lies on its server: pickled before PyTorch wrote zip files.
    private const string AlexNet = """
        for n, o, i, k in ((0, 64, 3, 11), (3, 192, 64, 5), (6, 384, 192, 3), (8, 256, 384, 3), (10, 256, 256, 3)): conv(f'features.{n}', o, i, k, True)
        fc('classifier.1', 4096, 9216); fc('classifier.4', 4096, 4096); fc('classifier.6', 1000, 4096)
        torch.save(w, path, _use_new_zipfile_serialization=False); path = None
        """;

    // The names of Caffe's layers, as converters keep them: bvlc_alexnet and the two of Network in Network.
    private const string CaffeAlexNet = """
        for n, o, i, k in ((1, 96, 3, 11), (2, 256, 48, 5), (3, 384, 256, 3), (4, 384, 192, 3), (5, 256, 192, 3)): conv(f'conv{n}', o, i, k, True)
        fc('fc6', 4096, 9216); fc('fc7', 4096, 4096); fc('fc8', 1000, 4096)
        """;

    private const string NinCifar = """
        for n, o, i, k in (('conv1', 192, 3, 5), ('cccp1', 160, 192, 1), ('cccp2', 96, 160, 1), ('conv2', 192, 96, 5), ('cccp3', 192, 192, 1), ('cccp4', 192, 192, 1),
            ('conv3', 192, 192, 3), ('cccp5', 192, 192, 1), ('cccp6', 10, 192, 1)): conv(n, o, i, k, True)
        """;

    private const string NinImageNet = """
        for n, o, i, k in (('conv1', 96, 3, 11), ('cccp1', 96, 96, 1), ('cccp2', 96, 96, 1), ('conv2', 256, 96, 5), ('cccp3', 256, 256, 1), ('cccp4', 256, 256, 1), ('conv3', 384, 256, 3),
            ('cccp5', 384, 384, 1), ('cccp6', 384, 384, 1), ('conv4-1024', 1024, 384, 3), ('cccp7-1024', 1024, 1024, 1), ('cccp8-1024', 1000, 1024, 1)): conv(n, o, i, k, True)
        """;

    private const string InceptionV4 = """
        A, D = (1, 7), (7, 1)
        for n, o, i in ((0, 32, 3), (1, 32, 32), (2, 64, 32)): unit(f'features.{n}', o, i, 3)
        unit('features.3.conv', 96, 64, 3)
        row('features.4.branch0', 160, (64, 1), (96, 3)); row('features.4.branch1', 160, (64, 1), (64, A), (64, D), (96, 3)); unit('features.5.conv', 192, 192, 3)
        for n in range(6, 10):
            n = f'features.{n}.'
            unit(n + 'branch0', 96, 384, 1); row(n + 'branch1', 384, (64, 1), (96, 3)); row(n + 'branch2', 384, (64, 1), (96, 3), (96, 3)); unit(n + 'branch3.1', 96, 384, 1)
        unit('features.10.branch0', 384, 384, 3); row('features.10.branch1', 384, (192, 1), (224, 3), (256, 3))
        for n in range(11, 18):
            n = f'features.{n}.'
            unit(n + 'branch0', 384, 1024, 1); row(n + 'branch1', 1024, (192, 1), (224, A), (256, D)); row(n + 'branch2', 1024, (192, 1), (192, D), (224, A), (224, D), (256, A))
            unit(n + 'branch3.1', 128, 1024, 1)
        row('features.18.branch0', 1024, (192, 1), (192, 3)); row('features.18.branch1', 1024, (256, 1), (256, A), (320, D), (320, 3))
        for n in range(19, 22):
            for b, o, i, k in (('0', 256, 1536, 1), ('1_0', 384, 1536, 1), ('1_1a', 256, 384, (1, 3)), ('1_1b', 256, 384, (3, 1)), ('2_0', 384, 1536, 1), ('2_1', 448, 384, (3, 1)),
                ('2_2', 512, 448, (1, 3)), ('2_3a', 256, 512, (1, 3)), ('2_3b', 256, 512, (3, 1)), ('3.1', 256, 1536, 1)): unit(f'features.{n}.branch{b}', o, i, k)
        fc('last_linear', 1000, 1536)
        """;

    private const string InceptionResNetV2 = """
        for n, o, i, k in (('1a', 32, 3, 3), ('2a', 32, 32, 3), ('2b', 64, 32, 3), ('3b', 80, 64, 1), ('4a', 192, 80, 3)): unit('conv2d_' + n, o, i, k)
        unit('mixed_5b.branch0', 96, 192, 1); row('mixed_5b.branch1', 192, (48, 1), (64, 5)); row('mixed_5b.branch2', 192, (64, 1), (96, 3), (96, 3)); unit('mixed_5b.branch3.1', 64, 192, 1)
        for n in range(10):
            n = f'repeat.{n}.'
            unit(n + 'branch0', 32, 320, 1); row(n + 'branch1', 320, (32, 1), (32, 3)); row(n + 'branch2', 320, (32, 1), (48, 3), (64, 3)); conv(n + 'conv2d', 320, 128, 1, True)
        unit('mixed_6a.branch0', 384, 320, 3); row('mixed_6a.branch1', 320, (256, 1), (256, 3), (384, 3))
        for n in range(20):
            n = f'repeat_1.{n}.'
            unit(n + 'branch0', 192, 1088, 1); row(n + 'branch1', 1088, (128, 1), (160, (1, 7)), (192, (7, 1))); conv(n + 'conv2d', 1088, 384, 1, True)
        row('mixed_7a.branch0', 1088, (256, 1), (384, 3)); row('mixed_7a.branch1', 1088, (256, 1), (288, 3)); row('mixed_7a.branch2', 1088, (256, 1), (288, 3), (320, 3))
        for n in [f'repeat_2.{n}.' for n in range(9)] + ['block8.']:
            unit(n + 'branch0', 192, 2080, 1); row(n + 'branch1', 2080, (192, 1), (224, (1, 3)), (256, (3, 1))); conv(n + 'conv2d', 2080, 448, 1, True)
        unit('conv2d_7b', 1536, 2080, 1); fc('classif', 1000, 1536)
        """;

    private const string Faces = """
        for n, o, i, k in (('1a', 32, 3, 3), ('2a', 32, 32, 3), ('2b', 64, 32, 3), ('3b', 80, 64, 1), ('4a', 192, 80, 3), ('4b', 256, 192, 3)): unit('conv2d_' + n, o, i, k)
        for n in range(5):
            n = f'repeat_1.{n}.'
            unit(n + 'branch0', 32, 256, 1); row(n + 'branch1', 256, (32, 1), (32, 3)); row(n + 'branch2', 256, (32, 1), (32, 3), (32, 3)); conv(n + 'conv2d', 256, 96, 1, True)
        unit('mixed_6a.branch0', 384, 256, 3); row('mixed_6a.branch1', 256, (192, 1), (192, 3), (256, 3))
        for n in range(10):
            n = f'repeat_2.{n}.'
            unit(n + 'branch0', 128, 896, 1); row(n + 'branch1', 896, (128, 1), (128, (1, 7)), (128, (7, 1))); conv(n + 'conv2d', 896, 256, 1, True)
        row('mixed_7a.branch0', 896, (256, 1), (384, 3)); row('mixed_7a.branch1', 896, (256, 1), (256, 3)); row('mixed_7a.branch2', 896, (256, 1), (256, 3), (256, 3))
        for n in [f'repeat_3.{n}.' for n in range(5)] + ['block8.']:
            unit(n + 'branch0', 192, 1792, 1); row(n + 'branch1', 1792, (192, 1), (192, (1, 3)), (192, (3, 1))); conv(n + 'conv2d', 1792, 384, 1, True)
        w['last_linear.weight'] = torch.randn(512, 1792); bn('last_bn', 512); fc('logits', 8631, 512)
        """;

    // timm's seresnet50: torchvision's ResNet with gates.
    private const string SEResNet50 = """
        conv('conv1', 64, 3, 7); bn('bn1', 64)
        i = 64
        for l, c, n in ((1, 64, 3), (2, 128, 4), (3, 256, 6), (4, 512, 3)):
            for b in range(n):
                p = f'layer{l}.{b}.'
                conv(p + 'conv1', c, i, 1); bn(p + 'bn1', c); conv(p + 'conv2', c, c, 3); bn(p + 'bn2', c); conv(p + 'conv3', 4 * c, c, 1); bn(p + 'bn3', 4 * c)
                conv(p + 'se.fc1', c // 4, 4 * c, 1, True); conv(p + 'se.fc2', 4 * c, c // 4, 1, True)
                if b == 0: conv(p + 'downsample.0', 4 * c, i, 1); bn(p + 'downsample.1', 4 * c)
                i = 4 * c
        fc('fc', 1000, 2048)
        """;

    private const string Darknet53 = """
        unit('stem.conv1', 32, 3, 3)
        for s, n in enumerate((1, 2, 8, 8, 4)):
            c = 64 << s
            unit(f'stages.{s}.conv_down', c, c // 2, 3)
            for b in range(n): unit(f'stages.{s}.blocks.{b}.conv1', c // 2, c, 1); unit(f'stages.{s}.blocks.{b}.conv2', c, c // 2, 3)
        fc('head.fc', 1000, 1024)
        """;

    private const string CspDarknet53 = """
        unit('stem.conv1', 32, 3, 3)
        for s, n in enumerate((1, 2, 8, 8, 4)):
            c = 64 << s; h = c if s == 0 else c // 2; inner = 32 if s == 0 else h; p = f'stages.{s}.'
            unit(p + 'conv_down', c, c // 2, 3); unit(p + 'conv_exp', 2 * h, c, 1)
            for b in range(n): unit(f'{p}blocks.{b}.conv1', inner, h, 1); unit(f'{p}blocks.{b}.conv2', h, inner, 3)
            unit(p + 'conv_transition_b', h, h, 1); unit(p + 'conv_transition', c, 2 * h, 1)
        fc('head.fc', 1000, 1024)
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-keys-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("bn_inception", BnInception, 69 * 6 + 2)]
    [InlineData("legacy_seresnet18", LegacySEResNet, 154)]
    [InlineData("cifar_resnet20", CifarResNet, 116)]
    [InlineData("alexnet", AlexNet, 16)]
    [InlineData("alexnet_2012", CaffeAlexNet, 16)]
    [InlineData("nin_cifar", NinCifar, 18)]
    [InlineData("nin_imagenet", NinImageNet, 24)]
    [InlineData("inception_v4", InceptionV4, 896)]
    [InlineData("inception_resnet_v2", InceptionResNetV2, 1306)]
    [InlineData("facenet", Faces, 716)]
    [InlineData("seresnet50", SEResNet50, 384)]
    [InlineData("darknet53_timm", Darknet53, 314)]
    [InlineData("cspdarknet53_timm", CspDarknet53, 404)]
    public void Load(string name, string names, int tensors)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var path = Path.Combine(folder, "weights.pth");
        PythonReference.Run($"path = '{path}'\n{Setup}{names}\nif path: torch.save(w, path)\nout['done'] = np.ones(1)");
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = entry.DefaultOutputs });
        Assert.Equal(tensors, StateDict.Load(model, path).Loaded);
        // Files as old as BN-Inception's hold no counters.
        var counters = name == "bn_inception" ? 69 : 0;
        using var backbone = BackboneCatalog.Find(name).Build();
        Assert.Equal(backbone.StateDict().Count, BackboneWeights.Load(backbone, path).Loaded + counters);
    }

    [Fact]
    public void Weights_without_auxiliary_heads_build_the_network_without_them()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var path = Path.Combine(folder, "weights.pth");
        PythonReference.Run($"""
            import torch, torchvision
            m = torchvision.models.inception_v3(weights=None, num_classes=5, init_weights=False, aux_logits=False)
            torch.save(m.state_dict(), '{path}'); out['done'] = np.ones(1)
            """);
        using var model = Fovea.Training.WeightedModel.Load(ModelCatalog.Find("inception_v3"), path);
        Assert.Equal(["fc."], model.HeadPrefixes);
        Assert.Equal([5, 2048], model.StateDict().Single(static t => t.Key == "fc.weight").Value.Shape);
    }
}
