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
            w[n + '.weight'] = torch.randn(o, i, k, k) * .1
            if bias: w[n + '.bias'] = torch.randn(o) * .1
        def bn(n, c, counter=True):
            for k in ('weight', 'bias', 'running_mean'): w[f'{n}.{k}'] = torch.rand(c)
            w[n + '.running_var'] = torch.rand(c) + .5
            if counter: w[n + '.num_batches_tracked'] = torch.tensor(0)
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

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-keys-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("bn_inception", BnInception, 69 * 6 + 2)]
    [InlineData("legacy_seresnet18", LegacySEResNet, 154)]
    [InlineData("cifar_resnet20", CifarResNet, 116)]
    public void Load(string name, string names, int tensors)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var path = Path.Combine(folder, "weights.pth");
        PythonReference.Run($"{Setup}{names}\ntorch.save(w, '{path}'); out['done'] = np.ones(1)");
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = entry.DefaultOutputs });
        Assert.Equal(tensors, StateDict.Load(model, path).Loaded);
        using var backbone = BackboneCatalog.Find(name).Build();
        Assert.Equal(tensors - 2, BackboneWeights.Load(backbone, path).Loaded);
    }
}
