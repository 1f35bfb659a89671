using Fovea.Models;
using Fovea.Torch;

namespace Fovea.Tests.Models.Classification;

[LeakCheck]
public class ResNetClassifierTests
{
    [Theory]
    [InlineData("resnet18", 11_689_512, 122, 11.3535, 13.6602, -7.34065, 1.04931, 8.23102, 68)]
    [InlineData("resnet34", 21_797_672, 218, 88.7953, 97.048, -50.2046, 9.14628, 62.6217, 68)]
    [InlineData("resnet50", 25_557_032, 320, 66.2172, -26.1869, -23.3387, 2.97341, 28.9596, 740)]
    [InlineData("resnet101", 44_549_160, 626, 225.241, -110.062, -82.7091, 12.703, 111.069, 740)]
    [InlineData("resnet152", 60_192_808, 932, 2883.95, -1491.71, -1095.16, 172.003, 1483.19, 740)]
    public void Equals_the_recorded_outputs(
        string name, long parameters, int entries, double first, double second, double last, double mean, double std, int best)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = entry.DefaultOutputs });
        Assert.Equal(parameters, model.ParameterCount());
        Assert.Equal(parameters, entry.Parameters);
        Assert.Equal(entries, model.StateDict().Count);
        GoldenFill.Fill(model);
        model.Eval();
        var logits = model.Forward(GoldenFill.Image(3, 224)).Single(o => o.Key == "logits").Value;
        Assert.Equal([1, 1000], logits.Shape);
        var y = logits.ToArray<float>();
        var tolerance = 1e-4 * std;
        Assert.Equal(first, y[0], tolerance);
        Assert.Equal(second, y[1], tolerance);
        Assert.Equal(last, y[^1], tolerance);
        Assert.Equal(mean, y.Average(), tolerance);
        Assert.Equal(std, Math.Sqrt(y.Average(v => (double)v * v) - Math.Pow(y.Average(v => (double)v), 2)), tolerance);
        Assert.Equal(best, Array.IndexOf(y, y.Max()));
    }
}
