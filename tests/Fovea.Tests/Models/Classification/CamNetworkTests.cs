using Fovea.Explain;
using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Tests.Models.Classification;

[LeakCheck]
public sealed class CamNetworkTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fovea-cam-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("alexnet_gap", 13)]
    [InlineData("vgg16_gap", 14)]
    [InlineData("googlenet_gap", 14)]
    public void Maps_have_the_cells_of_the_paper(string name, int cells)
    {
        using var scope = new TensorScope();
        using var skip = Init.Skip();
        using var network = (CamNetwork)ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 3 });
        network.Eval();
        var layer = NetworkProfile.Of(network, Tensor.Zeros([1, 3, 224, 224]))["CAM_conv"];
        Assert.Equal([1, 1024, cells, cells], layer.Output);
        Assert.Equal(16, layer.Fields[0].Stride);
        Assert.Contains("expected at least", Assert.Throws<FoveaException>(() => network.Logits(Tensor.Zeros([1, 3, 14, 14]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_starts_from_the_network_that_it_is_made_of()
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        using var whole = ModelCatalog.Find("googlenet").Build(new ModelOptions { Outputs = 9, Variation = new NormedGoogLeNetOptions { Auxiliary = false } });
        var path = Path.Combine(folder, "googlenet.safetensors");
        StateDict.Save(path, whole);
        var entry = ModelCatalog.Find("googlenet_gap");
        using var network = (CamNetwork)entry.Build(new ModelOptions { Outputs = 2 });
        var lines = FineTuning.Load(entry, network, new LabelSpace(["a", "b"]), new FineTuningSection { Weights = path });
        Assert.Equal(["  CAM_conv.weight", "  CAM_conv.bias", "  CAM_fc.weight", "  CAM_fc.bias"], lines.Skip(1).Select(static line => line.Split(':')[0]));
        whole.Eval();
        network.Eval();
        var images = Tensor.Randn([1, 3, 64, 64]);
        var (mine, theirs) = (network.Backbone.Forward(images, 3)[0], ((GoogLeNet)whole).Backbone.Forward(images, 3)[0]);
        Assert.Equal(theirs.ToArray<float>(), mine.ToArray<float>());
    }
}
