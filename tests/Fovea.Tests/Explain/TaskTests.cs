using Fovea.Explain;
using Fovea.Models;
using Fovea.Models.Detection;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Explain;

[LeakCheck]
public class TaskTests
{
    [Theory]
    [InlineData("fasterrcnn_resnet18_fpn")]
    [InlineData("retinanet_resnet18_fpn")]
    [InlineData("maskrcnn_resnet18_fpn")]
    public void A_box_of_a_detector_is_explained(string name)
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        using var network = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 4 });
        network.Eval();
        var images = Tensor.Randn([1, 3, 96, 128]);
        var subject = new Subject(network, SmallClassifier.BatchOf(images), new BoxTarget(new Box(70, 30, 110, 80), 1));
        // The studies of a network look at its last stage, a box at the one level that it is read from: no other moves its score.
        Assert.Equal("backbone.body.layer4", LayerChoice.Default(network, images).Name);
        var chosen = LayerChoice.Default(subject).Name;
        var levels = network.NamedModules().Select(static part => part.Key).Where(static key => key is ['b', ..] && (key.StartsWith("backbone.fpn.layer_blocks.", StringComparison.Ordinal) && key.Length == 27
            || key is "backbone.fpn.extra_blocks.p6" or "backbone.fpn.extra_blocks.p7")).ToList();
        Assert.Contains(chosen, levels);
        Assert.Equal(name.StartsWith("retinanet", StringComparison.Ordinal) ? 5 : 4, levels.Count);
        Assert.Equal([chosen], levels.Where(level => LayerMaps.Pulls(subject, [LayerChoice.Find(network, level)])[0] > 0));
        if (!name.StartsWith("retinanet", StringComparison.Ordinal))
            Assert.Equal("backbone.fpn.layer_blocks.0", chosen);
        // Cell by cell the map stays within what is pooled.
        var confined = ExplanationMethod.Heat(HiResCam.Map(subject), subject.Size);
        Assert.True(confined.Max().ToDouble() > 0);
        if (!name.StartsWith("retinanet", StringComparison.Ordinal))
            Assert.Equal(confined.Sum().ToDouble(), confined[22..88, 62..118].Sum().ToDouble(), 1e-6 * confined.Sum().ToDouble());
        foreach (var method in ExplanationMethod.All.Where(static method => method.Name is "saliency" or "guided" or "deconvnet" || method.HasLayer))
        {
            using var inner = new TensorScope();
            var heat = ExplanationMethod.Heat(method.Compute(subject, new ExplanationOptions()), subject.Size);
            Assert.Equal([96, 128], heat.Shape.ToArray());
            Assert.True(heat.Isfinite().All().ToBoolean(), method.Name);
        }

        Assert.Equal([2], subject.Score(Aten.Cat([images, images])).Shape.ToArray());
        // Without gradient through the picture's far corner, a region of interest sees its own surroundings most.
        var saliency = Saliency.Map(subject);
        Assert.True(saliency[30..80, 70..110].Mean().ToDouble() > saliency[0..20, 0..30].Mean().ToDouble());
        Assert.Contains("expected a classifier", Assert.Throws<FoveaException>(() => ClassActivationMap.Map(subject)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_score_of_a_detection_is_its_class_before_the_softmax()
    {
        using var scope = new TensorScope();
        RandomState.Seed(2);
        using var network = (RetinaNet)ModelCatalog.Find("retinanet_resnet18_fpn").Build(new ModelOptions { Outputs = 3, Variation = new DetectorOptions { ScoreThreshold = 0.001 } });
        network.Eval();
        using var noGrad = Autograd.NoGrad();
        var images = Tensor.Randn([1, 3, 96, 96]);
        var found = network.Detect(images, [new ImageSize(96, 96)])[0];
        var (boxes, labels, scores) = (found.Boxes.ToArray<float>(), found.Labels.ToArray<long>(), found.Scores.ToArray<float>());
        // The best boxes that were not cut at the edge are their anchors' own.
        var inside = Enumerable.Range(0, labels.Length).Where(i => boxes[4 * i] > 0 && boxes[4 * i + 1] > 0 && boxes[4 * i + 2] < 96 && boxes[4 * i + 3] < 96).Take(5).ToList();
        Assert.NotEmpty(inside);
        foreach (var i in inside)
        {
            var box = new Box(boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]);
            Assert.Equal(scores[i], network.BoxScores(images, box, (int)labels[i]).Sigmoid().ToSingle(), 1e-4f);
        }
    }

    [Theory]
    [InlineData("unet", "up3")]
    [InlineData("unet_valid", null)]
    [InlineData("enet", null)]
    [InlineData("segnet", null)]
    [InlineData("smp_unet_resnet18", "decoder.blocks.3")]
    [InlineData("fcn_resnet50", "classifier.2")]
    public void A_region_of_a_segmenter_is_explained(string name, string? layer)
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        var entry = ModelCatalog.Find(name);
        using var network = (Segmenter)entry.Build(new ModelOptions { Outputs = 3, InChannels = entry.DefaultInChannels });
        network.Eval();
        var images = Tensor.Randn([1, entry.DefaultInChannels, 64, 64]);
        var batch = SmallClassifier.BatchOf(images);
        var region = new bool[64 * 64];
        for (var i = 0; i < 10; i++)
            region[(30 + i) * 64 + 20 + i] = true;
        var subject = new Subject(network, batch, new RegionTarget(2, region, new ImageSize(64, 64)));
        var scores = network.Scores(batch).Detach();
        Assert.Equal(Enumerable.Range(0, 10).Sum(i => scores[0, 2, 30 + i, 20 + i].ToDouble()), subject.Score(images).ToDouble(), 1e-3);
        if (layer is not null)
            Assert.Equal(layer, LayerChoice.Default(subject).Name);
        Assert.True(GradCam.Map(subject).Isfinite().All().ToBoolean());
        // What random weights say of a class may be against it, but not in every place; and cell by cell nothing far off counts.
        Assert.True(HiResCam.Map(subject).Max().ToDouble() > 0);
        Assert.True(Saliency.Map(subject).Max().ToDouble() > 0);
        var own = scores.Argmax(1)[0].ToArray<long>();
        var most = (int)own.Where(static label => label > 0).GroupBy(static label => label).MaxBy(static group => group.Count())!.Key;
        Assert.Equal(most, RegionTarget.Predicted(network, batch).Label);
        Assert.Equal(own.Count(label => label == most), RegionTarget.Predicted(network, batch).Region.Count(static inside => inside));
    }

    [Theory]
    [InlineData("unet", "up4")]
    [InlineData("enet", "upsample5_0")]
    [InlineData("smp_unet_resnet18", "decoder.blocks.2")]
    [InlineData("smp_fpn_resnet18", "decoder")]
    [InlineData("bisenet_resnet18", "ffm")]
    [InlineData("lraspp_mobilenet_v3_large", "classifier")]
    [InlineData("fanet_resnet18", "fam_4")]
    public void A_block_of_several_inputs_is_a_layer(string name, string block)
    {
        using var scope = new TensorScope();
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find(name);
        var variation = name == "unet" ? new UNetOptions { HasAttentionGates = true } : null;
        using var network = entry.Build(new ModelOptions { Outputs = 3, InChannels = entry.DefaultInChannels, Variation = variation });
        network.Eval();
        var images = Tensor.Randn([1, entry.DefaultInChannels, 64, 64]);
        var blocks = network.NamedModules().Where(static part => part.Value is SingleOutputModule and not Layer).Select(static part => part.Key).ToList();
        Assert.Contains(block, blocks);
        foreach (var layer in blocks.Select(found => LayerChoice.Find(network, found)))
        {
            using var probe = new LayerProbe(layer);
            using (var run = new TensorScope())
                NetworkRun.On(network, images);
            Assert.Equal(4, Assert.Single(probe.Maps).Rank);
        }

        Assert.False(HookReader.Any);
        using var trace = new OperatorTrace();
        NetworkRun.On(network, images);
        Assert.Equal(blocks.Count, trace.Calls.Count(static call => call.Layer is not Layer));
        var message = Assert.Throws<FoveaException>(() => LayerChoice.Find(network, block + "x")).Message;
        Assert.Contains($"near ones are {block}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_gives_several_tensors_names_the_layers_in_it()
    {
        using var scope = new TensorScope();
        using var network = ModelCatalog.Find("retinanet_resnet18_fpn").Build(new ModelOptions { Outputs = 2 });
        var message = Assert.Throws<FoveaException>(() => LayerChoice.Find(network, "backbone.fpn")).Message;
        Assert.Contains("'backbone.fpn', a FeaturePyramid, which does not give one tensor, expected a layer; those in it are backbone.fpn.inner_blocks.0", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_behind_by_a_hundred_pictures()
    {
        using var scope = new TensorScope();
        using var network = SmallClassifier.WithMeans();
        network.To(dtype: Dtype.Float32);
        var handles = 0L;
        for (var i = 0; i < 100; i++)
        {
            using (var inner = new TensorScope())
            {
                var subject = network.Ask(Tensor.Randn([1, 3, 24, 24]), i % 4);
                foreach (var method in ExplanationMethod.All)
                    method.Compute(subject, new ExplanationOptions { Samples = 2, Steps = 2, Patch = 12, Stride = 12 });
            }

            Assert.False(HookReader.Any);
            handles = i == 0 ? TorchRuntime.LiveTensors : handles;
            Assert.Equal(handles, TorchRuntime.LiveTensors);
        }
    }

    [Fact]
    public void Training_and_plans_are_refused()
    {
        using var scope = new TensorScope();
        using var network = SmallClassifier.WithMeans();
        network.To(dtype: Dtype.Float32);
        var images = Tensor.Randn([1, 3, 8, 8]);
        using (InferencePlan.Create(network))
            Assert.Contains("inference plan", Assert.Throws<FoveaException>(() => network.Ask(images, 0)).Message, StringComparison.Ordinal);
        network.Train();
        Assert.Contains("Eval()", Assert.Throws<FoveaException>(() => network.Ask(images, 0)).Message, StringComparison.Ordinal);
    }

    /// <summary>A layer may ask whether any layer is listened to or traced.</summary>
    internal sealed class HookReader : Layer
    {
        public static bool Any => HasHooks;

        protected override Tensor Compute(Tensor input) => input;
    }
}
