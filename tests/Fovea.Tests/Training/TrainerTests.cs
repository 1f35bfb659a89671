using System.Text.Json.Nodes;
using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Tests.Training;

[LeakCheck]
public class TrainerTests
{
    private const string Yaml = """
        model: { name: tiny }
        batch_size: 8
        epochs: 4
        seed: 5
        precision: fp32
        optimizer: { name: sgd, learning_rate: 0.05, momentum: 0.9 }
        """;

    [Fact]
    public void Learns_and_writes_its_folder()
    {
        using var temp = new TempFolder();
        using var run = new Run(temp.File("run"), Yaml);
        Assert.Equal(TrainingOutcome.Finished, run.Trainer.Run());
        var metrics = Lines(run.Folder.Metrics);
        Assert.Equal([1, 2, 3, 4], metrics.Select(static m => (int)m["epoch"]!));
        Assert.Equal([6, 12, 18, 24], metrics.Select(static m => (int)m["step"]!));
        Assert.True((double)metrics[^1]["top1"]! > 0.9, $"{metrics[^1]}");
        Assert.True((double)metrics[^1]["train_loss"]! < 0.5 * (double)metrics[0]["train_loss"]!);
        Assert.Equal(24, Lines(run.Folder.Losses).Count);
        Assert.Equal(run.Trainer.State.Best, metrics.Max(static m => (double)m["top1"]!));
        using var best = WeightsFile.Open(run.Folder.Best);
        Assert.Equal(run.Model.StateDict().Select(static s => s.Key), best.Tensors.Keys);
        Assert.Equal(["a", "b", "c", "d"], ModelCard.Of(best)!.Labels);
        Assert.Equal(run.Model.Preprocessing.Mean, ModelCard.Of(best)!.Preprocessing.Mean);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ema: { decay: 0.9, ramp_steps: 5 }")]
    [InlineData("accumulation: 4")]
    [InlineData("optimizer: { name: adamw, learning_rate: 0.01 }\nschedule: { name: cosine, by: step, warmup_steps: 3 }\nclipping: { limit: 0.5 }")]
    [InlineData("mixing: { mixup: 0.4, cutmix: 1 }")]
    [InlineData("mixing: { mixup: 1, probability: 0.5 }\naccumulation: 4")]
    [InlineData("stages: [{ epochs: 2, train: [fc.*] }, { learning_rate_factor: 0.5, schedule: { name: cosine, by: step } }]")]
    [InlineData("stages: [{ epochs: 1, train: [fc.*], schedule: { name: plateau, patience: 0, threshold: 0.5 } }, { epochs: 1 }, { epochs: 2, train: [conv.*, norm.*] }]\nema: { decay: 0.9 }")]
    [InlineData("schedule: { name: plateau, patience: 0, threshold: 0.5 }\nearly_stopping: { patience: 50 }")]
    public void Continues_after_a_stop_anywhere_as_if_there_had_been_none(string extra)
    {
        using var temp = new TempFolder();
        var yaml = extra.Contains("optimizer", StringComparison.Ordinal) ? string.Join('\n', Yaml.Split('\n')[..^1]) + "\n" + extra : Yaml + "\n" + extra;
        using (var whole = new Run(temp.File("whole"), yaml))
            whole.Trainer.Run();

        // Within the first epoch, in the evaluation of the second, and before the first batch of the third.
        foreach (var (epoch, batch, evaluating) in new[] { (0, 3, false), (1, 1, true), (2, 0, false) })
        {
            using var stop = new CancellationTokenSource();
            Run? part = null;
            using (part = new Run(temp.File("parts"), yaml, resume: Directory.Exists(temp.File("parts")), Giving))
                Assert.Equal(TrainingOutcome.Interrupted, part.Trainer.Run(stop.Token));

            void Giving(int e, int b, bool v)
            {
                if (v == evaluating && b == batch && part!.Trainer.State.Epoch == epoch)
                    stop.Cancel();
            }
        }

        using (var last = new Run(temp.File("parts"), yaml, resume: true))
            Assert.Equal(TrainingOutcome.Finished, last.Trainer.Run());
        AssertSame(temp.File("whole"), temp.File("parts"));
    }

    [Fact]
    public void Accumulating_batches_is_one_larger_batch()
    {
        using var temp = new TempFolder();
        var state = new List<float[]>();
        foreach (var (batch, accumulation) in new[] { (16, 1), (4, 4) })
        {
            // Batch norm sees its batch, so it is taken out of play; dropout too.
            using var run = new Run(temp.File($"run{batch}"), Yaml + $"\naccumulation: {accumulation}", batchSize: batch, calm: true);
            run.Trainer.Run();
            state.Add(run.Model.NamedParameters().First(static p => p.Key == "fc.weight").Value.ToArray<float>());
        }

        Assert.Equal(state[0], state[1], static (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void Frozen_parameters_stay()
    {
        using var temp = new TempFolder();
        using var run = new Run(temp.File("run"), Yaml + "\nfreeze: [conv.*]");
        var before = run.Model.NamedParameters().ToDictionary(static p => p.Key, static p => p.Value.ToArray<float>());
        run.Trainer.Run();
        foreach (var (name, parameter) in run.Model.NamedParameters())
            Assert.Equal(name.StartsWith("conv", StringComparison.Ordinal), parameter.ToArray<float>().SequenceEqual(before[name]));

        using var other = new TempFolder();
        var error = Assert.Throws<FoveaException>(() => new Run(other.File("run"), Yaml + "\nfreeze: [convv.*]").Dispose());
        Assert.Contains("freeze: the pattern 'convv.*' fits none", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_not_finite_names_terms_and_images_and_keeps_the_last_checkpoint()
    {
        using var temp = new TempFolder();
        using var run = new Run(temp.File("run"), Yaml, poisoned: (2, 17));
        var error = Assert.Throws<FoveaException>(() => run.Trainer.Run());
        Assert.StartsWith("the loss is not finite after ", error.Message, StringComparison.Ordinal);
        Assert.Contains("loss = NaN", error.Message, StringComparison.Ordinal);
        var saved = JsonNode.Parse(File.ReadAllText(run.Folder.NotFinite))!;
        Assert.Contains("corner-17.png", saved["images"]!.AsArray().Select(static i => (string)i!));
        Assert.Equal(8, saved["images"]!.AsArray().Count);
        Assert.Null(saved["weight_not_finite"]);
        using var last = WeightsFile.Open(run.Folder.Last);
        Assert.Contains("\"epoch\":2", last.Metadata["fovea.state"], StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_were_broken_before_blame_the_batch_before()
    {
        using var temp = new TempFolder();
        using var run = new Run(temp.File("run"), Yaml);
        run.Trainer.Listen(new StepListener(() =>
        {
            if (run.Trainer.State.Step == 3)
                Fovea.Torch.Nn.Init.Constant(run.Model.NamedParameters().First(static p => p.Key == "fc.bias").Value, double.PositiveInfinity);
        }));
        var error = Assert.Throws<FoveaException>(() => run.Trainer.Run());
        Assert.Contains("not finite after 3 steps", error.Message, StringComparison.Ordinal);
        Assert.Contains("the weights were not finite already (fc.bias), so the batch before it did the harm: corner-", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stops_early_when_the_figure_no_longer_improves()
    {
        using var temp = new TempFolder();
        using var run = new Run(temp.File("run"), Yaml.Replace("epochs: 4", "epochs: 50", StringComparison.Ordinal).Replace("0.05", "0.0", StringComparison.Ordinal)
            + "\nearly_stopping: { patience: 3 }\nmetric: loss");
        Assert.Equal(TrainingOutcome.StoppedEarly, run.Trainer.Run());
        Assert.InRange(Lines(run.Folder.Metrics).Count, 4, 20);
        using var again = new Run(temp.File("run"), File.ReadAllText(run.Folder.Recipe), resume: true);
        Assert.Equal(TrainingOutcome.StoppedEarly, again.Trainer.Run());
    }

    [Fact]
    public void The_average_of_the_weights_is_what_is_evaluated_and_deployed()
    {
        using var temp = new TempFolder();
        using var run = new Run(temp.File("run"), Yaml + "\nema: { decay: 0.5 }\nfreeze: [norm.*]");
        var model = run.Model.NamedParameters().First(static p => p.Key == "fc.bias").Value;
        var expected = model.ToArray<float>().Select(static v => (double)v).ToArray();
        var listener = new StepListener(() =>
        {
            var live = model.ToArray<float>();
            for (var i = 0; i < expected.Length; i++)
                expected[i] = 0.5 * expected[i] + 0.5 * live[i];
        });
        run.Trainer.Listen(listener);
        run.Trainer.Run();
        using var last = WeightsFile.Open(run.Folder.Last);
        Assert.Equal(expected, last.Tensors["average/fc.bias"].ToArray<float>().Select(static v => (double)v), static (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.NotEqual(last.Tensors["fc.bias"].ToArray<float>(), last.Tensors["average/fc.bias"].ToArray<float>());
        using var deployed = new TinyNetwork(4);
        Checkpoint.LoadWeights(deployed, last);
        Assert.Equal(last.Tensors["average/fc.bias"].ToArray<float>(), deployed.NamedParameters().First(static p => p.Key == "fc.bias").Value.ToArray<float>());
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_not_overwritten()
    {
        using var temp = new TempFolder();
        using (var run = new Run(temp.File("run"), Yaml))
            run.Trainer.Run();
        var error = Assert.Throws<FoveaException>(() => RunFolder.Create(temp.File("run")));
        Assert.Contains("holds a run already; continue it with --resume", error.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", Assert.Throws<FoveaException>(() => RunFolder.Create("/proc/version/run")).Message, StringComparison.Ordinal);
    }

    private static List<JsonObject> Lines(string path) => [.. File.ReadLines(path).Select(static line => JsonNode.Parse(line)!.AsObject())];

    private static void AssertSame(string first, string second)
    {
        Assert.Equal(File.ReadAllText(Path.Combine(first, "losses.jsonl")), File.ReadAllText(Path.Combine(second, "losses.jsonl")));
        var (a, b) = (Lines(Path.Combine(first, "metrics.jsonl")), Lines(Path.Combine(second, "metrics.jsonl")));
        foreach (var line in a.Concat(b))
            line.Remove("seconds");
        Assert.Equal(a.Select(static l => l.ToJsonString()), b.Select(static l => l.ToJsonString()));
        using var x = WeightsFile.Open(Path.Combine(first, "last.safetensors"));
        using var y = WeightsFile.Open(Path.Combine(second, "last.safetensors"));
        Assert.Equal(x.Tensors.Keys, y.Tensors.Keys);
        foreach (var (name, data) in x.Tensors)
            Assert.True(Bytes(data).SequenceEqual(Bytes(y.Tensors[name])), name);
    }

    private static byte[] Bytes(TensorData data)
    {
        var bytes = new byte[data.ByteCount];
        data.CopyTo(bytes);
        return bytes;
    }

    private sealed class StepListener(Action stepped) : ITrainingListener
    {
        public void Stepped(StepReport step) => stepped();
    }
}
