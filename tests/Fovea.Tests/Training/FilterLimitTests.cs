using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>What happens to weights besides the step of the optimizer.</summary>
[LeakCheck]
public class FilterLimitTests
{
    private const string Yaml = """
        model: { name: tiny }
        batch_size: 8
        epochs: 2
        precision: fp32
        optimizer: { name: sgd, learning_rate: 0.5, momentum: 0.9 }

        """;

    [Fact]
    public void Filters_beyond_the_limit_are_scaled_down_to_it_and_others_stay()
    {
        using var scope = new TensorScope();
        using var model = new TinyNetwork(4);
        var weight = model.NamedParameters().Single(static p => p.Key == "conv.weight").Value;
        using (Autograd.NoGrad())
        {
            weight[0].FillInPlace(0.4);
            weight[1].FillInPlace(0.05);
            weight[2].FillInPlace(0);
            weight[3].FillInPlace(-0.2);
        }

        var rest = weight[4].ToArray<float>();
        new FilterLimit(new FilterLimitSection { Rms = 0.1 }, model).Apply();
        Assert.All(weight[0].ToArray<float>(), static v => Assert.Equal(0.1, v, 1e-6));
        Assert.All(weight[1].ToArray<float>(), static v => Assert.Equal(0.05f, v));
        Assert.All(weight[2].ToArray<float>(), static v => Assert.Equal(0f, v));
        Assert.All(weight[3].ToArray<float>(), static v => Assert.Equal(-0.1, v, 1e-6));
        var size = Math.Sqrt(rest.Average(static v => (double)v * v));
        Assert.Equal(Math.Min(size, 0.1), Rms(weight, 4), 1e-6);
    }

    [Fact]
    public void Training_keeps_the_limit_after_every_step()
    {
        using var temp = new TempFolder();
        using var free = new Run(temp.File("free"), Yaml);
        using var limited = new Run(temp.File("limited"), Yaml + "filter_limit: { rms: 0.2 }");
        free.Trainer.Run();
        limited.Trainer.Run();
        Assert.True(Largest(free) > 0.25, $"without a limit {Largest(free)}");
        Assert.InRange(Largest(limited), 0.19, 0.2 + 1e-6);
        var error = Assert.Throws<FoveaException>(() => new Run(temp.File("wrong"), Yaml + "filter_limit: { rms: 0.2, parameters: [fc.*] }").Dispose());
        Assert.Contains("filter_limit.parameters: the pattern 'fc.*' fits none", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_is_told_how_much_of_its_training_is_done()
    {
        using var temp = new TempFolder();
        using var run = new Run(temp.File("run"), Yaml);
        run.Trainer.Run();
        Assert.Equal(Enumerable.Range(0, 12).Select(static step => step / 12.0), run.Model.Heard);
    }

    private static double Largest(Run run)
    {
        using var scope = new TensorScope();
        var weight = run.Model.NamedParameters().Single(static p => p.Key == "conv.weight").Value;
        return Enumerable.Range(0, (int)weight.Shape[0]).Max(i => Rms(weight, i));
    }

    private static double Rms(Tensor weight, int filter) => weight[filter].Square().Mean().Sqrt().ToDouble();
}
