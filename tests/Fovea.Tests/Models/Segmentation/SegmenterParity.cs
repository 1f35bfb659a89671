using System.Globalization;
using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>
/// A network beside a few lines of PyTorch that compute the same from the same random weights, in double precision: every output
/// in evaluation, then one step of training: losses, the gradient of every weight, the running statistics afterwards.
/// </summary>
internal static class SegmenterParity
{
    /// <summary>
    /// What the lines can use: <c>sd</c>, <c>conv</c>, <c>tconv</c>, <c>norm</c>, <c>unit</c> (convolution, norm, activation called <c>conv</c> and
    /// <c>bn</c>), <c>drop</c>, <c>drop2</c>, <c>near</c>, <c>big</c>, <c>resnet</c>. They define <c>net(x)</c>, which gives the outputs by name, and
    /// may define <c>shares</c>, the weight of each output's loss, or <c>loss(outputs, y)</c>.
    /// </summary>
    private const string Before = """
        import torch, torch.nn.functional as F
        sd, training, shares = {}, False, {}
        for k, s in shapes:
            if k.endswith('num_batches_tracked'): sd[k] = torch.zeros(s, dtype=torch.int64)
            elif k.endswith('running_var'): sd[k] = torch.rand(s) + 0.5
            elif k.endswith('running_mean'): sd[k] = torch.randn(s) * 0.1
            elif len(s) == 4: sd[k] = torch.randn(s) * (2 / (s[1] * s[2] * s[3])) ** 0.5
            else: sd[k] = torch.rand(s) * 0.5 + 0.5 if k.endswith('weight') else torch.randn(s) * 0.1
        torch.save(sd, path)
        for k in sd: sd[k] = sd[k].double() if sd[k].is_floating_point() else sd[k]
        conv = lambda x, k, **a: F.conv2d(x, sd[k + '.weight'], sd.get(k + '.bias'), **a)
        tconv = lambda x, k, **a: F.conv_transpose2d(x, sd[k + '.weight'], sd.get(k + '.bias'), **a)
        norm = lambda x, k: F.batch_norm(x, sd[k + '.running_mean'], sd[k + '.running_var'], sd[k + '.weight'], sd[k + '.bias'], training=training)
        def unit(x, k, act=F.relu, **a): return act(norm(conv(x, k + '.conv', **a), k + '.bn'))
        drop = lambda x, p: F.dropout(x, p, training)
        drop2 = lambda x, p: F.dropout2d(x, p, training)
        near = lambda x, size: F.interpolate(x, size=size, mode='nearest')
        big = lambda x, size, corners=False: F.interpolate(x, size=size, mode='bilinear', align_corners=corners)
        def basic(x, k, stride, d, act):
            y = act(norm(conv(x, k + '.conv1', stride=stride, padding=d, dilation=d), k + '.bn1'))
            return norm(conv(y, k + '.conv2', padding=d, dilation=d), k + '.bn2')
        def bottleneck(x, k, stride, d, act):
            y = act(norm(conv(x, k + '.conv1'), k + '.bn1'))
            y = act(norm(conv(y, k + '.conv2', stride=stride, padding=d, dilation=d), k + '.bn2'))
            return norm(conv(y, k + '.conv3'), k + '.bn3')
        def stage(x, k, count, stride, block=basic, d=1, act=F.relu):
            for i in range(count):
                s, y = stride if i == 0 else 1, x
                y = block(x, f'{k}.{i}', s, d, act)
                if f'{k}.{i}.downsample.0.weight' in sd: x = norm(conv(x, f'{k}.{i}.downsample.0', stride=s), f'{k}.{i}.downsample.1')
                x = F.relu(x + y)
            return x
        def resnet(x, k, counts, strides=(1, 2, 2, 2), block=basic, dilations=(1, 1, 1, 1), act=F.relu):
            maps = [act(norm(conv(x, k + 'conv1', stride=2, padding=3), k + 'bn1'))]
            x = F.max_pool2d(maps[0], 3, 2, 1)
            for i, count in enumerate(counts): x = stage(x, f'{k}layer{i + 1}', count, strides[i], block, dilations[i], act); maps.append(x)
            return maps
        loss = lambda outputs, y: sum(shares.get(k, 1) * F.cross_entropy(v, y, ignore_index=255) for k, v in outputs.items())

        """;

    private const string After = """

        x, y = T(x), T(y)
        with torch.no_grad():
            for k, v in net(x).items(): out['eval_' + k] = v
        training = True
        parameters = {k: v.requires_grad_() for k, v in sd.items() if 'running_' not in k and v.is_floating_point()}
        torch.manual_seed(1)
        total = loss(net(x), y); total.backward(); out['loss'] = total
        def trace(t):
            t = t.detach().flatten()
            return [t.sum().item(), (t * torch.arange(len(t), dtype=torch.float64).cos()).sum().item(), t.norm().item()]
        zero = lambda p: torch.zeros_like(p) if p.grad is None else p.grad
        out['gradients'] = np.array([trace(zero(p)) for p in parameters.values()])
        out['statistics'] = np.array([trace(v) for k, v in sd.items() if 'running_' in k] or [[0., 0., 0.]])
        """;

