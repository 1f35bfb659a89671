using Fovea.Imaging;
using Fovea.Models;
using Fovea.Reports;
using Fovea.Tests.Cli;
using Fovea.Tests.Imaging;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>What a run wrote, changed by hand or by a disk: it is used, or refused in one line that names the file.</summary>
public sealed class DamagedRunTests(BarRun run) : IClassFixture<BarRun>, IDisposable
{
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_model_card_with_any_value_changed_builds_a_network_or_is_refused()
    {
        var path = temp.File("model.safetensors");
        var picture = new Image(new ImageSize(28, 28), 1);
        var refused = 0;
        using var weights = WeightsFile.Open(new RunFolder(run.Folder).Best);
        var all = JsonDamage.Of(weights.Metadata[ModelCard.Key]).ToList();
        foreach (var card in all)
        {
            Safetensors.Write(path, weights.Tensors, [KeyValuePair.Create(ModelCard.Key, card)]);
            refused += Refuses(() =>
            {
                using var predictor = Predictor.Load(path);
                predictor.Predict(picture);
            });
        }

        Assert.InRange(refused, all.Count * 3 / 4, all.Count - 1);
    }

    [Theory]
    [InlineData(float.NaN), InlineData(float.PositiveInfinity), InlineData(float.NegativeInfinity)]
    public void Weights_that_are_no_numbers_are_refused_by_name(float value)
    {
        var path = temp.File("model.safetensors");
        using var weights = WeightsFile.Open(new RunFolder(run.Folder).Best);
        var name = weights.Tensors.Keys.Last();
        var values = Enumerable.Repeat(value, (int)weights.Tensors[name].Count).ToArray();
        Safetensors.Write(path, weights.Tensors.Select(pair => pair.Key == name ? new(name, TensorData.FromArray<float>(values, [.. pair.Value.Shape])) : pair), weights.Metadata);
        Assert.StartsWith($"{path}: {name}: found values that are no finite numbers", Assert.Throws<DataException>(() => Predictor.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_with_any_value_changed_is_continued_or_refused()
    {
        var folder = Copy();
        var refused = 0;
        using var weights = WeightsFile.Open(new RunFolder(run.Folder).Last);
        var all = JsonDamage.Of(weights.Metadata["fovea.state"]).ToList();
        foreach (var state in all)
        {
            // A state that knows of fewer lines cuts them off.
            foreach (var log in new[] { folder.Metrics, folder.Losses })
                File.Copy(Path.Combine(run.Folder, Path.GetFileName(log)), log, overwrite: true);
            Safetensors.Write(folder.Last, weights.Tensors, weights.Metadata.Where(static entry => entry.Key != "fovea.state").Append(KeyValuePair.Create("fovea.state", state)));
            refused += Refuses(() =>
            {
                using var session = TrainingSession.Continue(folder);
                session.Trainer.Run(new CancellationToken(canceled: true));
            });
        }

        Assert.InRange(refused, all.Count / 2, all.Count - 1);
    }

    [Fact]
    public void Facts_with_any_value_changed_make_a_report_or_are_refused()
    {
        var folder = Copy();
        var all = JsonDamage.Of(File.ReadAllText(folder.Facts)).ToList();
        var refused = all.Sum(text =>
        {
            File.WriteAllText(folder.Facts, text);
            return Refuses(() => RunReport.Write(folder));
        });
        Assert.InRange(refused, all.Count / 2, all.Count - 1);
    }

    [Fact]
    public void Only_the_last_line_of_the_figures_may_be_unfinished()
    {
        var folder = Copy();
        var lines = File.ReadAllLines(folder.Metrics);
        File.WriteAllText(folder.Metrics, string.Join('\n', lines) + "\n{\"epoch\": 5, \"st");
        Assert.InRange(RunMetrics.Of(folder, lines.Length)["top1"], 0, 1);
        foreach (var broken in new[] { lines[0][..20], "", "[1]", lines[0].Replace("{", "{\"epoch\": 1, ", StringComparison.Ordinal) })
        {
            File.WriteAllLines(folder.Metrics, [broken, .. lines[1..]]);
            Assert.StartsWith($"{folder.Metrics}: line 1: ", Assert.Throws<DataException>(() => RunMetrics.Of(folder, 2)).Message, StringComparison.Ordinal);
            Assert.Throws<DataException>(() => RunReport.Write(folder));
        }

        File.WriteAllLines(folder.Metrics, [lines[0].Replace("\"epoch\":1", "\"epoch\":true", StringComparison.Ordinal), .. lines[1..]]);
        Assert.Empty(RunMetrics.Of(folder, 1));
        Assert.NotEmpty(RunMetrics.Of(folder, 2));
    }

    [Fact]
    public void A_name_of_the_catalogue_is_not_given_twice()
    {
        var entry = ModelCatalog.Find("lenet5");
        Assert.Contains("'lenet5' a second time", Assert.Throws<FoveaException>(() => ModelCatalog.Add(entry)).Message, StringComparison.Ordinal);
        Assert.Single(ModelCatalog.All, static known => known.Name == "lenet5");
    }

    private static int Refuses(Action use)
    {
        try
        {
            use();
            return 0;
        }
        catch (FoveaException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            return 1;
        }
    }

    private RunFolder Copy()
    {
        var folder = RunFolder.Create(temp.File("run"));
        foreach (var file in Directory.GetFiles(run.Folder))
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        return folder;
    }
}
