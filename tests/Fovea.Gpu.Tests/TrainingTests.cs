using Fovea.Tests.Imaging;
using Fovea.Tests.Training;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Gpu.Tests;

/// <summary>Whole trainings on the device: precisions, optimizers, averages, checkpoints.</summary>
[LeakCheck]
public class TrainingTests
{
    private const string Yaml = """
        model: { name: tiny }
        batch_size: 8
        epochs: 4
        seed: 5
        precision: fp32
        """;

    private const string Sgd = "optimizer: { name: sgd, learning_rate: 0.05, momentum: 0.9 }";

    /// <summary>The processor, which computes for a pretended GPU, has convolutions in float16 only in newer versions.</summary>
    public static TheoryData<RecipePrecision> Precisions => !Gpu.IsPretended || Version.Parse(TorchRuntime.BuiltVersion.Split('+')[0]) >= new Version(2, 4)
        ? [RecipePrecision.Fp32, RecipePrecision.Bf16, RecipePrecision.Fp16]
        : [RecipePrecision.Fp32, RecipePrecision.Bf16];

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Learns_in_every_precision(RecipePrecision precision)
    {
        using var temp = new TempFolder();
        var arithmetic = Arithmetic.Choose(precision, null, Gpu.Device);
        Assert.Equal(precision == RecipePrecision.Fp16, arithmetic.NeedsLossScaling);
        Assert.Equal(TrainingOutcome.Finished, Train(temp.File("run"), Sgd, arithmetic));
        var losses = Losses(temp.File("run"));
        Assert.Equal(24, losses.Length);
        Assert.True(losses[^6..].Sum() < 0.5 * losses[..6].Sum(), string.Join(", ", losses));
    }

    [Theory]
    [InlineData(Sgd)]
    [InlineData("optimizer: { name: adamw, learning_rate: 0.01 }\nclipping: { limit: 0.5 }\nema: { decay: 0.9, ramp_steps: 5 }")]
    [InlineData("optimizer: { name: adam, learning_rate: 0.01 }\nclipping: { name: value, limit: 0.5 }\naccumulation: 2")]
    [InlineData("optimizer: { name: rmsprop, learning_rate: 0.01 }\nmixing: { mixup: 0.4, cutmix: 1 }")]
    public void Continues_after_a_stop_as_if_there_had_been_none(string rest)
    {
        using var temp = new TempFolder();
        var arithmetic = Arithmetic.Choose(RecipePrecision.Fp32, null, Gpu.Device);
        Train(temp.File("whole"), rest, arithmetic);
        using (var stop = new CancellationTokenSource())
            Assert.Equal(TrainingOutcome.Interrupted, Train(temp.File("parts"), rest, arithmetic, stop));
        Assert.Equal(TrainingOutcome.Finished, Train(temp.File("parts"), rest, arithmetic));
        if (Gpu.IsPretended)
            Assert.Equal(Losses(temp.File("whole")), Losses(temp.File("parts")));
        else
            Assert.Equal(Losses(temp.File("whole"))[^1], Losses(temp.File("parts"))[^1], 1e-2);
    }

    // A training in a folder, new or continued; with a source it is stopped in the second epoch.
    private static TrainingOutcome Train(string folder, string rest, Arithmetic arithmetic, CancellationTokenSource? stop = null)
    {
        var recipe = Recipe.Parse(Yaml + "\n" + rest, "tiny.yaml");
        var resume = Directory.Exists(folder);
        RandomState.Seed((ulong)recipe.Seed);
        using var model = new TinyNetwork(4);
        using var trainer = new Trainer(new TrainingParts
        {
            Recipe = recipe,
            Model = model,
            Training = new CornerSource(48, 8, 1, shuffle: true)
            {
                Giving = (epoch, batch) =>
                {
                    if (epoch == 1 && batch == 2)
                        stop?.Cancel();
                },
            },
            Validation = new CornerSource(40, 16, 2, shuffle: false),
            Labels = new LabelSpace(["a", "b", "c", "d"]),
            Arithmetic = arithmetic,
            Folder = resume ? RunFolder.Open(folder) : RunFolder.Create(folder),
        });
        if (resume)
            trainer.Resume(RunFolder.Open(folder).Last);
        File.WriteAllText(RunFolder.ForResults(folder).Recipe, recipe.ToYaml());
        return trainer.Run(stop?.Token ?? default);
    }

    private static double[] Losses(string folder) =>
        [.. File.ReadLines(RunFolder.Open(folder).Losses).Select(static line => (double)System.Text.Json.Nodes.JsonNode.Parse(line)!["loss"]!)];
}
