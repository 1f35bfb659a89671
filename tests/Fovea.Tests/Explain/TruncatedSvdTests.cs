using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Tests.Cli;
using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Tests.Explain;

[LeakCheck]
public class TruncatedSvdTests
{
    [Theory]
    [InlineData(12, 20, 5)]
    [InlineData(20, 12, 1)]
    [InlineData(7, 9, 7)]
    public void Loses_the_other_singular_values(int outputs, int inputs, int rank)
    {
        using var scope = new TensorScope();
        using var layer = new Linear(inputs, outputs);
        layer.To(dtype: Dtype.Float64);
        var input = Tensor.Randn([3, inputs], Dtype.Float64);
        var (before, bias, output) = (layer.Weight.Detach().Clone(), layer.Bias!.Detach().Clone(), layer.Forward(input).Detach());
        var svd = TruncatedSvd.Factor(layer, rank);
        var lost = before - layer.Weight.Detach();
        var values = svd.SingularValues;
        Assert.Equal(values.Skip(rank).Sum(static v => v * v), lost.Square().Sum().ToDouble(), 1e-10);
        Assert.Equal(svd.FrobeniusError, lost.Square().Sum().Sqrt().ToDouble(), 1e-10);
        Assert.Equal(svd.SpectralError, lost.Svd().S[0].ToDouble(), 1e-10);
        Assert.Equal(rank == values.Count ? 0 : values[rank], svd.SpectralError);
        Assert.Equal(["0.weight", "1.weight", "1.bias"], layer.StateDict().Select(static entry => entry.Key));
        Assert.Equal(rank * (outputs + inputs) + outputs, layer.ParameterCount());
        GradientMethodTests.Near(input.Matmul(layer.Weight.Detach().T()) + bias, layer.Forward(input));
        if (rank == Math.Min(outputs, inputs))
            GradientMethodTests.Near(output, layer.Forward(input));
        Assert.Throws<FoveaException>(() => layer.Factor(1));
    }

    [Fact]
    public void The_fully_connected_layers_of_vgg_shrink_as_published()
    {
        using var skip = Init.Skip();
        using var scope = new TensorScope();
        using var network = Vgg.OfDepth(16);
        var (fc6, fc7) = ((Linear)network.Find("classifier.0"), (Linear)network.Find("classifier.3"));
        Assert.Equal(102_760_448 + 4096, fc6.ParameterCount());
        fc6.Factor(1024);
        fc7.Factor(256);
        Assert.Equal(29_884_416 + 4096, fc6.ParameterCount());
        Assert.Equal(2_097_152 + 4096, fc7.ParameterCount());
    }

    [Fact]
    public void A_compressed_file_is_a_network_again()
    {
        using var temp = new TempFolder();
        using var scope = new TensorScope();
        var (weights, small) = (temp.File("lenet.safetensors"), temp.File("small.safetensors"));
        using (var network = new LeNet5(7))
            StateDict.Save(weights, network);
        var (code, output) = CommandLine.Run("compress", weights, "--model", "lenet5", "--layer", "f6", "--rank", "20", "--out", small);
        Assert.Equal(0, code);
        Assert.Contains("f6: 20 of 84 singular values kept", output, StringComparison.Ordinal);
        using var file = WeightsFile.Open(small);
        Assert.Equal([20, 120], file.Tensors["f6.0.weight"].Shape);
        Assert.Equal([84, 20], file.Tensors["f6.1.weight"].Shape);
        Assert.Equal([84], file.Tensors["f6.1.bias"].Shape);

        var images = Tensor.Rand([2, 1, 28, 28]);
        StateDict.Save(temp.File("in.safetensors"), [KeyValuePair.Create("image", images)]);
        Assert.Equal(0, CommandLine.Run("forward", "lenet5", "--weights", small, "--input", temp.File("in.safetensors"), "--output", temp.File("out.safetensors")).Code);
        using var answer = WeightsFile.Open(temp.File("out.safetensors"));
        Assert.Equal([2, 7], answer.Tensors["logits"].Shape);
        using var predictor = Predictor.Load(small);
        Assert.Equal(7, predictor.Labels.Count);
        var error = Assert.Throws<FoveaException>(() => CommandLine.Run("compress", weights, "--model", "lenet5", "--layer", "f7", "--rank", "20", "--out", small));
        Assert.Contains("f6", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 to 84", Assert.Throws<FoveaException>(() =>
            CommandLine.Run("compress", weights, "--model", "lenet5", "--layer", "f6", "--rank", "85", "--out", small)).Message, StringComparison.Ordinal);
    }
}
