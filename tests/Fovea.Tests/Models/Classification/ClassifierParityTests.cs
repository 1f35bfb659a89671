using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Classification;

/// <summary>
/// Classifiers beside torchvision's own, run live with the same random weights, handed over as a .pth file that must fit
/// strictly: logits in evaluation; loss, gradients and running statistics of a step in training, with the same dropout drawn.
/// In double precision, where what differs is a mistake and not rounding.
/// </summary>
[LeakCheck]
public sealed class ClassifierParityTests : IDisposable
{
    private const int Classes = 7;

    private const string Code = """
        import torch, torchvision, torch.nn.functional as F, warnings
        from torch import nn
        m = (eval(name) if '(' in name else torchvision.models.get_model(name, weights=None, num_classes=K, **kwargs))
        for k, v in m.state_dict().items():
            if k.endswith('running_mean'): v.normal_(0, 0.1)
            elif k.endswith('running_var'): v.uniform_(0.5, 1.5)
            elif k.endswith('weight') and v.dim() == 1: v.uniform_(0.7, 1.3)
            elif k.endswith('bias'): v.normal_(0, 0.1)
        torch.save({rename(k): v for k, v in m.state_dict().items()}, path)
        x, y = T(x).to(dtype), T(y)
        m.to(dtype).eval()
        with torch.no_grad(): out['eval'] = m(x)
        m.train(); torch.manual_seed(5)
        r = m(x)
        loss = F.cross_entropy(r[0], y) + aux * sum(F.cross_entropy(a, y) for a in r[1:]) if isinstance(r, tuple) else F.cross_entropy(r, y)
        loss.backward()
        # Large tensors by a sample: every n-th number.
        part = lambda t: t.detach().double().flatten()[::t.numel() // 20000 + 1]
        out['loss'] = loss; out['gradients'] = torch.cat([part(p.grad) for p in m.parameters()])
        out['state'] = torch.cat([part(v) for v in m.state_dict().values()])
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-parity-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("alexnet", 63)]
    [InlineData("vgg11_bn", 32)]
    [InlineData("squeezenet1_0", 33)]
    [InlineData("squeezenet1_1", 33)]
    public void Equals_torchvision(string name, int side) => Compare(name, side, Dtype.Float64, 1e-8);

    [Fact]
    public void Alexnet_of_2012_equals_pytorch()
    {
        const string layers = """
            nn.Sequential(
            nn.Conv2d(3, 96, 11, 4), nn.ReLU(), nn.LocalResponseNorm(5, 5e-4, .75, 2), nn.MaxPool2d(3, 2),
            nn.Conv2d(96, 256, 5, 1, 2, groups=2), nn.ReLU(), nn.LocalResponseNorm(5, 5e-4, .75, 2), nn.MaxPool2d(3, 2),
            nn.Conv2d(256, 384, 3, 1, 1), nn.ReLU(), nn.Conv2d(384, 384, 3, 1, 1, groups=2), nn.ReLU(),
            nn.Conv2d(384, 256, 3, 1, 1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.AdaptiveAvgPool2d(6), nn.Flatten(),
            nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, K))
            """;
        const string names = "dict(zip('0 4 8 10 12 17 20 23'.split(), 'conv1 conv2 conv3 conv4 conv5 fc6 fc7 fc8'.split()))";
        Compare("alexnet_2012", 99, Dtype.Float64, 1e-8, "", $"lambda k: {names}[k.split('.')[0]] + '.' + k.split('.')[1]", layers.ReplaceLineEndings(" "));
    }

    [Fact]
    public void Alexnet_of_2012_can_do_without_groups_and_normalisation()
    {
        using var scope = new TensorScope();
        using var model = new AlexNet2012(groups: 1, normalise: false);
        Assert.Equal(62_378_344, model.ParameterCount());
    }

    private void Compare(string name, int side, Dtype dtype, double tolerance, string arguments = "", string rename = "lambda k: k", string? reference = null, double auxiliary = 0)
    {
        using var outer = new TensorScope();
        const int count = 2;
        RandomState.Seed(4);
        var images = Tensor.Randn([count, 3, side, side]);
        long[] labels = [2, 6];
        var path = Path.Combine(folder, "weights.pth");
        var dtypeName = dtype == Dtype.Float64 ? "float64" : "float32";
        var setup = $"import torch\nname, K, path, dtype, aux, rename, kwargs = '{reference ?? name}', {Classes}, '{path}', torch.{dtypeName}, {auxiliary}, {rename}, dict({arguments})\n";
        var answer = PythonReference.Run(setup + Code, ("x", new NdArray(images.ToArray<float>(), count, 3, side, side)), ("y", new NdArray(labels, count)));

        using var skip = Init.Skip();
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = Classes });
        StateDict.Load(model, path);
        model.To(dtype: dtype);
        var inputs = images.To(dtype);
        model.Eval();
        using (Autograd.NoGrad())
            AssertParts(answer.Doubles("eval"), model.Forward(inputs), tolerance, $"{name} in evaluation:");

        model.Train();
        RandomState.Seed(5);
        var origins = Enumerable.Range(0, count).Select(i => new ImageOrigin("", "", new ImageSize(side, side), new ImageSize(side, side))).ToList();
        using var batch = new Batch { Images = inputs, Origins = origins, Labels = Tensor.FromArray(labels) };
        var loss = model.Loss(batch).Total();
        loss.Backward();
        var expected = answer.Doubles("loss")[0];
        Assert.True(Math.Abs(expected - loss.ToDouble()) <= tolerance * expected, $"{name} loss: {loss.ToDouble()} against {expected}");
        AssertParts(answer.Doubles("gradients"), model.NamedParameters().Select(p => KeyValuePair.Create(p.Key, p.Value.Gradient!)), tolerance, $"{name} gradient of");
        AssertParts(answer.Doubles("state"), model.StateDict(), tolerance, $"{name} after the step:");
    }

    private static void AssertParts(double[] expected, IEnumerable<KeyValuePair<string, Tensor>> tensors, double tolerance, string what)
    {
        var start = 0;
        foreach (var (key, tensor) in tensors)
        {
            using var scope = new TensorScope();
            var found = tensor.Detach().Reshape([-1]).Slice(0, null, null, tensor.Count / 20_000 + 1).To(Dtype.Float64).ToArray<double>();
            var wanted = expected[start..(start + found.Length)];
            var scale = Math.Max(1e-3, wanted.Max(Math.Abs));
            var worst = wanted.Zip(found).Max(pair => Math.Abs(pair.First - pair.Second));
            Assert.True(worst <= tolerance * scale, $"{what} {key}: differs by {worst} at a scale of {scale}");
            start += found.Length;
        }

        Assert.Equal(expected.Length, start);
    }
}
