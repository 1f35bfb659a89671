using Fovea.Tests;
using Fovea.Torch.Nn;

namespace Fovea.Torch.Tests.Nn;

[LeakCheck]
public class InitTests
{
    [Fact]
    public void Draws_what_PyTorch_draws_from_the_same_seed()
    {
        (string Python, Action<Tensor> Fill)[] cases =
        [
            ("uniform_(w, -0.3, 0.3)", w => Init.Uniform(w, 0.3)),
            ("normal_(w, 0.5, 2)", w => Init.Normal(w, 0.5, 2)),
            ("trunc_normal_(w, 0.5, 2, -1, 3)", w => Init.TruncatedNormal(w, 0.5, 2, -1, 3)),
            ("constant_(w, 0.25)", w => Init.Constant(w, 0.25)),
            ("kaiming_normal_(w, nonlinearity='relu')", w => Init.KaimingNormal(w)),
            ("kaiming_normal_(w, mode='fan_out', nonlinearity='relu')", w => Init.KaimingNormal(w, fanOut: true)),
            ("kaiming_normal_(w, a=0.1)", w => Init.KaimingNormal(w, a: 0.1)),
            ("kaiming_uniform_(w, a=math.sqrt(5))", w => Init.KaimingUniform(w, Math.Sqrt(5))),
            ("kaiming_uniform_(w, mode='fan_out', nonlinearity='relu')", w => Init.KaimingUniform(w, fanOut: true)),
            ("xavier_normal_(w, 1.5)", w => Init.XavierNormal(w, 1.5)),
            ("xavier_uniform_(w)", w => Init.XavierUniform(w)),
        ];
        var code = "import torch, math\nfrom torch.nn.init import *\n" + string.Concat(cases.Select((c, i) =>
            $"torch.manual_seed(5); w = torch.empty(6, 4, 3, 2); {c.Python}; out['w{i}'] = w\n"));
        var answer = PythonReference.Run(code);
        for (var i = 0; i < cases.Length; i++)
        {
            using var scope = new TensorScope();
            RandomState.Seed(5);
            var weight = Tensor.Empty([6, 4, 3, 2]);
            weight.RequiresGrad = true;
            cases[i].Fill(weight);
            var (expected, found) = (answer.Floats($"w{i}"), weight.Detach().ToArray<float>());
            for (var j = 0; j < expected.Length; j++)
                Assert.True(Math.Abs(expected[j] - found[j]) < 1e-6, $"{cases[i].Python}: [{j}] is {found[j]}, PyTorch's {expected[j]}");
        }
    }

    [Fact]
    public void New_layers_start_as_in_PyTorch_from_the_same_seed()
    {
        var answer = PythonReference.Run("""
            import torch; from torch import nn
            torch.manual_seed(3)
            m = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ConvTranspose2d(8, 4, 2), nn.Linear(7, 5), nn.Embedding(6, 4, 1))
            for i, t in enumerate([*m.parameters(), *nn.LSTM(4, 3, 2, bidirectional=True).parameters()]): out[f'p{i}'] = t
            """);
        RandomState.Seed(3);
        using var layers = new Sequential(new Conv2d(3, 8, 3), new ConvTranspose2d(8, 4, 2), new Linear(7, 5), new Embedding(6, 4, 1));
        using var lstm = new LSTM(4, 3, 2, bidirectional: true);
        foreach (var (i, parameter) in layers.Parameters().Concat(lstm.Parameters()).Index())
        {
            using var scope = new TensorScope();
            Assert.Equal(answer.Floats($"p{i}"), parameter.Detach().ToArray<float>());
        }
    }

    [Fact]
    public void The_bilinear_kernel_interpolates()
    {
        using var scope = new TensorScope();
        var weight = Tensor.Empty([2, 2, 4, 4]);
        Init.Bilinear(weight);
        float[] taps = [.25f, .75f, .75f, .25f];
        for (var i = 0; i < 16; i++)
        {
            Assert.Equal(taps[i / 4] * taps[i % 4], weight[0, 0, i / 4, i % 4].ToSingle());
            Assert.Equal(taps[i / 4] * taps[i % 4], weight[1, 1, i / 4, i % 4].ToSingle());
            Assert.Equal(0, weight[0, 1, i / 4, i % 4].ToSingle());
        }

        var odd = Tensor.Empty([3, 1, 3]);
        Init.Bilinear(odd);
        Assert.Equal([.5f, 1, .5f, .5f, 1, .5f, .5f, 1, .5f], odd.ToArray<float>());
        Assert.Throws<ArgumentException>(() => Init.Bilinear(Tensor.Empty([2, 3, 4, 4])));
    }

    [Fact]
    public void Skipping_leaves_the_generator_alone_and_the_norms_set()
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        var before = RandomState.Get().ToArray<byte>();
        using (Init.Skip())
        {
            using var made = new Sequential(new Conv2d(3, 4, 3), new BatchNorm2d(4));
            Assert.Equal(before, RandomState.Get().ToArray<byte>());
            Assert.Equal([1f, 1, 1, 1], ((BatchNorm2d)made[1]).Weight!.Detach().ToArray<float>());
        }

        using var filled = new Linear(3, 4);
        Assert.NotEqual(before, RandomState.Get().ToArray<byte>());
    }
}
