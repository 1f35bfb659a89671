using Fovea.Explain;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Gpu.Tests;

/// <summary>Explanations on the device are those of the processor.</summary>
[LeakCheck]
public class ExplainTests
{
    public static TheoryData<string> Methods => [.. ExplanationMethod.All.Where(static method => method.Name != "smoothgrad").Select(static method => method.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_method_shows_the_same(string name)
    {
        using var scope = new TensorScope();
        RandomState.Seed(4);
        using var model = ModelCatalog.Find("resnet18").Build(new ModelOptions { Outputs = 3 });
        model.Eval();
        var batch = MadeUpBatch.Create(model, 1, new ImageSize(64, 64), 3);
        var here = Map(batch);
        model.To(Gpu.Device);
        var there = Map(batch.To(Gpu.Device));
        var most = here.Max(static value => Math.Abs(value));
        foreach (var (expected, actual) in here.Zip(there))
            Assert.True(Math.Abs(expected - actual) <= Gpu.Tolerance * most, $"{actual} there, {expected} here, of at most {most}");

        float[] Map(Batch picture)
        {
            using var inner = new TensorScope();
            var subject = new Subject(model, picture, new ClassTarget(1));
            var raw = ExplanationMethod.Find(name).Compute(subject, new ExplanationOptions { Steps = 4, Patch = 20, Stride = 20 });
            return ExplanationMethod.Heat(raw, subject.Size).ToArray<float>();
        }
    }

    [Fact]
    public void Smoothed_gradients_are_computed_there()
    {
        using var scope = new TensorScope();
        using var model = ModelCatalog.Find("resnet18").Build(new ModelOptions { Outputs = 3 });
        model.Eval();
        model.To(Gpu.Device);
        var subject = new Subject(model, MadeUpBatch.Create(model, 1, new ImageSize(64, 64), 3).To(Gpu.Device), new ClassTarget(1));
        Assert.All(ExplanationMethod.Find("smoothgrad").Compute(subject, new ExplanationOptions { Samples = 3 }).ToArray<float>(), static value => Assert.True(float.IsFinite(value)));
    }
}
