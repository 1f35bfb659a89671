using Fovea.Explain;
using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Explain;

[LeakCheck]
public class ActivationMapTests
{
    [Fact]
    public void Grad_cam_is_cam_on_a_network_of_means()
    {
        using var scope = new TensorScope();
        RandomState.Seed(4);
        using var network = SmallClassifier.WithMeans();
        var images = Tensor.Randn([1, 3, 12, 12], Dtype.Float64);
        var layer = LayerChoice.Default(network, images);
        Assert.Equal("layers.4", layer.Name);
        var linear = (Linear)network.Find("layers.7");
        for (var label = 0; label < 4; label++)
        {
            var subject = network.Ask(images, label);
            var cam = ClassActivationMap.Map(subject);
            Assert.Equal(network.Logits(images)[0, label].ToDouble(), cam.Mean().ToDouble() + linear.Bias![label].ToDouble(), 1e-10);
            GradientMethodTests.Near(cam.Relu(), GradCam.Map(subject) * 36);
        }
    }

    [Fact]
    public void Rescaling_the_score_leaves_the_normalised_map()
    {
        using var scope = new TensorScope();
        RandomState.Seed(4);
        using var network = SmallClassifier.WithMeans();
        var subject = network.Ask(Tensor.Randn([1, 3, 12, 12], Dtype.Float64), 1);
        var before = GradCam.Map(subject);
        using (Autograd.NoGrad())
            ((Linear)network.Find("layers.7")).Weight.MulInPlace(3.5);
        var after = GradCam.Map(subject);
        GradientMethodTests.Near(before / before.Max(), after / after.Max());
    }

    [Fact]
    public void Grad_cam_plus_plus_is_its_closed_form_on_a_network_of_means()
    {
        using var scope = new TensorScope();
        RandomState.Seed(6);
        using var network = SmallClassifier.WithMeans();
        var images = Tensor.Randn([1, 3, 12, 12], Dtype.Float64);
        var subject = network.Ask(images, 2);
        var maps = Maps(network, images);
        const double Cells = 36;
        var u = ((Linear)network.Find("layers.7")).Weight[2] / Cells;
        var sums = maps.Sum([1, 2]);
        var weights = Aten.Where(u > 0, u * Cells / (u * sums + 2), u.ZerosLike());
        GradientMethodTests.Near((weights.Reshape([-1, 1, 1]) * maps).Sum([0]).Relu(), GradCamPlusPlus.Map(subject));
        // The authors' program divides α by its sum: what is left of a weight is u itself, where α is not 0.
        var even = Aten.Where(u > 0, u, u.ZerosLike());
        GradientMethodTests.Near((even.Reshape([-1, 1, 1]) * maps).Sum([0]).Relu(), GradCamPlusPlus.Map(subject, normalised: true));
    }

    [Fact]
    public void Guided_grad_cam_is_zero_where_either_is()
    {
        using var scope = new TensorScope();
        RandomState.Seed(8);
        using var network = SmallClassifier.WithMeans();
        var subject = network.Ask(Tensor.Randn([1, 3, 12, 12], Dtype.Float64), 0);
        var (map, guided) = (GradCam.Map(subject).Reshape([1, 1, 6, 6]).UpsampleBilinear2d([12, 12], false)[0], GuidedBackpropagation.Gradient(subject));
        var product = GuidedGradCam.Gradient(subject);
        GradientMethodTests.Near(map * guided, product);
        Assert.Equal(0, product.MaskedSelect(guided.Eq(0)).Abs().Sum().ToDouble());
    }

    [Theory]
    [InlineData("resnet18", "layer4")]
    [InlineData("cifar_resnet20", "layer3")]
    [InlineData("densenet121", "features")]
    [InlineData("googlenet", "inception5b")]
    [InlineData("squeezenet1_1", null)]
    [InlineData("darknet53", null)]
    [InlineData("legacy_seresnet50", "layer4")]
    [InlineData("alexnet_gap", "CAM_relu")]
    [InlineData("vgg16_gap", "CAM_relu")]
    [InlineData("googlenet_gap", "CAM_relu")]
    public void Cam_has_the_logit_as_its_mean_on_networks_of_the_catalogue(string name, string? layer)
    {
        using var scope = new TensorScope();
        using var network = Build(name);
        var images = Tensor.Randn([1, 3, 64, 96]);
        var subject = new Subject(network, SmallClassifier.BatchOf(images), new ClassTarget(3));
        var cam = ClassActivationMap.Map(subject);
        var logits = network.Logits(images);
        var bias = network.NamedModules().LastOrDefault(static m => m.Value is Linear).Value is Linear { OutFeatures: 5 } linear ? linear.Bias![3].ToDouble() : 0;
        Assert.Equal(logits[0, 3].ToDouble(), cam.Mean().ToDouble() + bias, 1e-4 * (1 + Math.Abs(logits[0, 3].ToDouble())));
        if (layer is not null)
            Assert.Equal(layer, LayerChoice.Default(network, images).Name);
        GradientMethodTests.Near(cam.Relu(), GradCam.Map(subject) * cam.Count, 1e-4);
        GradientMethodTests.Near(GradCam.Map(subject), HiResCam.Map(subject), 1e-4);
    }

