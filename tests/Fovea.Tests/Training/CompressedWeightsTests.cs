using Fovea.Models;
using Fovea.Tests.Cli;
using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Tests.Training;

/// <summary>Weights whose linear layers were factored are trained on, continued and used like any others.</summary>
[LeakCheck]
public sealed class CompressedWeightsTests(BarRun run) : IClassFixture<BarRun>
{
    [Fact]
    public void Training_goes_on_from_the_two_matrices()
    {
        var small = Compress("f6", 12, "small.safetensors");
        var (code, output) = Train(small, "on", run.Data);
        Assert.Equal(0, code);
        Assert.Contains("loaded 11 of 11 tensors", output, StringComparison.Ordinal);
        var folder = new RunFolder(run.File("on"));
        using (var trained = WeightsFile.Open(folder.Best))
        {
            using var before = WeightsFile.Open(small);
            Assert.Equal([12, 120], trained.Tensors["f6.0.weight"].Shape);
            Assert.NotEqual(before.Tensors["f6.0.weight"].ToArray<float>(), trained.Tensors["f6.0.weight"].ToArray<float>());
        }

        // Stopped after its first epoch and continued, and put to use.
        Assert.Equal(0, CommandLine.Run("train", "--resume", "--out", folder.Path).Code);
        Assert.Equal(0, CommandLine.Run("eval", folder.Path).Code);
    }

    [Fact]
    public void A_run_from_compressed_weights_resumes_to_the_same_numbers()
    {
        var small = Compress("f6", 12, "same.safetensors");
        Train(small, "whole", run.Data, "epochs=2");
        // The same run, stopped after one epoch of two.
        var recipe = Recipe.Load(run.Recipe, ["epochs=2", $"fine_tuning.weights={small}", $"data.folder={run.Data}"]);
        using (var session = TrainingSession.Start(recipe, "bars", run.File("halves"), Device.Cpu))
        {
            using var stop = new CancellationTokenSource();
            session.Trainer.Listen(new StopAfterFirstEpoch(stop));
            Assert.Equal(TrainingOutcome.Interrupted, session.Trainer.Run(stop.Token));
        }

        Assert.Equal(0, CommandLine.Run("train", "--resume", "--out", run.File("halves")).Code);
        using var one = WeightsFile.Open(new RunFolder(run.File("whole")).Last);
        using var two = WeightsFile.Open(new RunFolder(run.File("halves")).Last);
        Assert.Equal(one.Tensors["f6.0.weight"].ToArray<float>(), two.Tensors["f6.0.weight"].ToArray<float>());
        Assert.Equal(one.Tensors["c1.weight"].ToArray<float>(), two.Tensors["c1.weight"].ToArray<float>());
    }

    [Fact]
    public void A_factored_head_for_other_classes_starts_afresh_as_one_layer()
    {
        var three = SmallDataset.Bars(run.File("three"), 8, "lying", "standing", "thick");
        var (code, output) = Train(Compress("output", 2, "head.safetensors"), "afresh", three);
        Assert.Equal(0, code);
        Assert.Contains("loaded 8 of 10 tensors; 2 start afresh because the file's classes are 2 (lying, standing) and the data's are 3", output, StringComparison.Ordinal);
        Assert.Contains("output.weight: [2, 84] -> [3, 84]", output, StringComparison.Ordinal);
        using var trained = WeightsFile.Open(new RunFolder(run.File("afresh")).Best);
        Assert.Equal([3, 84], trained.Tensors["output.weight"].Shape);
    }

    [Fact]
    public void Names_of_Caffe_with_slashes_are_the_networks_own()
    {
        using var scope = new TensorScope();
        var entry = ModelCatalog.Find("googlenet_2014");
        using var network = entry.Build(new ModelOptions { Outputs = 3 });
        StateDict.Save(run.File("googlenet.safetensors"), network);
        using var other = entry.Build(new ModelOptions { Outputs = 3 });
        var lines = FineTuning.Load(entry, other, new LabelSpace(["a", "b", "c"]), new FineTuningSection { Weights = run.File("googlenet.safetensors") });
        Assert.Contains($"loaded {network.StateDict().Count} of {network.StateDict().Count} tensors", Assert.Single(lines), StringComparison.Ordinal);
        Assert.All(network.StateDict().Zip(other.StateDict()).Take(6), static pair => Assert.Equal(pair.First.Value.ToArray<float>(), pair.Second.Value.ToArray<float>()));
        Assert.True(Checkpoint.IsTrainingPart("optimizer/momentum/c1.weight"));
        Assert.False(Checkpoint.IsTrainingPart("inception_3a/1x1.weight"));
    }

    private string Compress(string layer, int rank, string name)
    {
        var file = run.File(name);
        Assert.Equal(0, CommandLine.Run("compress", run.Folder, "--layer", layer, "--rank", $"{rank}", "--out", file).Code);
        return file;
    }

    private (int Code, string Output) Train(string weights, string folder, string data, string more = "epochs=1") =>
        CommandLine.Run("train", run.Recipe, "--data", data, "--out", run.File(folder), "--set", $"fine_tuning.weights={weights}", "--set", more);

    private sealed class StopAfterFirstEpoch(CancellationTokenSource stop) : ITrainingListener
    {
        public void Evaluated(int epoch, Evaluation evaluation, bool isBest) => stop.Cancel();
    }
}
