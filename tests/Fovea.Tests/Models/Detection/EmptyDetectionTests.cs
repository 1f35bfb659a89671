using Fovea.Models;
using Fovea.Models.Detection;
using Fovea.Torch;

namespace Fovea.Tests.Models.Detection;

/// <summary>Empty is normal: no objects in an image, no proposals, no detections.</summary>
[LeakCheck]
public class EmptyDetectionTests
{
    private const int Side = 64;

    [Theory]
    [InlineData("fasterrcnn_resnet18_fpn")]
    [InlineData("maskrcnn_resnet18_fpn")]
    [InlineData("retinanet_resnet18_fpn")]
    public void Images_without_objects_train_as_background(string name)
    {
        using var scope = new TensorScope();
        using var model = Small(name);
        using var batch = EmptyBatch(2);
        var losses = model.Loss(batch);
        Assert.All(losses.Terms, term => Assert.True(double.IsFinite(term.Value.ToDouble()), $"{term.Key} is {term.Value.ToDouble()}"));
        Assert.All(losses.Terms.Where(term => term.Key.Contains("reg", StringComparison.Ordinal) || term.Key == "loss_mask"), term => Assert.Equal(0, term.Value.ToDouble()));
        Assert.True(losses.Terms.First(term => term.Key is "loss_objectness" or "classification").Value.ToDouble() > 0);
        losses.Total().Backward();
        Assert.All(model.NamedParameters(), parameter => Assert.True(parameter.Value.Gradient!.Isfinite().All().ToBoolean(), parameter.Key));
    }

    [Theory]
    [InlineData("fasterrcnn_resnet18_fpn")]
    [InlineData("maskrcnn_resnet18_fpn")]
    public void Without_proposals_nothing_is_found_and_training_goes_on(string name)
    {
        using var scope = new TensorScope();
        using var model = Small(name);
        using (Autograd.NoGrad())
        {
            // Boxes of no size: every proposal is dropped.
            var bias = model.StateDict().Single(s => s.Key == "rpn.head.bbox_pred.bias").Value;
            bias.Reshape([-1, 4]).Narrow(1, 2, 2).FillInPlace(-100);
        }

        using var batch = EmptyBatch(2);
        var losses = model.Loss(batch);
        Assert.Equal(0, losses.Terms.Single(term => term.Key == "loss_classifier").Value.ToDouble());
        losses.Total().Backward();
        model.Eval();
        Assert.All(model.Predict(batch), prediction => Assert.Empty(prediction.Detections!));
    }

    [Theory]
    [InlineData("fasterrcnn_resnet18_fpn", 3)]
    [InlineData("maskrcnn_resnet18_fpn", 4)]
    [InlineData("retinanet_resnet18_fpn", 3)]
    public void Without_detections_the_outputs_are_empty_tensors(string name, int outputs)
    {
        using var scope = new TensorScope();
        using var model = Small(name, scoreThreshold: 0.999);
        model.Preprocessing = model.Preprocessing with { ShorterSide = Side };
        model.Eval();
        using var batch = EmptyBatch(1);
        Assert.Empty(Assert.Single(model.Predict(batch)).Detections!);
        var found = model.Forward(Tensor.Rand([1, 3, 40, 50]));
        Assert.Equal(outputs, found.Count);
        Assert.All(found, output => Assert.Equal(0, output.Value.Shape[0]));
        if (outputs == 4)
            Assert.Equal([0, 1, 40, 50], found[3].Value.Shape.ToArray());
    }

    [Fact]
    public void A_box_without_area_names_the_picture()
    {
        using var scope = new TensorScope();
        using var model = Small("retinanet_resnet18_fpn");
        using var batch = new Batch
        {
            Images = Tensor.Zeros([1, 3, Side, Side]),
            Origins = [Origin(0)],
            Targets = [new DetectionTarget(Tensor.FromArray([5f, 5, 5, 9], [1, 4]), Tensor.FromArray([0L]))],
        };
        var error = Assert.Throws<FoveaException>(() => model.Loss(batch));
        Assert.Contains("picture0.png: object 0: found box (5, 5, 5, 9)", error.Message, StringComparison.Ordinal);
    }

    private static VisionModel Small(string name, double scoreThreshold = 0.05) => ModelCatalog.Find(name).Build(new ModelOptions
    {
        Outputs = 3, Variation = new DetectorOptions { PyramidChannels = 16, RepresentationSize = 32, ScoreThreshold = scoreThreshold },
    });

    private static Batch EmptyBatch(int count) => new()
    {
        Images = Tensor.Randn([count, 3, Side, Side]),
        Origins = [.. Enumerable.Range(0, count).Select(Origin)],
        Targets = [.. Enumerable.Range(0, count).Select(_ => new DetectionTarget(
            Tensor.Zeros([0, 4]), Tensor.Zeros([0], Dtype.Int64), Tensor.Zeros([0, Side, Side], Dtype.UInt8)))],
    };

    private static ImageOrigin Origin(int index) => new($"picture{index}.png", $"{index}", new ImageSize(Side, Side), new ImageSize(Side, Side));
}
