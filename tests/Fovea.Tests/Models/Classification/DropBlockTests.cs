using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Classification;

/// <summary>ResNets with DropBlock in their last two stages, beside torchvision's ResNet and DropBlock put together by the paper's rule.</summary>
[LeakCheck]
public sealed class DropBlockTests : IDisposable
{
    private const string Code = """
        import torch, torchvision, torch.nn.functional as F
        m = torchvision.models.get_model(name, weights=None, num_classes=3)
        torch.save(m.state_dict(), path)
        m = m.double().train(); x = T(x)
        def run(block, x, p):
            drop = lambda t: torchvision.ops.drop_block2d(t, p, 3, training=p > 0)
            y = drop(F.relu(block.bn1(block.conv1(x))))
            if hasattr(block, 'conv3'): y = drop(F.relu(block.bn2(block.conv2(y)))); y = drop(block.bn3(block.conv3(y)))
            else: y = drop(block.bn2(block.conv2(y)))
            return F.relu(y + drop(block.downsample(x) if block.downsample is not None else x))
        torch.manual_seed(5)
        y = m.maxpool(F.relu(m.bn1(m.conv1(x))))
        for p, layer in ((0, m.layer1), (0, m.layer2), (share / 4, m.layer3), (share, m.layer4)):
            for block in layer: y = run(block, y, p)
        out['logits'] = m.fc(y.mean((2, 3)))
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-dropblock-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    public void Equals_torchvision_and_rises_with_the_training(string name)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(4);
        var images = Tensor.Randn([2, 3, 128, 128], Dtype.Float64);
        var path = Path.Combine(folder, "weights.pth");
        var answer = PythonReference.Run($"name, path, share = '{name}', '{path}', 0.15\n{Code}", ("x", new NdArray(images.ToArray<double>(), 2, 3, 128, 128)));
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 3, Variation = ResNetVariation.Published with { DropBlock = 0.3, DropBlockSize = 3 } });
        StateDict.Load(model, path);
        model.To(dtype: Dtype.Float64);
        // Half way through the training half of the share is dropped.
        model.Progress(0.5);
        var expected = answer.Doubles("logits");
        var found = Logits();
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-8 * expected.Max(Math.Abs));
        model.Progress(0);
        var whole = Logits();
        Assert.NotEqual(found, whole);
        RandomState.Seed(6);
        Assert.Equal(whole, Logits(seeded: false));
        model.Progress(1);
        model.Eval();
        Assert.Equal(Logits(), Logits());

        double[] Logits(bool seeded = true)
        {
            if (seeded)
                RandomState.Seed(5);
            return model.Forward(images)[0].Value.ToArray<double>();
        }
    }

    [Fact]
    public void Last_stages_of_thin_networks_drop_and_wrong_shares_are_refused()
    {
        using var thin = ModelCatalog.Find("cifar_resnet20").Build(new ModelOptions { Outputs = 3, Variation = ResNetVariation.Published with { Shortcut = ResNetShortcut.ZeroPadding, DropBlock = 0.1 } });
        Assert.Equal(6, thin.NamedModules().Count(static m => m.Value is DropBlock2d));
        Assert.DoesNotContain(thin.NamedModules(), static m => m.Key.StartsWith("layer1.", StringComparison.Ordinal) && m.Value is DropBlock2d);
        foreach (var (share, size, message) in new[] { (1.0, 7, "found drop_block 1, expected 0 to less than 1"), (-0.1, 7, "drop_block -0.1"), (0.1, 4, "drop_block_size 4, expected an odd number") })
        {
            var options = new ModelOptions { Outputs = 3, Variation = ResNetVariation.Published with { DropBlock = share, DropBlockSize = size } };
            Assert.Contains(message, Assert.Throws<FoveaException>(() => ModelCatalog.Find("resnet18").Build(options)).Message, StringComparison.Ordinal);
        }
    }
}
