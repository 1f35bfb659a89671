using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>Transfer learning in stages, and learning rates by layer.</summary>
[LeakCheck]
public class StageTests
{
    private const string Yaml = """
        model: { name: tiny }
        batch_size: 8
        epochs: 4
        seed: 5
        precision: fp32
        optimizer: { name: sgd, learning_rate: 0.05, momentum: 0.9 }
        stages: [{ epochs: 2, train: [fc.*] }, { learning_rate_factor: 0.1 }]
        """;

    [Fact]
    public void The_head_is_trained_first_then_everything()
    {
        using var temp = new TempFolder();
        using var run = new Run(temp.File("run"), Yaml);
        var states = new List<Dictionary<string, float[]>> { State(run) };
        var heard = new Ear(() => states.Add(State(run)));
        run.Trainer.Listen(heard);
        run.Trainer.Run();
        // The head alone moves in the first two epochs; the statistics of the normalisation rest as well.
        Assert.Equal(["fc.bias", "fc.weight"], Moved(states[0], states[1]));
        Assert.Equal(["fc.bias", "fc.weight"], Moved(states[1], states[2]));
        // A bias before a normalisation moves nothing and is moved by nothing.
        Assert.Equal(states[0].Keys.Where(static key => key != "conv.bias").Order(StringComparer.Ordinal), Moved(states[2], states[3]).Where(static key => key != "conv.bias"));
        Assert.Equal(
            ["stage 1 of 2, epochs 1 to 2: 388 of 460 parameters are trained, learning rate 0.05", "stage 2 of 2, epochs 3 to 4: 460 of 460 parameters are trained, learning rate 0.005"],
            heard.Lines);
        Assert.Equal([0.05, 0.05, 0.005, 0.005], heard.Rates, static (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Stages_of_a_recipe_must_fill_its_epochs()
    {
        static void Fails(string stages, string message) => Assert.Contains(
            message, Assert.Throws<FoveaException>(() => Recipe.Parse(Yaml[..Yaml.IndexOf("stages", StringComparison.Ordinal)] + "stages: " + stages, "s.yaml")).Message, StringComparison.Ordinal);
        Fails("[{ epochs: 2 }, { epochs: 1 }]", "stages: found 3 epochs in all, expected the 4 of the run");
        Fails("[{ epochs: 4 }, { }]", "stages: found 4 epochs in all before the last stage, expected fewer than the 4 of the run");
        Fails("[{ }, { epochs: 1 }]", "stages.0.epochs: found nothing");
        Fails("[{ epochs: 4, schedule: { warmup_epochs: 5 } }]", "stages.0.schedule.warmup_epochs: found 5, expected at most the 4 epochs");
    }

    [Fact]
    public void A_pattern_that_fits_nothing_shows_before_the_first_epoch()
    {
        using var temp = new TempFolder();
        var error = Assert.Throws<FoveaException>(() => new Run(temp.File("run"), Yaml.Replace("{ learning_rate_factor: 0.1 }", "{ train: [conw.*] }", StringComparison.Ordinal)).Dispose());
        Assert.Contains("stages.1.train: the pattern 'conw.*' fits none", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_layer_has_a_share_of_the_rate_of_the_layer_behind_it()
    {
        using var model = new TinyNetwork(4);
        var section = Recipe.Parse("model: { name: tiny }\noptimizer: { name: sgd, learning_rate: 0.8, layer_decay: 0.5, groups: [{ parameters: [norm.*], learning_rate_factor: 0.1 }] }", "o").Optimizer;
        using var optimizer = OptimizerFactory.Create(section, model);
        var rates = optimizer.Groups.SelectMany(static group => group.Parameters.Select(p => (p.Key, group.LearningRate))).ToDictionary();
        // conv, norm, fc: two layers, one layer, none before the last.
        Assert.Equal(0.2, rates["conv.weight"], 1e-12);
        Assert.Equal(0.04, rates["norm.weight"], 1e-12);
        Assert.Equal(0.8, rates["fc.bias"], 1e-12);
    }

    private static Dictionary<string, float[]> State(Run run) => run.Model.StateDict().ToDictionary(static s => s.Key, static s =>
    {
        using var scope = new TensorScope();
        return s.Value.To(Dtype.Float32).ToArray<float>();
    });

    private static IEnumerable<string> Moved(Dictionary<string, float[]> before, Dictionary<string, float[]> after) =>
        before.Keys.Where(key => !before[key].SequenceEqual(after[key])).Order(StringComparer.Ordinal);

    private sealed class Ear(Action evaluated) : ITrainingListener
    {
        private double rate;

        public List<string> Lines { get; } = [];

        public List<double> Rates { get; } = [];

        public void Say(string line) => Lines.Add(line);

        public void Stepped(StepReport step) => rate = step.LearningRate;

        public void Evaluated(int epoch, Evaluation evaluation, bool isBest)
        {
            Rates.Add(rate);
            evaluated();
        }
    }
}
