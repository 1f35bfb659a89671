using System.Globalization;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>
/// A network beside the same arithmetic restated in PyTorch, in double precision on the same random weights: outputs in
/// evaluation, then the loss of a step in training and every gradient. Nothing is dropped, so that both see the same.
/// </summary>
internal static class RestatedNetwork
{
    private const int Classes = 3;

    // A snippet defines net(x), the outputs by name, and may define loss(outputs, y).
    private const string Prelude = """
        import torch, torch.nn.functional as F
        sd = {}
        for k, s in shapes:
            if k.endswith('num_batches_tracked'): sd[k] = torch.zeros(s, dtype=torch.int64)
            elif k.endswith('running_var'): sd[k] = torch.rand(s).double() + 0.5
            elif len(s) > 1: sd[k] = (torch.randn(s) * (1 / np.prod(s[1:])) ** 0.5).double()
            elif k.endswith('weight'): sd[k] = torch.rand(s).double() + 0.5
            else: sd[k] = torch.randn(s).double() * 0.1
        torch.save(sd, path)
        P = {k: v.requires_grad_() if v.is_floating_point() and 'running' not in k else v for k, v in sd.items()}
        training = False
        def conv(x, k, **a): return F.conv2d(x, P[k + '.weight'], P.get(k + '.bias'), **a)
        def up_conv(x, k, **a): return F.conv_transpose2d(x, P[k + '.weight'], P.get(k + '.bias'), **a)
        def norm(x, k): return F.batch_norm(x, P[k + '.running_mean'].clone(), P[k + '.running_var'].clone(), P[k + '.weight'], P[k + '.bias'], training)
        def big(x, like, align=False): return F.interpolate(x, size=like.shape[2:], mode='bilinear', align_corners=align)
        def entropy(z, y): return F.cross_entropy(z, y, ignore_index=255)
        def loss(outputs, y): return entropy(outputs['out'], y)
        def unit(x, k, relu=True, **a): z = norm(conv(x, k + '.conv', **a), k + '.bn'); return F.relu(z) if relu else z
        def vgg(x, border, pool, last=1):
            maps = []
            for s, n in enumerate((2, 2, 3, 3, 3)):
                for i in range(n):
                    d = last if s == 4 else 1
                    x = F.relu(conv(x, f'conv{s + 1}_{i + 1}', padding=border if s == i == 0 else d, dilation=d))
                x = pool(x, s); maps.append(x)
            return maps
        def stem(x, k=''): return F.max_pool2d(F.relu(norm(conv(x, k + 'conv1', stride=2, padding=3), k + 'bn1')), 3, 2, 1)
        def deep_stem(x, names, last):
            for i, (c, n) in enumerate(names): x = norm(conv(x, c, stride=2 if i == 0 else 1, padding=1), n); x = F.relu(x)
            return F.max_pool2d(x, 3, 2, 1)
        def resnet18(x, k='', dilated=False):
            maps = []
            for s in range(4):
                d = (1, 1, 2, 4)[s] if dilated else 1
                for b in range(2):
                    p = f'{k}layer{s + 1}.{b}.'; step = 2 if b == 0 and s > 0 and d == 1 else 1
                    z = F.relu(norm(conv(x, p + 'conv1', stride=step, padding=d, dilation=d), p + 'bn1'))
                    z = norm(conv(z, p + 'conv2', padding=d, dilation=d), p + 'bn2')
                    if p + 'downsample.0.weight' in P: x = norm(conv(x, p + 'downsample.0', stride=step), p + 'downsample.1')
                    x = F.relu(z + x)
                maps.append(x)
            return maps
        def deeplab_resnet(x, k, ways, grid=(1, 1, 1)):
            x = F.max_pool2d(unit(x, k + 'layer1.conv1', stride=2, padding=3), 3, 2, 1, ceil_mode=True); maps = []
            for s, (step, d) in enumerate(ways):
                for b in range(3 if s == 3 else 1):
                    p = f'{k}layer{s + 2}.block{b + 1}.'; st = step if b == 0 else 1; e = d * grid[b] if s == 3 else d
                    z = unit(unit(unit(x, p + 'reduce', stride=st), p + 'conv3x3', padding=e, dilation=e), p + 'increase', relu=False)
                    x = F.relu(z + (unit(x, p + 'shortcut', relu=False, stride=st) if b == 0 else x))
                maps.append(x)
            return maps
        def pyramid(x, rates):
            k = 'aspp.stages.'
            pooled = unit(F.adaptive_avg_pool2d(x, 1), k + 'imagepool.conv')
            return torch.cat([unit(x, k + 'c0')] + [unit(x, f'{k}c{i + 1}', padding=r, dilation=r) for i, r in enumerate(rates)] + [big(pooled, x)], 1)

        """;

