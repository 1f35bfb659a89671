using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Tests.Training;

[LeakCheck]
public class LearningRateFinderTests
{
    private const string Yaml = "model: { name: tiny }\nbatch_size: 8\nseed: 5\nprecision: fp32\noptimizer: { name: sgd, learning_rate: 123, momentum: 0.9, groups: [{ parameters: [fc.*], learning_rate_factor: 0.5 }] }";

    [Fact]
    public void Suggests_a_rate_that_learns_and_leaves_the_network_as_it_was()
    {
        RandomState.Seed(5);
        using var model = new TinyNetwork(4);
        model.Eval();
        var before = State(model);
        var draw = Draw();
        var sweep = LearningRateFinder.Run(Parts(model, Yaml), 60);
        Assert.Equal(before, State(model));
        Assert.False(model.IsTraining);
        Assert.All(model.Parameters(), static p => Assert.True(p.RequiresGrad));
        Assert.Equal(draw, Draw());
        Assert.Equal(1e-7, sweep.Points[0].Rate, 1e-12);
        var ratio = sweep.Points[1].Rate / sweep.Points[0].Rate;
        Assert.All(sweep.Points.Zip(sweep.Points.Skip(1)), pair => Assert.Equal(ratio, pair.Second.Rate / pair.First.Rate, 1e-6));
        // Plain descent on this task learns between about 1e-3 and 1.
        Assert.InRange(sweep.Suggestion!.Value, 1e-3, 1);
        var again = LearningRateFinder.Run(Parts(model, Yaml), 60);
        Assert.Equal(sweep.Points, again.Points);
    }

    [Fact]
    public void Without_a_loss_that_falls_there_is_no_suggestion()
    {
        using var model = new TinyNetwork(4, calm: true);
        // Frozen but for a bias that no rate helps with.
        var sweep = LearningRateFinder.Run(Parts(model, Yaml.Replace("fc.*", "fc.bias", StringComparison.Ordinal) + "\nfreeze: [conv.*, norm.*, fc.weight]", poisoned: (0, 0)), 20);
        Assert.Null(sweep.Suggestion);
        Assert.True(sweep.Points.Count < 20);
        Assert.All(model.Parameters(), static p => Assert.True(p.RequiresGrad));
    }

    private static TrainingParts Parts(TinyNetwork model, string yaml, (int, int)? poisoned = null) => new()
    {
        Recipe = Recipe.Parse(yaml, "tiny.yaml"),
        Model = model,
        Training = new CornerSource(48, 8, 1, shuffle: true) { Poisoned = poisoned },
        Labels = new LabelSpace(["a", "b", "c", "d"]),
    };

    private static float[] Draw()
    {
        using var scope = new TensorScope();
        using var state = RandomState.Get();
        var drawn = Tensor.Randn([3]).ToArray<float>();
        RandomState.Set(state);
        return drawn;
    }

    private static Dictionary<string, float[]> State(TinyNetwork model)
    {
        using var scope = new TensorScope();
        return model.StateDict().ToDictionary(static s => s.Key, static s => s.Value.To(Dtype.Float32).ToArray<float>());
    }
}
