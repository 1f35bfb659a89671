using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Classification;

/// <summary>The network as Caffe defines it, written out in PyTorch with weights under Caffe's names.</summary>
[LeakCheck]
public sealed class GoogLeNetOriginalTests : IDisposable
{
    private const string Code = """
        import torch, torch.nn.functional as F
        w = {}
        def layer(name, *shape):
            fan = np.prod(shape[1:])
            w[name + '.weight'] = torch.randn(shape) * (2 / fan) ** .5; w[name + '.bias'] = torch.randn(shape[0]) * .1
        rows = {'3a': (192, 64, 96, 128, 16, 32, 32), '3b': (256, 128, 128, 192, 32, 96, 64), '4a': (480, 192, 96, 208, 16, 48, 64), '4b': (512, 160, 112, 224, 24, 64, 64),
            '4c': (512, 128, 128, 256, 24, 64, 64), '4d': (512, 112, 144, 288, 32, 64, 64), '4e': (528, 256, 160, 320, 32, 128, 128), '5a': (832, 256, 160, 320, 32, 128, 128),
            '5b': (832, 384, 192, 384, 48, 128, 128)}
        torch.manual_seed(0)
        layer('conv1/7x7_s2', 64, 3, 7, 7); layer('conv2/3x3_reduce', 64, 64, 1, 1); layer('conv2/3x3', 192, 64, 3, 3)
        for n, (i, a, r3, c3, r5, c5, p) in rows.items():
            n = f'inception_{n}/'
            layer(n + '1x1', a, i, 1, 1); layer(n + '3x3_reduce', r3, i, 1, 1); layer(n + '3x3', c3, r3, 3, 3)
            layer(n + '5x5_reduce', r5, i, 1, 1); layer(n + '5x5', c5, r5, 5, 5); layer(n + 'pool_proj', p, i, 1, 1)
        for n, c in (('loss1', 512), ('loss2', 528)): layer(n + '/conv', 128, c, 1, 1); layer(n + '/fc', 1024, 2048); layer(n + '/classifier', K, 1024)
        layer('loss3/classifier', K, 1024)
        torch.save(w, path)
        conv = lambda x, n, s=1, p=0: F.relu(F.conv2d(x, w[n + '.weight'], w[n + '.bias'], s, p))
        fc = lambda x, n: F.linear(x, w[n + '.weight'], w[n + '.bias'])
        pool = lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True)
        lrn = lambda x: F.local_response_norm(x, 5, 1e-4, .75, 1.0)
        def inception(x, n):
            n = f'inception_{n}/'
            return torch.cat([conv(x, n + '1x1'), conv(conv(x, n + '3x3_reduce'), n + '3x3', 1, 1), conv(conv(x, n + '5x5_reduce'), n + '5x5', 1, 2),
                conv(F.max_pool2d(x, 3, 1, 1), n + 'pool_proj')], 1)
        def head(x, n): return fc(F.dropout(F.relu(fc(conv(F.avg_pool2d(x, 5, 3), n + '/conv').flatten(1), n + '/fc')), .7), n + '/classifier')
        def net(x, train):
            x = lrn(pool(conv(x, 'conv1/7x7_s2', 2, 3)))
            x = pool(lrn(conv(conv(x, 'conv2/3x3_reduce'), 'conv2/3x3', 1, 1)))
            x = pool(inception(inception(x, '3a'), '3b'))
            a = inception(x, '4a'); b = inception(inception(inception(a, '4b'), '4c'), '4d')
            x = inception(inception(pool(inception(b, '4e')), '5a'), '5b')
            aux = (head(a, 'loss1'), head(b, 'loss2')) if train else ()
            return (fc(F.dropout(x.mean((2, 3)), .4, train), 'loss3/classifier'),) + aux
        with torch.no_grad():
            out['small'] = net(T(x)[..., :70, :90], False)[0]
            torch.manual_seed(5)
            out['losses'] = torch.stack([s * F.cross_entropy(y, T(labels)) for s, y in zip((1, .3, .3), net(T(x), True))])
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-googlenet-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Equals_caffe_s_definition_and_loads_its_names()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(3);
        var images = Tensor.Randn([2, 3, 224, 224]);
        var path = Path.Combine(folder, "weights.pth");
        var answer = PythonReference.Run(
            $"K, path = 7, '{path}'\n{Code}", ("x", new NdArray(images.ToArray<float>(), 2, 3, 224, 224)), ("labels", new NdArray(new long[] { 2, 6 }, 2)));
        using var skip = Init.Skip();
        using var model = new GoogLeNetOriginal(7);
        StateDict.Load(model, path);
        using var batch = new Batch
        {
            Images = images, Labels = Tensor.FromArray<long>([2, 6]),
            Origins = [.. Enumerable.Range(0, 2).Select(i => new ImageOrigin("", "", new ImageSize(224, 224), new ImageSize(224, 224)))],
        };
        RandomState.Seed(5);
        var terms = model.Loss(batch).Terms;
        Assert.Equal(["loss", "loss_aux1", "loss_aux2"], terms.Select(t => t.Key));
        var losses = answer.Doubles("losses");
        for (var i = 0; i < losses.Length; i++)
            Assert.Equal(losses[i], terms[i].Value.ToDouble(), 1e-4 * losses[i]);

        using var small = new Batch { Images = images[.., .., ..70, ..90], Labels = batch.Labels, Origins = batch.Origins };
        Assert.Contains("expected sides of 209 to 256", Assert.Throws<FoveaException>(() => model.Loss(small)).Message, StringComparison.Ordinal);
        model.Eval();
        var expected = answer.Doubles("small");
        var found = model.Logits(small.Images).ToArray<float>();
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-4 * expected.Max(Math.Abs));
        Assert.Equal("loss", model.Loss(small).Terms.Single().Key);
    }

    [Fact]
    public void Can_do_without_its_heads_and_response_norms()
    {
        using var skip = Init.Skip();
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var bare = new GoogLeNetOriginal(options: new GoogLeNetOptions { Auxiliary = false, ResponseNorm = false });
        Assert.Equal(6_998_552, bare.ParameterCount());
        Assert.Equal(["loss3/classifier."], bare.HeadPrefixes);
        using var normed = new GoogLeNetOriginal(options: new GoogLeNetOptions { Auxiliary = false });
        GoldenFill.Fill(bare);
        GoldenFill.Fill(normed);
        bare.Eval();
        normed.Eval();
        var image = GoldenFill.Image(3, 40);
        Assert.NotEqual(bare.Logits(image).ToArray<float>(), normed.Logits(image).ToArray<float>());
    }
}