    private const string Epilogue = """

        x, y = T(x), T(y)
        with torch.no_grad():
            for k, v in net(x).items(): out['eval_' + k] = v
        if trains:
            training = True
            total = loss(net(x), y)
            total.backward()
            out['loss'] = total
            out['gradients'] = torch.cat([torch.zeros_like(v).flatten() if v.grad is None or k in frozen else v.grad.flatten() for k, v in P.items() if v.requires_grad])
        """;

    /// <summary>Compares; the network is disposed.</summary>
    /// <param name="network">The network for 3 classes.</param>
    /// <param name="code">The snippet that restates it.</param>
    /// <param name="height">Rows of the images.</param>
    /// <param name="width">Columns of the images.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="trains">Whether the step in training is compared too.</param>
    /// <param name="frozen">Names of parameters that no gradient reaches.</param>
    public static void Check(Segmenter network, string code, int height, int width, int count = 2, bool trains = true, params string[] frozen)
    {
        using var scope = new TensorScope();
        using var model = network;
        model.To(dtype: Dtype.Float64);
        RandomState.Seed(6);
        var images = Tensor.Randn([count, 3, height, width], Dtype.Float64);
        var labels = Aten.Randint(Classes, [count, height, width], Dtype.Int64);
        labels[0, ..2].FillInPlace(255);
        var folder = Directory.CreateTempSubdirectory("fovea-restated-").FullName;
        try
        {
            var path = Path.Combine(folder, "weights.pth");
            var shapes = string.Join(", ", model.StateDict().Select(t => string.Create(CultureInfo.InvariantCulture, $"('{t.Key}', [{string.Join(", ", t.Value.Shape.Span.ToArray())}])")));
            var answer = PythonReference.Run(
                $"path, trains, shapes, frozen = '{path}', {(trains ? 1 : 0)}, [{shapes}], [{string.Join(", ", frozen.Select(name => $"'{name}'"))}]\n{Prelude}{code}{Epilogue}",
                ("x", new NdArray(images.ToArray<double>(), count, 3, height, width)), ("y", new NdArray(labels.ToArray<long>(), count, height, width)));
            StateDict.Load(model, path);
            Compare(model, images, labels, answer, trains);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Compare(Segmenter model, Tensor images, Tensor labels, PythonReference answer, bool trains)
    {
        model.Eval();
        using (Autograd.NoGrad())
        {
            foreach (var (name, scores) in model.Forward(images))
            {
                Assert.Equal([images.Shape[0], Classes, images.Shape[2], images.Shape[3]], scores.Shape);
                AssertClose(answer.Doubles("eval_" + name), scores, name);
            }
        }

        if (!trains)
            return;
        model.Train();
        foreach (var (_, module) in model.NamedModules())
        {
            if (module is Dropout or Dropout2d)
                module.Eval();
        }

        var size = new ImageSize((int)images.Shape[2], (int)images.Shape[3]);
        var origin = new ImageOrigin("", "", size, size);
        var loss = model.Loss(new Batch { Images = images, Origins = [.. Enumerable.Repeat(origin, (int)images.Shape[0])], Maps = labels }).Total();
        loss.Backward();
        Assert.Equal(answer.Doubles("loss").Single(), loss.ToDouble(), 1e-6);
        var gradients = answer.Doubles("gradients");
        var start = 0;
        foreach (var (name, parameter) in model.NamedParameters())
        {
            var expected = gradients[start..(start + (int)parameter.Count)];
            start += expected.Length;
            AssertClose(expected, parameter.Gradient ?? Tensor.Zeros(parameter.Shape, Dtype.Float64), $"gradient of {name}");
        }

        Assert.Equal(gradients.Length, start);
    }

    private static void AssertClose(double[] expected, Tensor tensor, string what)
    {
        var found = tensor.Detach().To(Dtype.Float64).ToArray<double>();
        Assert.Equal(expected.Length, found.Length);
        var scale = Math.Max(1e-6, expected.Max(Math.Abs));
        var worst = expected.Zip(found).Max(pair => Math.Abs(pair.First - pair.Second));
        Assert.True(worst <= 1e-5 * scale, $"{what}: differs by {worst} at a scale of {scale}");
    }
}
