using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Optim;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models;

/// <summary>
/// Networks beside torchvision's own, run live with the same random weights, handed over as a .pth file: outputs in
/// evaluation, then three SGD steps in training: losses, first gradients, weights and running statistics afterwards.
/// Training is compared in double precision, large tensors by a sample: a deep network of random weights blows the last bits of single precision up, which
/// processors round differently. The last norm of every block has a small scale for the same reason.
/// </summary>
[LeakCheck]
public sealed class TorchvisionParityTests : IDisposable
{
    private const string Code = """
        import torch, torchvision, torch.nn.functional as F
        m = torchvision.models.get_model(name, weights=None, num_classes=K, **kwargs)
        last = 'bn2.weight' if name == 'resnet18' else 'bn3.weight'
        for k, v in m.state_dict().items():
            if k.endswith('running_mean'): v.normal_(0, 0.1)
            elif k.endswith('running_var'): v.uniform_(0.5, 1.5)
            # Quiet residual branches keep gradients small: with loud ones the last bit of a weight decides the third loss.
            elif v.dim() == 1 and v.is_floating_point(): v.uniform_(0.7, 1.3).mul_(0.1 if k.endswith(last) else 1) if k.endswith('weight') else v.normal_(0, 0.1)
        torch.save(m.state_dict(), path)
        x, y = T(x), T(y)
        def outputs(): r = m(x); return r if isinstance(r, dict) else {'logits': r}
        m.eval()
        with torch.no_grad():
            for k, v in outputs().items(): out['eval_' + k] = v
        m.train().double(); x = x.double()
        # Large tensors by a sample: every n-th number.
        flat = lambda tensors: torch.cat([t.detach().double().flatten()[::t.numel() // 20000 + 1] for t in tensors])
        optimizer = torch.optim.SGD(m.parameters(), lr=0.001, momentum=0.9, weight_decay=1e-4)
        losses = []
        for step in range(3):
            torch.manual_seed(step)
            r = outputs()
            loss = sum((0.5 if k == 'aux' else 1) * F.cross_entropy(v, y, ignore_index=255) for k, v in r.items())
            optimizer.zero_grad(); loss.backward()
            if step == 0: out['gradients'] = flat(p.grad for p in m.parameters())
            optimizer.step(); losses.append(loss.item())
        out['losses'] = np.array(losses); out['state'] = flat(m.state_dict().values())
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-parity-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("resnet18", "")]
    [InlineData("resnet50", "")]
    [InlineData("resnext50_32x4d", "")]
    [InlineData("fcn_resnet50", "weights_backbone=None, aux_loss=True")]
    [InlineData("deeplabv3_resnet50", "weights_backbone=None, aux_loss=True")]
    [InlineData("deeplabv3_mobilenet_v3_large", "weights_backbone=None, aux_loss=True")]
    [InlineData("lraspp_mobilenet_v3_large", "weights_backbone=None")]
    public void Equals_torchvision(string name, string arguments)
    {
        using var outer = new TensorScope();
        const int classes = 7;
        var isSemantic = ModelCatalog.Find(name).Task == ModelTask.Semantic;
        var (count, side) = isSemantic ? (2, 33) : (4, 64);
        RandomState.Seed(4);
        var images = Tensor.Randn([count, 3, side, side]);
        Shape labelShape = isSemantic ? [count, side, side] : [count];
        var labels = Aten.Randint(classes, labelShape, Dtype.Int64);
        if (isSemantic)
            labels[0, ..5].FillInPlace(255);
        var path = Path.Combine(folder, "weights.pth");
        var answer = PythonReference.Run($"name, K, path, kwargs = '{name}', {classes}, '{path}', dict({arguments})\n{Code}",
            ("x", new NdArray(images.ToArray<float>(), count, 3, side, side)), ("y", new NdArray(labels.ToArray<long>(), [.. labelShape.Select(s => (int)s)])));

        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = classes });
        StateDict.Load(model, path);
        model.Eval();
        using (Autograd.NoGrad())
        {
            foreach (var (output, tensor) in model.Forward(images))
                AssertClose(answer.Doubles("eval_" + output), tensor, 1e-5, $"{name} {output}");
        }

        model.Train();
        model.To(dtype: Dtype.Float64);
        images = images.To(Dtype.Float64);
        var origins = Enumerable.Range(0, count).Select(i => new ImageOrigin("", "", new ImageSize(side, side), new ImageSize(side, side))).ToList();
        var batch = new Batch { Images = images, Origins = origins, Labels = isSemantic ? null : labels, Maps = isSemantic ? labels : null };
        using var optimizer = new Sgd([ParameterGroup.Of(model, 0.001, 1e-4)], momentum: 0.9);
        for (var step = 0; step < 3; step++)
        {
            using var scope = new TensorScope();
            RandomState.Seed((ulong)step);
            var loss = model.Loss(batch).Total();
            optimizer.ZeroGradients();
            loss.Backward();
            Assert.True(Math.Abs(answer.Doubles("losses")[step] - loss.ToDouble()) <= 1e-9, $"{name} loss of step {step}: {loss.ToDouble()} against {answer.Doubles("losses")[step]}");
            if (step == 0)
                AssertParts(answer.Doubles("gradients"), model.NamedParameters().Select(p => KeyValuePair.Create(p.Key, p.Value.Gradient!)), $"{name} gradient of");
            optimizer.Step();
        }

        AssertParts(answer.Doubles("state"), model.StateDict(), $"{name} after three steps:");
    }

    private static void AssertParts(double[] expected, IEnumerable<KeyValuePair<string, Tensor>> tensors, string what)
    {
        var start = 0;
        foreach (var (key, tensor) in tensors)
        {
            using var scope = new TensorScope();
            var sample = tensor.Detach().Flatten().Slice(0, null, null, tensor.Count / 20_000 + 1);
            AssertClose(expected[start..(start + (int)sample.Count)], sample, 1e-8, $"{what} {key}");
            start += (int)sample.Count;
        }

        Assert.Equal(expected.Length, start);
    }

    private static void AssertClose(double[] expected, Tensor tensor, double tolerance, string what)
    {
        var found = tensor.Detach().To(Dtype.Float64).ToArray<double>();
        Assert.Equal(expected.Length, found.Length);
        var scale = Math.Max(1e-3, expected.Max(Math.Abs));
        var worst = expected.Zip(found).Max(pair => Math.Abs(pair.First - pair.Second));
        Assert.True(worst <= tolerance * scale, $"{what}: differs by {worst} at a scale of {scale}");
    }
}
