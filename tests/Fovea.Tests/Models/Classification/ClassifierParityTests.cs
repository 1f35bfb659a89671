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
    private const int Count = 2;

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

    private static readonly long[] Labels = [2, 6];

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-parity-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("squeezenet1_0", 33)]
    [InlineData("squeezenet1_1", 33)]
    [InlineData("wide_resnet50_2", 33)]
    [InlineData("mobilenet_v3_small", 64)]
    [InlineData("mobilenet_v3_large", 64)]
    [InlineData("resnet34", 33)]
    [InlineData("resnet101", 33)]
    [InlineData("resnet152", 33)]
    [InlineData("resnext101_32x8d", 33)]
    [InlineData("resnext101_64x4d", 33)]
    [InlineData("wide_resnet101_2", 33)]
    [InlineData("densenet161", 64)]
    [InlineData("densenet169", 64)]
    [InlineData("densenet201", 64)]
    public void Equals_torchvision(string name, int side) => Compare(name, Catalogued(name), side);

    // More than a hundred million weights: single precision halves the time, and few layers do not blow rounding up.
    [Theory]
    [InlineData("alexnet", 63)]
    [InlineData("vgg16", 32)]
    public void Equals_torchvision_in_single_precision(string name, int side) => Compare(name, Catalogued(name), side, Dtype.Float32);

    // Their head is that of VGG-16 above.
    [Theory]
    [InlineData(11, false)]
    [InlineData(11, true)]
    [InlineData(13, false)]
    [InlineData(13, true)]
    [InlineData(16, true)]
    [InlineData(19, false)]
    [InlineData(19, true)]
    public void Convolutions_of_vgg_train_as_torchvision_s(int depth, bool hasNorm)
    {
        const string code = """
            import torch, torchvision
            m = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs[letter], batch_norm=norm)
            # Maps that keep their size through all layers.
            for w in m.parameters(): torch.nn.init.kaiming_normal_(w) if w.dim() == 4 else w.data.add_(torch.rand_like(w) * 0.1)
            torch.save({f'features.{k}': v for k, v in m.state_dict().items()}, path)
            y = m.double().train()(T(x)); loss = y.square().mean(); loss.backward()
            part = lambda t: t.detach().double().flatten()[::t.numel() // 20000 + 1]
            out['map'] = y; out['gradients'] = torch.cat([part(p.grad) for p in m.parameters()])
            out['state'] = torch.cat([part(v) for v in m.state_dict().values()])
            """;
        using var scope = new TensorScope();
        RandomState.Seed(4);
        var images = Tensor.Randn([Count, 3, 32, 64], Dtype.Float64);
        var path = Path.Combine(folder, "weights.pth");
        var letter = depth switch { 11 => 'A', 13 => 'B', 16 => 'D', _ => 'E' };
        var answer = PythonReference.Run($"letter, norm, path = '{letter}', {(hasNorm ? "True" : "False")}, '{path}'\n{code}", ("x", new NdArray(images.ToArray<double>(), Count, 3, 32, 64)));
        using var skip = Init.Skip();
        using var model = Vgg.BackboneOf(depth, new VggOptions { Norm = hasNorm ? NormKind.Batch : NormKind.None });
        StateDict.Load(model, path);
        model.To(dtype: Dtype.Float64);
        var map = model.Last(images);
        map.Square().Mean().Backward();
        AssertParts(answer.Doubles("map"), [KeyValuePair.Create("map", map)], 1e-8, "in training:");
        AssertParts(answer.Doubles("gradients"), model.NamedParameters().Select(p => KeyValuePair.Create(p.Key, p.Value.Gradient!)), 1e-8, "gradient of");
        AssertParts(answer.Doubles("state"), model.StateDict(), 1e-8, "after the step:");
    }

    [Fact]
    public void Densenet_equals_torchvision_and_loads_its_first_names() => Compare(
        "densenet121", Catalogued("densenet121"), 64, rename: "lambda k: __import__('re').sub(r'(denselayer\\d+[.](norm|conv))([12])', r'\\1.\\3', k)");

    [Fact]
    public void Googlenet_and_its_two_auxiliary_heads_equal_torchvision() =>
        Compare("googlenet", Catalogued("googlenet"), 64, arguments: "init_weights=False", auxiliary: "0.3");

    [Fact]
    public void Inception_v3_without_its_auxiliary_head_equals_torchvision()
    {
        using var skip = Init.Skip();
        Compare("inception_v3", new InceptionV3(Classes, options: new InceptionV3Options { Auxiliary = false }), 107, arguments: "init_weights=False, aux_logits=False");
    }

    [Fact]
    public void Inception_v3_adds_the_loss_of_its_auxiliary_head_as_torchvision_gives_it()
    {
        const string code = """
            import torch, torchvision, torch.nn.functional as F
            m = torchvision.models.inception_v3(weights=None, num_classes=K, init_weights=False, dropout=0)
            torch.save(m.state_dict(), path)
            x, y = T(x), T(y)
            with torch.no_grad(): r = m(x)
            out['loss'], out['aux'] = F.cross_entropy(r[0], y), 0.4 * F.cross_entropy(r[1], y)
            head = m.AuxLogits.double().train()
            x = T(maps); F.cross_entropy(head(x), y).backward()
            out['logits'] = head(x); out['gradients'] = torch.cat([p.grad.flatten() for p in head.parameters()])
            """;
        using var outer = new TensorScope();
        RandomState.Seed(4);
        var (images, maps) = (Tensor.Randn([Count, 3, 299, 299]), Tensor.Randn([Count, 768, 17, 23], Dtype.Float64));
        var path = Path.Combine(folder, "weights.pth");
        var answer = PythonReference.Run(
            $"K, path = {Classes}, '{path}'\n{code}", ("x", new NdArray(images.ToArray<float>(), Count, 3, 299, 299)), ("y", new NdArray(Labels, Count)),
            ("maps", new NdArray(maps.ToArray<double>(), Count, 768, 17, 23)));
        using var skip = Init.Skip();
        using var model = new InceptionV3(Classes, options: new InceptionV3Options { Dropout = 0 });
        StateDict.Load(model, path);
        using (Autograd.NoGrad())
        {
            using var batch = BatchOf(images, 299);
            var terms = model.Loss(batch).Terms;
            Assert.Equal(["loss", "loss_aux1"], terms.Select(t => t.Key));
            Assert.Equal(answer.Doubles("loss")[0], terms[0].Value.ToDouble(), 1e-4);
            Assert.Equal(answer.Doubles("aux")[0], terms[1].Value.ToDouble(), 1e-4);
            model.Eval();
            Assert.Equal("loss", model.Loss(batch).Terms.Single().Key);
            model.Train();
            using var small = BatchOf(images[.., .., .., ..298], 299);
            Assert.Contains("found images of 298x299 pixels, expected at least 299x299", Assert.Throws<FoveaException>(() => model.Loss(small)).Message, StringComparison.Ordinal);
        }

        var head = (Layer)model.Find("AuxLogits");
        StateDict.Load(model, path);
        head.To(dtype: Dtype.Float64);
        var logits = head.Forward(maps);
        logits.CrossEntropyLoss(Tensor.FromArray(Labels), null, 1, -100, 0).Backward();
        AssertParts(answer.Doubles("logits"), [KeyValuePair.Create("logits", logits)], 1e-8, "auxiliary", whole: true);
        AssertParts(answer.Doubles("gradients"), head.NamedParameters().Select(p => KeyValuePair.Create(p.Key, p.Value.Gradient!)), 1e-8, "auxiliary gradient of", whole: true);
    }

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
        Compare(layers.ReplaceLineEndings(" "), Catalogued("alexnet_2012"), 99, Dtype.Float32, rename: $"lambda k: {names}[k.split('.')[0]] + '.' + k.split('.')[1]");
    }

    [Fact]
    public void Zfnet_equals_pytorch()
    {
        const string layers = """
            nn.Sequential(
            nn.Conv2d(3, 96, 7, 2, 1), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), nn.LocalResponseNorm(5, 5e-4, .75, 2),
            nn.Conv2d(96, 256, 5, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), nn.LocalResponseNorm(5, 5e-4, .75, 2),
            nn.Conv2d(256, 384, 3, 1, 1), nn.ReLU(), nn.Conv2d(384, 384, 3, 1, 1), nn.ReLU(),
            nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(3, 2), nn.AdaptiveAvgPool2d(6), nn.Flatten(),
            nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, K))
            """;
        const string names = "dict(zip('0 4 8 10 12 17 20 23'.split(), 'conv1 conv2 conv3 conv4 conv5 fc6 fc7 fc8'.split()))";
        Compare(layers.ReplaceLineEndings(" "), Catalogued("zfnet"), 99, Dtype.Float32, rename: $"lambda k: {names}[k.split('.')[0]] + '.' + k.split('.')[1]");
    }

    [Theory]
    [InlineData("vgg11_bn", 32)]
    [InlineData("vgg13_bn", 32)]
    [InlineData("vgg19", 32)]
    [InlineData("vgg19_bn", 32)]
    public void Equals_torchvision_in_evaluation(string name, int side)
    {
        const string code = """
            import torch, torchvision
            m = torchvision.models.get_model(name, weights=None, num_classes=K).eval()
            for k, v in m.state_dict().items():
                if k.endswith('running_mean'): v.normal_(0, 0.1)
                elif k.endswith('running_var'): v.uniform_(0.5, 1.5)
            torch.save(m.state_dict(), path)
            with torch.no_grad(): out['eval'] = m(T(x))
            """;
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(4);
        var images = Tensor.Randn([Count, 3, side, side]);
        var path = Path.Combine(folder, "weights.pth");
        var answer = PythonReference.Run($"name, K, path = '{name}', {Classes}, '{path}'\n{code}", ("x", new NdArray(images.ToArray<float>(), Count, 3, side, side)));
        using var model = Catalogued(name);
        StateDict.Load(model, path);
        model.Eval();
        AssertParts(answer.Doubles("eval"), model.Forward(images), 1e-4, "in evaluation:");
    }

    [Fact]
    public void Alexnet_of_2012_can_do_without_groups_and_normalisation()
    {
        using var scope = new TensorScope();
        using var model = new AlexNet2012(options: new AlexNet2012Options { Groups = 1, ResponseNorm = false });
        Assert.Equal(62_378_344, model.ParameterCount());
    }

    private static ImageClassifier Catalogued(string name)
    {
        using var skip = Init.Skip();
        return (ImageClassifier)ModelCatalog.Find(name).Build(new ModelOptions { Outputs = Classes });
    }

    private static Batch BatchOf(Tensor images, int side) => new()
    {
        Images = images,
        Origins = [.. Enumerable.Range(0, Count).Select(i => new ImageOrigin("", "", new ImageSize(side, side), new ImageSize(side, side)))],
        Labels = Tensor.FromArray(Labels),
    };

    private void Compare(
        string reference, ImageClassifier model, int side, Dtype dtype = Dtype.Float64, string arguments = "", string rename = "lambda k: k", string auxiliary = "0")
    {
        using var owned = model;
        using var outer = new TensorScope();
        RandomState.Seed(4);
        var images = Tensor.Randn([Count, 3, side, side]);
        var path = Path.Combine(folder, "weights.pth");
        var (dtypeName, tolerance) = dtype == Dtype.Float64 ? ("float64", 1e-8) : ("float32", 1e-4);
        var setup = $"import torch\nname, K, path, dtype, aux, rename, kwargs = '{reference}', {Classes}, '{path}', torch.{dtypeName}, {auxiliary}, {rename}, dict({arguments})\n";
        var answer = PythonReference.Run(setup + Code, ("x", new NdArray(images.ToArray<float>(), Count, 3, side, side)), ("y", new NdArray(Labels, Count)));

        StateDict.Load(model, path);
        model.To(dtype: dtype);
        var inputs = images.To(dtype);
        model.Eval();
        using (Autograd.NoGrad())
            AssertParts(answer.Doubles("eval"), model.Forward(inputs), tolerance, "in evaluation:");

        model.Train();
        RandomState.Seed(5);
        using var batch = BatchOf(inputs, side);
        var loss = model.Loss(batch).Total();
        loss.Backward();
        var expected = answer.Doubles("loss")[0];
        Assert.True(Math.Abs(expected - loss.ToDouble()) <= tolerance * expected, $"loss: {loss.ToDouble()} against {expected}");
        AssertParts(answer.Doubles("gradients"), model.NamedParameters().Select(p => KeyValuePair.Create(p.Key, p.Value.Gradient!)), tolerance, "gradient of");
        AssertParts(answer.Doubles("state"), model.StateDict(), tolerance, "after the step:");
    }

    private static void AssertParts(double[] expected, IEnumerable<KeyValuePair<string, Tensor>> tensors, double tolerance, string what, bool whole = false)
    {
        var start = 0;
        foreach (var (key, tensor) in tensors)
        {
            using var scope = new TensorScope();
            var found = tensor.Detach().Reshape([-1]).Slice(0, null, null, whole ? 1 : tensor.Count / 20_000 + 1).To(Dtype.Float64).ToArray<double>();
            var wanted = expected[start..(start + found.Length)];
            // What is zero but for rounding, as the gradient of a bias before a norm, has no digits to compare.
            if (wanted.Concat(found).All(value => Math.Abs(value) <= 0.1 * tolerance))
            {
                start += found.Length;
                continue;
            }

            var scale = Math.Max(1e-3, wanted.Max(Math.Abs));
            var worst = wanted.Zip(found).Max(pair => Math.Abs(pair.First - pair.Second));
            Assert.True(worst <= tolerance * scale, $"{what} {key}: differs by {worst} at a scale of {scale}");
            start += found.Length;
        }

        Assert.Equal(expected.Length, start);
    }
}