    [Theory]
    [InlineData("alexnet", "features.11")]
    [InlineData("vgg11", "features.19")]
    [InlineData("lenet5", "s3")]
    public void Other_heads_refuse_cam_and_take_the_last_map(string name, string layer)
    {
        using var skip = Init.Skip();
        using var scope = new TensorScope();
        using var network = Build(name);
        var images = name == "lenet5" ? Tensor.Zeros([1, 1, 28, 28]) : Tensor.Zeros([1, 3, 64, 64]);
        Assert.Equal(layer, LayerChoice.Default(network, images).Name);
        var subject = new Subject(network, SmallClassifier.BatchOf(images), new ClassTarget(0));
        Assert.StartsWith("cam: found ", Assert.Throws<FoveaException>(() => ClassActivationMap.Map(subject)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_classifier_of_the_catalogue_has_a_map_and_a_gradient()
    {
        foreach (var entry in ModelCatalog.All.Where(static entry => entry.Task == ModelTask.Classification && entry.Parameters < 9_000_000))
        {
            using var scope = new TensorScope();
            using var network = Build(entry.Name);
            var side = network.Preprocessing.Height is > 0 and < 100 ? network.Preprocessing.Height : 80;
            var images = Tensor.Randn([1, entry.DefaultInChannels, side, side]);
            // A last ReLU leaves some classes without a score.
            var subject = new Subject(network, SmallClassifier.BatchOf(images), new ClassTarget((int)network.Logits(images).Argmax().ToInt64()));
            Assert.True(GradCam.Map(subject).Rank == 2, entry.Name);
            Assert.True(Saliency.Map(subject).Max().ToDouble() > 0, entry.Name);
        }
    }

    [Fact]
    public void A_layer_that_is_no_map_or_off_the_way_is_refused()
    {
        using var scope = new TensorScope();
        using var network = SmallClassifier.WithMeans();
        var subject = network.Ask(Tensor.Randn([1, 3, 8, 8], Dtype.Float64), 0);
        Assert.Contains("gives [1, 4]", Assert.Throws<FoveaException>(() => GradCam.Map(subject, LayerChoice.Find(network, "layers.7"))).Message, StringComparison.Ordinal);
        using var stranger = new Conv2d(3, 3, 1);
        Assert.Contains("did not run", Assert.Throws<FoveaException>(() => GradCam.Map(subject, new NamedLayer("stranger", stranger))).Message, StringComparison.Ordinal);
        Assert.Contains("near ones are layers.", Assert.Throws<FoveaException>(() => LayerChoice.Find(network, "layer.4")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_box_surrounds_the_largest_part_of_a_map()
    {
        var values = new float[10 * 12];
        for (var y = 2; y < 6; y++)
            for (var x = 3; x < 9; x++)
                values[y * 12 + x] = 1;
        values[9 * 12 + 11] = 2;
        values[0] = 0.3f;
        Assert.Equal(new Box(3, 2, 9, 6), MapBox.Of(values, new ImageSize(10, 12), 0.2));
        Assert.Null(MapBox.Of(new float[4], new ImageSize(2, 2), 0.2));
    }

    private static ImageClassifier Build(string name)
    {
        RandomState.Seed(7);
        var entry = ModelCatalog.Find(name);
        var network = (ImageClassifier)entry.Build(new ModelOptions { Outputs = 5, InChannels = entry.DefaultInChannels });
        network.Eval();
        return network;
    }

    private static Tensor Maps(SmallClassifier network, Tensor images)
    {
        var current = images;
        for (var i = 0; i < 5; i++)
            current = ((Layer)network.Find($"layers.{i}")).Forward(current);
        return current[0].Detach();
    }
}
