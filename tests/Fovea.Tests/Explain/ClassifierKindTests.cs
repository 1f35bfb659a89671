using Fovea.Explain;
using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Explain;

/// <summary>Every method on classifiers of every kind: heads, activations, gates, branches, colour orders, one channel.</summary>
[LeakCheck]
public class ClassifierKindTests
{
    [Theory]
    [InlineData("lenet5", 28, false, false)]
    [InlineData("lenet5_1998", 32, false, false)]
    [InlineData("alexnet_2012", 99, false, true)]
    [InlineData("zfnet", 96, false, true)]
    [InlineData("vgg16_bn", 64, false, true)]
    [InlineData("googlenet", 64, true, true)]
    [InlineData("googlenet_2014", 64, true, true)]
    [InlineData("bn_inception", 64, true, true)]
    [InlineData("inception_v3", 139, true, true)]
    [InlineData("inception_resnet_v1", 139, true, true)]
    [InlineData("densenet121", 64, true, true)]
    [InlineData("mobilenet_v3_large", 64, false, true)]
    [InlineData("squeezenet1_1", 64, true, true)]
    [InlineData("darknet19", 64, true, true)]
    [InlineData("cspdarknet53", 64, true, true)]
    [InlineData("nin_cifar", 32, true, true)]
    [InlineData("all_cnn_c", 32, true, true)]
    [InlineData("legacy_seresnet50", 64, true, true)]
    [InlineData("resnext50_32x4d", 64, true, true)]
    public void Is_explained_by_every_method_that_its_kind_allows(string name, int side, bool hasPooledHead, bool hasRectifiers)
    {
        using var scope = new TensorScope();
        RandomState.Seed(11);
        var entry = ModelCatalog.Find(name);
        using var network = (ImageClassifier)entry.Build(new ModelOptions { Outputs = 5, InChannels = entry.DefaultInChannels });
        network.Eval();
        var images = Tensor.Randn([1, entry.DefaultInChannels, side, side]);
        // A last ReLU leaves some classes without a score.
        var subject = new Subject(network, SmallClassifier.BatchOf(images), new ClassTarget((int)network.Logits(images).Argmax().ToInt64()));
        var quick = new ExplanationOptions { Samples = 2, Steps = 3, Patch = side / 2, Stride = side / 2 };
        var raw = new Dictionary<string, Tensor>();
        foreach (var method in ExplanationMethod.All)
        {
            if ((method.Name == "cam" && !hasPooledHead) || (method.Name is "guided" or "deconvnet" or "guided-gradcam" && !hasRectifiers))
            {
                Assert.Contains("expected", Assert.Throws<FoveaException>(() => method.Compute(subject, quick)).Message, StringComparison.Ordinal);
                continue;
            }

            raw[method.Name] = method.Compute(subject, quick);
            var heat = ExplanationMethod.Heat(raw[method.Name], subject.Size);
            Assert.Equal([side, side], heat.Shape.ToArray());
            Assert.True(heat.Isfinite().All().ToBoolean(), method.Name);
            // What random weights say may come from no place in particular, but gradients are never nothing.
            if (!method.HasLayer && method.Name != "occlusion")
                Assert.True(heat.Abs().Max().ToDouble() > 0, method.Name);
        }

        if (hasRectifiers)
            GradientMethodTests.Near(LayerMaps.Enlarge(raw["gradcam"], subject.Size) * raw["guided"], raw["guided-gradcam"], 1e-5);
        if (hasPooledHead)
            GradientMethodTests.Near(raw["cam"].Relu() / raw["cam"].Count, raw["gradcam"], 1e-4);
    }

    [Theory]
    [InlineData("alexnet_2012", 99)]
    [InlineData("densenet121", 64)]
    [InlineData("mobilenet_v3_large", 64)]
    [InlineData("legacy_seresnet50", 64)]
    public void Integrated_gradients_add_up_to_the_score(string name, int side)
    {
        using var scope = new TensorScope();
        RandomState.Seed(12);
        using var network = (ImageClassifier)ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 5 });
        network.Eval();
        var images = Tensor.Randn([1, 3, side, side]);
        var subject = new Subject(network, SmallClassifier.BatchOf(images), new ClassTarget(3));
        var difference = (network.Logits(images) - network.Logits(images.ZerosLike()))[0, 3].ToDouble();
        Assert.Equal(difference, IntegratedGradients.Shares(subject, 48).Sum().ToDouble(), 0.05 * Math.Abs(difference) + 1e-4);
    }

    [Fact]
    public void A_network_of_Caffe_is_shown_in_its_true_colours()
    {
        using var scope = new TensorScope();
        using var skip = Init.Skip();
        using var network = ModelCatalog.Find("alexnet_2012").Build(new ModelOptions { Outputs = 2 });
        var red = new Fovea.Imaging.Image(new ImageSize(67, 67), 3);
        for (var i = 0; i < 67 * 67; i++)
            (red.Data[3 * i], red.Data[3 * i + 1], red.Data[3 * i + 2]) = (200, 40, 10);
        var preprocessing = network.Preprocessing with { SizeRule = SizeRule.Keep };
        using var batch = Fovea.Data.Loading.Collation.ForPrediction([("red", red)], preprocessing);
        var shown = TensorPicture.OfInput(batch.Images, preprocessing, new ImageSize(67, 67));
        Assert.Equal([200, 40, 10], shown.Data[..3]);
        // A gradient that grows with blue, the first channel there.
        var gradient = Tensor.Zeros([3, 2, 2]);
        gradient[0, 0, 0].FillInPlace(1);
        var picture = TensorPicture.OfGradient(gradient, preprocessing);
        Assert.True(picture.Data[2] > picture.Data[0]);
        Assert.Equal(picture.Data[0], picture.Data[1]);
    }

    [Fact]
    public void A_whitened_picture_is_shown_from_its_least_value_to_its_greatest()
    {
        using var scope = new TensorScope();
        var preprocessing = new Preprocessing { ContrastNorm = 55 };
        var shown = TensorPicture.OfInput(Tensor.FromArray([-3f, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 5], [1, 3, 2, 2]), preprocessing, new ImageSize(2, 2));
        Assert.Equal((0, 255), (shown.Data.Min(), shown.Data.Max()));
    }

    [Fact]
    public void A_hundred_pictures_leave_memory_flat_and_no_hook()
    {
        using var scope = new TensorScope();
        RandomState.Seed(13);
        using var network = (ImageClassifier)ModelCatalog.Find("resnet18").Build(new ModelOptions { Outputs = 5 });
        network.Eval();
        var (handles, bytes) = (0L, 0L);
        for (var i = 0; i < 100; i++)
        {
            using (var inner = new TensorScope())
            {
                var subject = new Subject(network, SmallClassifier.BatchOf(Tensor.Randn([1, 3, 64, 64])), new ClassTarget(i % 5));
                foreach (var method in ExplanationMethod.All)
                    method.Compute(subject, new ExplanationOptions { Samples = 1, Steps = 1, Patch = 32, Stride = 32 });
            }

            if (i == 20)
                (handles, bytes) = (TorchRuntime.LiveTensors, Resident());
        }

        Assert.Equal(handles, TorchRuntime.LiveTensors);
        Assert.False(TaskTests.HookReader.Any);
        // One picture's gradients alone are some megabytes; eighty of them would be hundreds.
        Assert.InRange(Resident() - bytes, long.MinValue, 60_000_000);
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}
