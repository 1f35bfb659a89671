using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Optim;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>
/// A network of torchvision's trained beside PyTorch for fifty steps of the same recipe: the same weights to start from, the same
/// pictures in the same order, SGD with momentum, weight decay and a polynomial fall. In double precision, where rounding has no say.
/// </summary>
[LeakCheck]
public sealed class LossCurveTests : IDisposable
{
    private const int Steps = 50, Side = 33, Classes = 4;

    private const string Code = """
        import torch, torchvision, torch.nn.functional as F
        from torchvision.models.segmentation.fcn import FCN, FCNHead
        from torchvision.models.segmentation.deeplabv3 import DeepLabV3, DeepLabHead
        if name in ('FCN', 'DeepLabV3'):
            b = torchvision.models._utils.IntermediateLayerGetter(torchvision.models.resnet18(weights=None), {'layer3': 'aux', 'layer4': 'out'})
            m = FCN(b, FCNHead(512, K), FCNHead(256, K)) if name == 'FCN' else DeepLabV3(b, DeepLabHead(512, K), FCNHead(256, K))
        else: m = torchvision.models.segmentation.__dict__[name](weights=None, weights_backbone=None, num_classes=K)
        torch.save(m.state_dict(), path)
        torch.set_num_threads(1)
        m.double().train()
        x, y = T(x).double(), T(y)
        optimizer = torch.optim.SGD(m.parameters(), lr=rate, momentum=0.9, weight_decay=1e-4)
        losses = []
        for step in range(steps):
            for group in optimizer.param_groups: group['lr'] = rate * (1 - step / steps) ** 0.9
            torch.manual_seed(step)
            r = m(x[step])
            loss = sum((0.5 if k == 'aux' else 1) * F.cross_entropy(v, y[step], ignore_index=255) for k, v in r.items())
            optimizer.zero_grad(); loss.backward(); optimizer.step(); losses.append(loss.item())
        out['losses'] = np.array(losses)
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-curve-").FullName;

    private readonly int threads = TorchRuntime.Threads;

    // Maps of a few cells: threads would only wait for each other.
    public LossCurveTests() => TorchRuntime.Threads = 1;

    public void Dispose()
    {
        TorchRuntime.Threads = threads;
        Directory.Delete(folder, recursive: true);
    }

    // The quickest of torchvision's, and the heads of the others on a shallow backbone; as published they are compared over their first steps.
    // The means over two pictures would be normalised to plus and minus one, whatever they are: then the last bit decides, in PyTorch as here.
    [Theory]
    [InlineData("lraspp_mobilenet_v3_large", 2, 0.02)]
    [InlineData("FCN", 2, 0.02)]
    [InlineData("DeepLabV3", 4, 0.005)]
    public void The_loss_falls_along_the_same_curve(string name, int count, double rate)
    {
        using var outer = new TensorScope();
        RandomState.Seed(3);
        // What is bright belongs to a class, so that there is something to learn.
        var images = Tensor.Randn([Steps, count, 3, Side, Side]);
        var labels = (images[.., .., 0].Gt(0).To(Dtype.Int64) + images[.., .., 1].Gt(0).To(Dtype.Int64) * 2).Contiguous();
        labels[.., .., ..3].FillInPlace(255);
        var path = Path.Combine(folder, "weights.pth");
        var answer = PythonReference.Run(FormattableString.Invariant($"name, K, path, steps, rate = '{name}', {Classes}, '{path}', {Steps}, {rate}\n{Code}"),
            ("x", new NdArray(images.ToArray<float>(), Steps, count, 3, Side, Side)), ("y", new NdArray(labels.ToArray<long>(), Steps, count, Side, Side)));
        var expected = answer.Doubles("losses");

        using var model = Build(name);
        StateDict.Load(model, path);
        model.To(dtype: Dtype.Float64);
        using var optimizer = new Sgd([ParameterGroup.Of(model, rate, 1e-4)], momentum: 0.9);
        var origins = Enumerable.Range(0, count).Select(i => new ImageOrigin("", "", new ImageSize(Side, Side), new ImageSize(Side, Side))).ToList();
        for (var step = 0; step < Steps; step++)
        {
            using var scope = new TensorScope();
            RandomState.Seed((ulong)step);
            optimizer.Groups[0].LearningRate = rate * Math.Pow(1 - (double)step / Steps, 0.9);
            using var batch = new Batch { Images = images[step].To(Dtype.Float64), Origins = origins, Maps = labels[step] };
            var loss = model.Loss(batch).Total();
            optimizer.ZeroGradients();
            loss.Backward();
            optimizer.Step();
            Assert.True(Math.Abs(expected[step] - loss.ToDouble()) <= 1e-5 * expected[step], $"{name} step {step}: loss {loss.ToDouble()} against {expected[step]}");
        }

        Assert.True(expected[^10..].Average() < expected[..10].Average(), $"{name} learned nothing: {expected[0]} to {expected[^1]}");
    }

    private static VisionModel Build(string name) => name switch
    {
        "FCN" => new Fcn(ResNet.OfDepth(18), Classes),
        "DeepLabV3" => new DeepLabV3(ResNet.OfDepth(18), Classes),
        _ => ModelCatalog.Find(name).Build(new ModelOptions { Outputs = Classes }),
    };
}
