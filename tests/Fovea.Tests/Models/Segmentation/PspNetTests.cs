using System.Globalization;
using Fovea.Models.Backbones;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Segmentation;

[LeakCheck]
public sealed class PspNetTests : IDisposable
{
    private const string Code = """
        import torchvision
        b = torchvision.models.resnet50(weights=None, replace_stride_with_dilation=[False, True, True]).eval()
        for layer, d in ((b.layer3, 2), (b.layer4, 4)): layer[0].conv2.dilation = layer[0].conv2.padding = (d, d)
        missing = b.load_state_dict({k: v for k, v in sd.items() if k[:3] not in ('ppm', 'cls', 'aux')}, strict=False)
        assert set(missing.missing_keys) == {'fc.weight', 'fc.bias'} and not missing.unexpected_keys
        big = lambda z, size: F.interpolate(z, size=size, mode='bilinear', align_corners=True)
        def head(z, k): return conv(F.relu(norm(conv(z, k + '.0', padding=1), k + '.1')), k + '.4')
        with torch.no_grad():
            x = T(x); size = x.shape[2:]
            low = b.layer3(b.layer2(b.layer1(b.maxpool(b.relu(b.bn1(b.conv1(x)))))))
            z = b.layer4(low); k = 'ppm.features.'
            grids = [big(F.relu(norm(conv(F.adaptive_avg_pool2d(z, n), f'{k}{i}.1'), f'{k}{i}.2')), z.shape[2:]) for i, n in enumerate((1, 2, 3, 6))]
            out['out'] = big(head(torch.cat([z] + grids, 1), 'cls'), size); out['aux'] = big(head(low, 'aux'), size)
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-pspnet-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Equals_the_same_arithmetic_in_PyTorch()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(3);
        using var model = new PspNet(ResNet.OfDepth(50, new ResNetOptions { DilateInsteadOfStride = (false, true, true), DilatesFirstBlock = true }), 5);
        model.Eval();
        var shapes = string.Join(", ", model.StateDict().Select(t => string.Create(CultureInfo.InvariantCulture, $"('{t.Key}', [{string.Join(", ", t.Value.Shape.Span.ToArray())}])")));
        var path = Path.Combine(folder, "weights.pth");
        var images = Tensor.Randn([2, 3, 65, 73]);
        var answer = PythonReference.Run($"path, shapes = '{path}', [{shapes}]\n{SwitchingNetworkTests.Weights}{Code}", ("x", new NdArray(images.ToArray<float>(), 2, 3, 65, 73)));
        StateDict.Load(model, path);
        var outputs = model.Forward(images);
        Assert.Equal(["out", "aux"], outputs.Select(o => o.Key));
        foreach (var (name, scores) in outputs)
        {
            Assert.Equal([2, 5, 65, 73], scores.Shape);
            var expected = answer.Floats(name);
            var scale = expected.Max(Math.Abs);
            Assert.InRange(scale, 1e-3, 1e6);
            Assert.Equal(0, scores.ToArray<float>().Zip(expected).Max(pair => Math.Abs(pair.First - pair.Second)) / scale, 2e-5);
        }
    }

    [Theory]
    [InlineData(50, 46_592_597)]
    [InlineData(101, 65_584_725)]
    public void Has_the_published_number_of_parameters_without_the_auxiliary_head(int depth, long expected)
    {
        using var skip = Init.Skip();
        using var model = new PspNet(ResNet.OfDepth(depth), 21, hasAuxiliary: false);
        Assert.Equal(expected, model.ParameterCount());
        Assert.Equal(["cls.4."], model.HeadPrefixes);
    }
}
