using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Cli;

[LeakCheck]
public class ForwardCommandTests
{
    [Fact]
    public void Runs_a_pth_of_torchvision_with_its_own_class_count()
    {
        using var temp = new TempFolder();
        using var scope = new TensorScope();
        var images = Tensor.Randn([2, 3, 64, 64]);
        StateDict.Save(temp.File("in.safetensors"), [KeyValuePair.Create("image", images)]);
        var expected = PythonReference.Run(
            $"""
            import torch, torchvision
            model = torchvision.models.resnet18(weights=None, num_classes=7).eval()
            torch.save(model.state_dict(), '{temp.File("resnet18.pth")}')
            with torch.no_grad(): out['logits'] = model(T(images))
            """, ("images", new NdArray(images.ToArray<float>(), 2, 3, 64, 64))).Floats("logits");
        var (code, output) = CommandLine.Run("forward", "resnet18", "--weights", temp.File("resnet18.pth"), "--input", temp.File("in.safetensors"), "--output", temp.File("out.safetensors"));
        Assert.Equal(0, code);
        Assert.Contains("logits  Float32[2, 7]", output, StringComparison.Ordinal);
        using var file = WeightsFile.Open(temp.File("out.safetensors"));
        var logits = file.Tensors["logits"].ToArray<float>();
        Assert.Equal(expected.Length, logits.Length);
        for (var i = 0; i < logits.Length; i++)
            Assert.Equal(expected[i], logits[i], 1e-4f);
    }

    [Theory]
    [InlineData("retinanet_resnet50_fpn", "num_classes=5", 3)]
    [InlineData("fasterrcnn_resnet50_fpn", "num_classes=4", 3)]
    public void Tells_the_class_count_of_detectors_from_their_heads(string name, string classes, int outputsPerImage)
    {
        using var temp = new TempFolder();
        using var scope = new TensorScope();
        var images = Tensor.Rand([1, 3, 96, 128]);
        StateDict.Save(temp.File("in.safetensors"), [KeyValuePair.Create("image", images)]);
        PythonReference.Run($"""
            import torch, torchvision
            model = torchvision.models.detection.{name}(weights=None, weights_backbone=None, {classes})
            torch.save(model.state_dict(), '{temp.File("detector.pth")}')
            """);
        CommandLine.Run("forward", name, "--weights", temp.File("detector.pth"), "--input", temp.File("in.safetensors"), "--output", temp.File("out.safetensors"));
        using var file = WeightsFile.Open(temp.File("out.safetensors"));
        Assert.Equal(outputsPerImage, file.Tensors.Count);
        Assert.Equal(["boxes.0", "labels.0", "scores.0"], file.Tensors.Keys.Order());
    }

    [Fact]
    public void Names_what_does_not_fit()
    {
        using var temp = new TempFolder();
        using var scope = new TensorScope();
        StateDict.Save(temp.File("in.safetensors"), [KeyValuePair.Create("picture", Tensor.Zeros([1, 3, 32, 32]))]);
        var error = Assert.Throws<DataException>(() => CommandLine.Run("forward", "lenet5", "--weights", temp.File("in.safetensors"), "--input", temp.File("in.safetensors"), "--output", temp.File("out.safetensors")));
        Assert.Contains("image: found tensors named picture, expected a tensor named 'image'", error.Message, StringComparison.Ordinal);

        StateDict.Save(temp.File("in.safetensors"), [KeyValuePair.Create("image", Tensor.Zeros([1, 1, 32, 32]))]);
        var misfit = Assert.Throws<FoveaException>(() => CommandLine.Run("forward", "lenet5", "--weights", temp.File("in.safetensors"), "--input", temp.File("in.safetensors"), "--output", temp.File("out.safetensors")));
        Assert.Contains("These are the weights of another model", misfit.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(temp.File("out.safetensors")));
    }
}