    /// <summary>Compares a network, which is put into double precision, with the lines of <paramref name="code"/>.</summary>
    /// <param name="model">The network.</param>
    /// <param name="code">The lines.</param>
    /// <param name="images">Shape of the images, [N, C, H, W].</param>
    /// <param name="classes">Number of classes.</param>
    public static void Compare(Segmenter model, string code, int[] images, int classes)
    {
        using var scope = new TensorScope();
        var folder = Directory.CreateTempSubdirectory("fovea-parity-");
        try
        {
            RandomState.Seed(7);
            var (count, height, width) = (images[0], images[2], images[3]);
            var x = Tensor.Randn([.. images.Select(i => (long)i)], Dtype.Float64);
            var y = Aten.Randint(classes, [count, height, width], Dtype.Int64);
            y[0, ..2].FillInPlace(255);
            var path = Path.Combine(folder.FullName, "weights.pth");
            var shapes = string.Join(", ", model.StateDict().Select(t => string.Create(CultureInfo.InvariantCulture, $"('{t.Key}', [{string.Join(", ", t.Value.Shape.ToArray())}])")));
            var answer = PythonReference.Run($"path, shapes = '{path}', [{shapes}]\n{Before}{code}{After}",
                ("x", new NdArray(x.ToArray<double>(), images)), ("y", new NdArray(y.ToArray<long>(), count, height, width)));
            StateDict.Load(model, path);
            model.To(dtype: Dtype.Float64);
            CompareOutputs(model, x, answer);
            CompareStep(model, x, y, answer);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void CompareOutputs(Segmenter model, Tensor x, PythonReference answer)
    {
        using var noGrad = Autograd.NoGrad();
        model.Eval();
        foreach (var (name, scores) in model.Forward(x))
        {
            var expected = answer["eval_" + name];
            Assert.Equal(expected.Shape.Select(s => (long)s), scores.Shape.ToArray());
            AssertClose(expected.To<double>(), scores.ToArray<double>(), name);
        }
    }

    private static void CompareStep(Segmenter model, Tensor x, Tensor y, PythonReference answer)
    {
        model.Train();
        RandomState.Seed(1);
        var size = new ImageSize((int)x.Shape[2], (int)x.Shape[3]);
        using var batch = new Batch { Images = x, Maps = y, Origins = [.. Enumerable.Range(0, (int)x.Shape[0]).Select(i => new ImageOrigin($"{i}.png", "", size, size))] };
        var loss = model.Loss(batch).Total();
        loss.Backward();
        Assert.Equal(answer.Doubles("loss")[0], loss.ToDouble(), 1e-8);
        var zero = Tensor.Zeros([1], Dtype.Float64);
        AssertTraces(answer.Doubles("gradients"), [.. model.NamedParameters().Select(p => KeyValuePair.Create("gradient of " + p.Key, p.Value.Gradient ?? zero))]);
        AssertTraces(answer.Doubles("statistics"), [.. model.NamedBuffers().Where(b => b.Key.Contains("running_", StringComparison.Ordinal))]);
    }

    private static void AssertTraces(double[] expected, List<KeyValuePair<string, Tensor>> tensors)
    {
        if (tensors.Count == 0)
            return;
        Assert.Equal(expected.Length, 3 * tensors.Count);
        var largest = Enumerable.Range(0, tensors.Count).Max(i => expected[3 * i + 2]);
        for (var i = 0; i < tensors.Count; i++)
        {
            using var scope = new TensorScope();
            var flat = tensors[i].Value.Detach().Flatten();
            double[] found = [flat.Sum().ToDouble(), (flat * Tensor.Arange(flat.Count, Dtype.Float64).Cos()).Sum().ToDouble(), flat.Norm().ToDouble()];
            // A bias before a norm has no gradient but rounding errors.
            var tolerance = 1e-6 * Math.Max(expected[3 * i + 2], 1e-6 * largest) * Math.Sqrt(flat.Count);
            for (var j = 0; j < 3; j++)
                Assert.True(Math.Abs(found[j] - expected[3 * i + j]) <= tolerance, $"{tensors[i].Key}: found {string.Join(", ", found)}, expected {string.Join(", ", expected[(3 * i)..(3 * i + 3)])}");
        }
    }

    private static void AssertClose(double[] expected, double[] found, string what)
    {
        var scale = expected.Max(Math.Abs);
        Assert.InRange(scale, 1e-6, 1e9);
        var worst = expected.Zip(found).Max(pair => Math.Abs(pair.First - pair.Second)) / scale;
        Assert.True(worst < 1e-8, $"{what}: differs by {worst} of {scale}");
    }
}
