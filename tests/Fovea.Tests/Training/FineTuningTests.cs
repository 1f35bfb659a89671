using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Models.Segmentation;
using Fovea.Tests.Data;
using Fovea.Torch;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>Networks that start from the weights of another.</summary>
[LeakCheck]
public sealed class FineTuningTests : IDisposable
{
    private static readonly LabelSpace Labels = new(["road", "car", "sky"]);

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void FCN_goes_from_coarse_to_fine()
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        using var coarse = new FcnVgg(32, 3, 3, width: 8);
        using (Autograd.NoGrad())
            Of(coarse, "score_fr.weight").FillInPlace(0.25);
        var path = Save("32s.safetensors", coarse.StateDict());
        using var middle = new FcnVgg(16, 3, 3, width: 8);
        var lines = FineTuning.Load(ModelCatalog.Find("fcn16s_vgg16"), middle, Labels, new FineTuningSection { Weights = path });
        Assert.Contains("loaded 32 of 36 tensors from the 33 of fcn32s_vgg16; 4 start afresh because fcn32s_vgg16 has nothing like them:", lines[0], StringComparison.Ordinal);
        Assert.Equal(["score_pool4.weight", "score_pool4.bias", "upscore2.weight", "upscore16.weight"], lines.Skip(1).Select(line => line.Trim().Split(':')[0]));
        Assert.Equal(Of(coarse, "score_fr.weight").ToArray<float>(), Of(middle, "score_fr.weight").ToArray<float>());
        Assert.Equal(Of(coarse, "conv3_2.weight").ToArray<float>(), Of(middle, "conv3_2.weight").ToArray<float>());
        var next = Save("16s.safetensors", middle.StateDict());
        using var fine = new FcnVgg(8, 3, 3, width: 8);
        lines = FineTuning.Load(ModelCatalog.Find("fcn8s_vgg16"), fine, Labels, new FineTuningSection { Weights = next });
        Assert.Contains("loaded 35 of 39 tensors from the 36 of fcn16s_vgg16", lines[0], StringComparison.Ordinal);
        Assert.Equal(["score_pool3.weight", "score_pool3.bias", "upscore_pool4.weight", "upscore8.weight"], lines.Skip(1).Select(line => line.Trim().Split(':')[0]));
        // Its own weights load whole, and those of a finer network start nothing.
        Assert.Contains("loaded 36 of 36 tensors", FineTuning.Load(ModelCatalog.Find("fcn16s_vgg16"), middle, Labels, new FineTuningSection { Weights = next })[0], StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => FineTuning.Load(ModelCatalog.Find("fcn32s_vgg16"), coarse, Labels, new FineTuningSection { Weights = next }));
    }

    [Theory]
    [InlineData("smp_unet_resnet18", "resnet18", "encoder.layer3.1.conv2.weight", "layer3.1.conv2.weight", "encoder.conv1.weight", "conv1.weight")]
    [InlineData("bisenet_resnet18", "resnet18", "cp.resnet.layer3.1.conv2.weight", "layer3.1.conv2.weight", "cp.resnet.conv1.weight", "conv1.weight")]
    [InlineData("fanet_resnet18", "resnet18", "resnet.layer3.1.conv2.weight", "layer3.1.conv2.weight", "resnet.conv1.weight", "conv1.weight")]
    [InlineData("segnet", "vgg16_bn", "features.15.running_var", "features.15.running_var", "features.0.weight", "features.0.weight")]
    [InlineData("smp_fpn_inceptionv4", "inception_v4", "encoder.features.6.branch0.conv.weight", "features.6.branch0.conv.weight", "encoder.features.0.conv.weight", "features.0.conv.weight")]
    [InlineData("smp_fpn_densenet121", "densenet121", "encoder.features.norm0.weight", "features.norm0.weight", "encoder.features.conv0.weight", "features.conv0.weight")]
    public void An_encoder_starts_from_its_classifier_whatever_the_channels(string name, string classifier, string here, string there, string firstHere, string firstThere)
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        using var source = ModelCatalog.Find(classifier).Build(new ModelOptions { Outputs = 5 });
        var section = new FineTuningSection { Weights = Save("classifier.safetensors", source.StateDict()) };
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = 3, InChannels = 1 });
        var lines = FineTuning.Load(entry, model, Labels, section);
        Assert.Contains($"of {classifier}; ", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.Trim().StartsWith(here, StringComparison.Ordinal));
        Assert.Equal(Of(source, there).ToArray<float>(), Of(model, here).ToArray<float>());
        // A grey picture has the same value in each channel of colour.
        Assert.Equal(Of(source, firstThere).Detach().Sum([1], true).ToArray<float>(), Of(model, firstHere).ToArray<float>());
    }

    [Fact]
    public void RedNet_has_the_trunk_of_a_classifier_twice()
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        using var source = ModelCatalog.Find("resnet50").Build(new ModelOptions { Outputs = 5 });
        var entry = ModelCatalog.Find("rednet");
        using var model = entry.Build(new ModelOptions { Outputs = 3, InChannels = 4 });
        var lines = FineTuning.Load(entry, model, Labels, new FineTuningSection { Weights = Save("resnet50.safetensors", source.StateDict()) });
        var trunk = source.StateDict().Count(t => !t.Key.StartsWith("fc.", StringComparison.Ordinal));
        Assert.Contains($"loaded {2 * trunk} of ", lines[0], StringComparison.Ordinal);
        foreach (var name in new[] { "layer3.5.conv2.weight", "layer1.0.downsample.1.running_var", "bn1.bias" })
        {
            Assert.Equal(Of(source, name).ToArray<float>(), Of(model, name).ToArray<float>());
            Assert.Equal(Of(source, name).ToArray<float>(), Of(model, name.Insert(name.IndexOf('.', StringComparison.Ordinal), "_d")).ToArray<float>());
        }

        Assert.Equal(Of(source, "conv1.weight").ToArray<float>(), Of(model, "conv1.weight").ToArray<float>());
        Assert.Equal(Of(source, "conv1.weight").Detach().Mean([1], true).ToArray<float>(), Of(model, "conv1_d.weight").ToArray<float>());
    }

    [Fact]
    public void DeconvNet_takes_over_the_linear_layers_of_a_classifier()
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        using var model = new DeconvNet(3, 3, width: 4, trunkWidth: 2);
        var names = model.StateDict().Where(t => t.Key.StartsWith("features.", StringComparison.Ordinal)).ToDictionary(t => t.Key, t => t.Value.Dtype == Dtype.Int64 ? t.Value : Tensor.Randn(t.Value.Shape));
        names.Add("classifier.0.weight", Tensor.Randn([4, 16 * 49]));
        names.Add("classifier.0.bias", Tensor.Randn([4]));
        names.Add("classifier.3.weight", Tensor.Randn([4, 4]));
        names.Add("classifier.3.bias", Tensor.Randn([4]));
        names.Add("classifier.6.weight", Tensor.Randn([1000, 4]));
        names.Add("classifier.6.bias", Tensor.Randn([1000]));
        var lines = FineTuning.Load(ModelCatalog.Find("deconvnet"), model, Labels, new FineTuningSection { Weights = Save("vgg16_bn.safetensors", names) });
        Assert.Contains($"loaded {names.Count - 2} of ", lines[0], StringComparison.Ordinal);
        Assert.Equal(names["classifier.0.weight"].ToArray<float>(), Of(model, "fc6.0.weight").ToArray<float>());
        Assert.Equal(names["classifier.3.bias"].ToArray<float>(), Of(model, "fc7.0.bias").ToArray<float>());
        Assert.Equal(names["features.40.weight"].ToArray<float>(), Of(model, "features.40.weight").ToArray<float>());
        Assert.Contains(lines, static line => line.Contains("fc6.1.running_mean", StringComparison.Ordinal));
    }

    [Fact]
    public void FCN_takes_over_the_linear_layers_of_a_classifier()
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        using var model = new FcnVgg(32, 3, 3, width: 4);
        // A classifier as narrow.
        var names = new Dictionary<string, Tensor>();
        var numbers = new[] { 0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28 };
        var trunk = model.StateDict().Where(t => t.Key.StartsWith("conv", StringComparison.Ordinal)).ToList();
        for (var i = 0; i < trunk.Count; i++)
            names.Add($"features.{numbers[i / 2]}.{trunk[i].Key.Split('.')[1]}", Tensor.Randn(trunk[i].Value.Shape));
        names.Add("classifier.0.weight", Tensor.Randn([4, 512 * 49]));
        names.Add("classifier.0.bias", Tensor.Randn([4]));
        names.Add("classifier.3.weight", Tensor.Randn([4, 4]));
        names.Add("classifier.3.bias", Tensor.Randn([4]));
        names.Add("classifier.6.weight", Tensor.Randn([1000, 4]));
        names.Add("classifier.6.bias", Tensor.Randn([1000]));
        var section = new FineTuningSection { Weights = Save("vgg16.safetensors", names) };
        var entry = ModelCatalog.Find("fcn32s_vgg16");
        var lines = FineTuning.Load(entry, model, Labels, section);
        Assert.Contains("loaded 30 of 33 tensors from the 32 of vgg16; 3 start afresh because vgg16 has nothing like them:", lines[0], StringComparison.Ordinal);
        Assert.Equal(names["classifier.0.weight"].ToArray<float>(), Of(model, "fc6.weight").ToArray<float>());
        Assert.Equal(names["classifier.3.weight"].ToArray<float>(), Of(model, "fc7.weight").ToArray<float>());
        Assert.Equal(names["features.28.weight"].ToArray<float>(), Of(model, "conv5_3.weight").ToArray<float>());
        // The pictures are those of the classifier, not Caffe's.
        Assert.True(model.Preprocessing.BlueFirst);
        Assert.Equal(new Preprocessing().Mean, FineTuning.PreprocessingOf(entry, section)!.Mean);
        Assert.False(FineTuning.PreprocessingOf(entry, section)!.BlueFirst);
    }

    [Fact]
    public void A_segmenter_takes_over_the_trunk_of_a_classifier()
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        using var classifier = MobileNetV3.Large(10);
        var path = Save("mobilenet.safetensors", classifier.StateDict());
        var entry = ModelCatalog.Find("lraspp_mobilenet_v3_large");
        using var model = entry.Build(new ModelOptions { Outputs = 3 });
        var lines = FineTuning.Load(entry, model, Labels, new FineTuningSection { Weights = path });
        var head = model.StateDict().Count(t => t.Key.StartsWith("classifier.", StringComparison.Ordinal));
        Assert.Equal(head, lines.Count - 1);
        Assert.All(lines.Skip(1), line => Assert.StartsWith("  classifier.", line, StringComparison.Ordinal));
        Assert.Equal(Of(classifier, "features.15.block.3.0.weight").ToArray<float>(), Of(model, "backbone.15.block.3.0.weight").ToArray<float>());
        Assert.Equal(3, FineTuning.Fit(entry, new ModelOptions { Outputs = 3 }, new FineTuningSection { Weights = path }).Outputs);
    }

    private static Tensor Of(Fovea.Torch.Nn.Module model, string name) => model.StateDict().Single(t => t.Key == name).Value;

    private string Save(string name, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        var path = temp.At(name);
        StateDict.Save(path, tensors);
        return path;
    }
}
