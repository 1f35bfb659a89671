using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Optim;

namespace Fovea.Tests.Models.Classification;

[LeakCheck]
public class LeNet5OriginalTests
{
    [Fact]
    public void Every_layer_has_the_published_size()
    {
        using var model = new LeNet5Original();
        long[] sizes = [.. new[] { "c1", "s2", "c3", "s4", "c5", "f6" }.Select(name => model.Find(name).ParameterCount())];
        Assert.Equal([156, 12, 1516, 32, 48_120, 10_164], sizes);
        Assert.Equal(60_000, model.ParameterCount());
        Assert.Equal(13, model.StateDict().Count);
    }

    [Fact]
    public void Equals_the_paper_written_out_in_pytorch()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(1);
        using var model = new LeNet5Original();
        model.Eval();
        var image = Tensor.Randn([2, 1, 32, 32]);
        var inputs = model.StateDict().Select(t => (t.Key.Replace('.', '_'), new NdArray(t.Value.ToArray<float>(), [.. t.Value.Shape.ToArray().Select(s => (int)s)])))
            .Append(("image", new NdArray(image.ToArray<float>(), 2, 1, 32, 32))).ToArray();
        var answer = PythonReference.Run("""
            import torch, torch.nn.functional as F
            p = {k: T(v).double() for k, v in list(globals().items()) if k[:2] in ('c1', 's2', 'c3', 's4', 'c5', 'f6', 'ou') and isinstance(v, np.ndarray)}
            squash = lambda x: 1.7159 * torch.tanh(2 * x / 3)
            def sub(x, n): return squash((x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]) * p[n + '_weight'][:, None, None] + p[n + '_bias'][:, None, None])
            sets = [[0,1,2],[1,2,3],[2,3,4],[3,4,5],[4,5,0],[5,0,1],[0,1,2,3],[1,2,3,4],[2,3,4,5],[3,4,5,0],[4,5,0,1],[5,0,1,2],[0,1,3,4],[1,2,4,5],[0,2,3,5],[0,1,2,3,4,5]]
            x = T(image).double()
            x = sub(squash(F.conv2d(x, p['c1_weight'], p['c1_bias'])), 's2')
            maps, at = [], 0
            for i, s in enumerate(sets):
                w = p['c3_weight'][at:at + len(s)]; at += len(s)
                maps.append(F.conv2d(x[:, sorted(s)], w[None], p['c3_bias'][i:i + 1]))
            x = sub(squash(torch.cat(maps, 1)), 's4')
            x = squash(F.conv2d(x, p['c5_weight'], p['c5_bias'])).flatten(1)
            x = squash(F.linear(x, p['f6_weight'], p['f6_bias']))
            out['y'] = -torch.cdist(x, p['output_codes']) ** 2
            """, inputs);
        var expected = answer.Doubles("y");
        var found = model.Logits(image).ToArray<float>();
        for (var i = 0; i < found.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-3);
        Assert.All(found, value => Assert.True(value < 0));
    }

    [Fact]
    public void Learns_digits_by_their_drawings_and_other_classes_by_random_codes()
    {
        RandomState.Seed(0);
        using var scope = new TensorScope();
        using var model = new LeNet5Original(classes: 3);
        using var twin = new LeNet5Original(classes: 3);
        Assert.Equal(model.StateDict()[^1].Value.ToArray<float>(), twin.StateDict()[^1].Value.ToArray<float>());
        using var digits = new LeNet5Original();
        var codes = digits.StateDict()[^1].Value.ToArray<float>();
        Assert.Equal([-1f, 1f], codes.Distinct().Order());
        Assert.Equal(10, codes.Chunk(84).Select(code => string.Concat(code.Select(v => v > 0 ? '#' : '.'))).Distinct().Count());

        using var batch = new Batch
        {
            Images = Tensor.Randn([6, 1, 32, 32]), Labels = Tensor.FromArray<long>([0, 1, 2, 0, 1, 2]),
            Origins = [.. Enumerable.Range(0, 6).Select(i => new ImageOrigin($"{i}.png", $"{i}", new ImageSize(32, 32), new ImageSize(32, 32)))],
        };
        using var optimizer = new Sgd([ParameterGroup.Of(model, 0.002)], momentum: 0.9);
        var losses = new List<double>();
        for (var step = 0; step < 30; step++)
        {
            using var inner = new TensorScope();
            optimizer.ZeroGradients();
            var loss = model.Loss(batch).Total();
            loss.Backward();
            optimizer.Step();
            losses.Add(loss.ToDouble());
        }

        Assert.True(losses[^1] < 0.8 * losses[0], $"the loss went from {losses[0]} to {losses[^1]}");
        Assert.Contains("[1, 1, 28, 28]", Assert.Throws<FoveaException>(() => model.Logits(Tensor.Rand([1, 1, 28, 28]))).Message, StringComparison.Ordinal);
    }
}
