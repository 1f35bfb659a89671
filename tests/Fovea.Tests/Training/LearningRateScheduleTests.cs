using System.Globalization;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>Schedules against torch.optim.lr_scheduler, run live.</summary>
public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData("constant", "name: constant", "LambdaLR(o, lambda e: 1.0)")]
    [InlineData("step", "name: step, step_size: 3, gamma: 0.5", "StepLR(o, 3, 0.5)")]
    [InlineData("multi_step", "name: multi_step, milestones: [2, 5, 9], gamma: 0.1", "MultiStepLR(o, [2, 5, 9], 0.1)")]
    [InlineData("cosine", "name: cosine, final_factor: 0.01", "CosineAnnealingLR(o, 12, eta_min=0.01)")]
    [InlineData("polynomial", "name: polynomial, power: 0.9", "PolynomialLR(o, 12, power=0.9)")]
    [InlineData("sequential", "name: cosine, warmup_epochs: 4, warmup_factor: 0.25",
        "SequentialLR(o, [LinearLR(o, 0.25, total_iters=4), CosineAnnealingLR(o, 8)], [4])")]
    public void Equals_torch_when_an_epoch_is_one_step(string name, string schedule, string torch)
    {
        var factors = Factors(schedule, epochs: 12, stepsPerEpoch: 1);
        Compare(name, factors, torch, "s.step()");
    }

    [Fact]
    public void By_step_equals_torch_stepped_after_every_batch()
    {
        Compare("cosine", Factors("name: cosine, by: step", 3, 7), "CosineAnnealingLR(o, 21)", "s.step()");
        Compare("poly", Factors("name: polynomial, by: step, power: 2", 3, 7), "PolynomialLR(o, 21, power=2)", "s.step()");
    }

    [Fact]
    public void By_epoch_holds_the_rate_within_an_epoch()
    {
        var factors = Factors("name: step, step_size: 1, gamma: 0.5", 3, 4);
        Assert.Equal([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25], factors);
    }

    [Fact]
    public void Warm_up_multiplies_the_milestones_as_the_detection_references_do()
    {
        var factors = Factors("name: multi_step, milestones: [2], gamma: 0.1, warmup_steps: 5, warmup_factor: 0.001", 3, 4);
        Compare("warm", factors, "MultiStepLR(o, [8], 0.1); w = LinearLR(o, 0.001, total_iters=5)", "s.step(); w.step()");
    }

    [Fact]
    public void Warm_up_as_long_as_the_run_ends_where_it_should()
    {
        var factors = Factors("name: cosine, warmup_epochs: 2, warmup_factor: 0, by: step", 2, 5);
        Assert.Equal(0, factors[0]);
        Assert.Equal(0, Schedule("name: cosine, warmup_epochs: 2", 2, 5).Factor(10), 12);
    }

    [Theory]
    [InlineData("cosine")]
    [InlineData("polynomial")]
    public void Warm_up_longer_than_the_run_still_warms_up(string name)
    {
        // Four steps of a warm-up of ten: a tenth more with each, not the zero at the end of the fall.
        var factors = Factors($"name: {name}, warmup_steps: 10, warmup_factor: 0, by: step", 2, 2);
        AssertClose([0, 0.1, 0.2, 0.3], factors, name);
    }

    [Fact]
    public void Plateau_equals_ReduceLROnPlateau()
    {
        double[] metrics = [0.1, 0.2, 0.2, 0.19, 0.20001, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.31, 0.1];
        foreach (var higher in new[] { true, false })
        {
            var section = Recipe.Parse("model: {name: x}\noptimizer: {name: sgd, learning_rate: 1}\nschedule: {name: plateau, patience: 2, gamma: 0.3, threshold: 0.001, final_factor: 0.05}", "test").Schedule;
            var state = new PlateauState();
            var factors = new List<double>();
            foreach (var metric in metrics)
                factors.Add((state = state.After(section, metric, higher)).Factor);
            var reference = PythonReference.Run($"""
                import torch
                o = torch.optim.SGD([torch.zeros(1)], lr=1.0)
                s = torch.optim.lr_scheduler.ReduceLROnPlateau(o, mode='{(higher ? "max" : "min")}', patience=2, factor=0.3, threshold=0.001, min_lr=0.05)
                rates = []
                for m in metrics:
                    s.step(m); rates.append(o.param_groups[0]['lr'])
                out['rates'] = np.array(rates)
                """, ("metrics", metrics));
            AssertClose(reference.Doubles("rates"), factors);
        }
    }

    private static LearningRateSchedule Schedule(string schedule, int epochs, int stepsPerEpoch) => new(
        Recipe.Parse($"model: {{name: x}}\nepochs: {epochs}\noptimizer: {{name: sgd, learning_rate: 1}}\nschedule: {{{schedule}}}", "test").Schedule, epochs, stepsPerEpoch);

    private static double[] Factors(string schedule, int epochs, int stepsPerEpoch)
    {
        var function = Schedule(schedule, epochs, stepsPerEpoch);
        return [.. Enumerable.Range(0, epochs * stepsPerEpoch).Select(step => function.Factor(step))];
    }

    private static void Compare(string name, double[] factors, string scheduler, string step)
    {
        var reference = PythonReference.Run(string.Create(CultureInfo.InvariantCulture, $"""
            import torch, warnings; warnings.simplefilter('ignore')
            from torch.optim.lr_scheduler import *
            o = torch.optim.SGD([torch.zeros(1)], lr=1.0)
            s = {scheduler}
            rates = []
            for i in range({factors.Length}):
                rates.append(o.param_groups[0]['lr']); o.step(); {step}
            out['rates'] = np.array(rates)
            """));
        AssertClose(reference.Doubles("rates"), factors, name);
    }

    private static void AssertClose(double[] expected, IReadOnlyList<double> actual, string name = "")
    {
        Assert.Equal(expected.Length, actual.Count);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) < 1e-12, $"{name} step {i}: found {actual[i]}, torch has {expected[i]}");
    }
}
