using System.Text.RegularExpressions;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Optim;
using Fovea.Training;

namespace Fovea.Gpu.Tests;

/// <summary>Networks make their own tensors where their input is, and say there what they say on the processor.</summary>
[LeakCheck]
public partial class NetworkTests
{
    private const int Classes = 5;

    /// <summary>Of networks that differ in their depth alone, or in the encoder under the same decoder, the smallest; classifiers bring the encoders.</summary>
    public static TheoryData<string> Names => [.. ModelCatalog.All.GroupBy(static entry => Family(entry.Name)).Select(static family => family.MinBy(static entry => entry.Parameters)!.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_computes_there_what_it_computes_here(string name)
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = entry.OutputsFor(Classes), InChannels = entry.DefaultInChannels });
        var batch = MadeUpBatch.Create(model, 2, SizeFor(model), Classes);
        model.Eval();
        var here = LossOf(model, batch);

        model.To(Gpu.Device);
        var there = batch.To(Gpu.Device);
        var moved = LossOf(model, there);
        Assert.Equal(here.Select(static term => term.Key), moved.Select(static term => term.Key));
        foreach (var (expected, actual) in here.Zip(moved))
            Assert.True(Math.Abs(expected.Value - actual.Value) <= Gpu.Tolerance * Math.Max(1, Math.Abs(expected.Value)), $"{expected.Key}: {actual.Value} there, {expected.Value} here");
        using (Autograd.NoGrad())
            Assert.Equal(2, model.Predict(there).Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_learns_there_as_runs_do(string name)
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = entry.OutputsFor(Classes), InChannels = entry.DefaultInChannels });
        // The processor, which computes for a pretended GPU, lacks some operators in bfloat16.
        var arithmetic = Arithmetic.Choose(Gpu.IsPretended ? RecipePrecision.Fp32 : RecipePrecision.Auto, true, Gpu.Device);
        var batch = MadeUpBatch.Create(model, 2, SizeFor(model), Classes);
        model.To(Gpu.Device);
        model.ToChannelsLast();
        model.Train();
        using var optimizer = new Sgd([ParameterGroup.Of(model, 1e-4)], momentum: 0.9);
        var step = new GradientStep(model, optimizer, arithmetic, null, null);
        Assert.NotNull(step.Accumulate(batch, 1));
        foreach (var (key, parameter) in model.NamedParameters().Where(static p => p.Value.RequiresGrad))
        {
            using var gradient = parameter.Gradient;
            Assert.True(gradient is null || gradient.Device == Gpu.Device, $"{key}: the gradient is on {gradient?.Device}");
        }

        step.Take(1, 1);
    }

    private static string Family(string name) => name.StartsWith("smp_", StringComparison.Ordinal) ? string.Join('_', name.Split('_')[..2]) : Digits().Replace(name, "");

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    private static List<KeyValuePair<string, double>> LossOf(VisionModel model, Batch batch)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(2);
        return [.. model.Loss(batch).Terms.Select(static term => KeyValuePair.Create(term.Key, term.Value.ToDouble()))];
    }

    private static ImageSize SizeFor(VisionModel model)
    {
        var side = model.Preprocessing.Height > 0 ? model.Preprocessing.Height : 96;
        return new ImageSize(side, side);
    }
}
