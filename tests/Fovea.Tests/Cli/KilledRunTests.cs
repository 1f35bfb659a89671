using System.Diagnostics;
using System.Text.Json.Nodes;
using Fovea.Tests.Imaging;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Cli;

public class KilledRunTests
{
    [Fact]
    public void A_killed_run_continues_to_the_same_numbers_bit_for_bit()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 60);
        var recipe = SmallDataset.BarRecipe(temp.File("bars.yaml"), "checkpoint_steps: 3\nema: { decay: 0.98 }\nmixing: { mixup: 0.4, cutmix: 1 }\nstages: [{ epochs: 1, train: [f*] }, {}]\n");
        var start = Stopwatch.GetTimestamp();
        var whole = FoveaProcess.Run("train", recipe, "--data", data, "--out", temp.File("whole"));
        Assert.True(whole.ExitCode == 0, whole.Errors);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var seed = Environment.TickCount;
        var random = new Random(seed);
        var folder = temp.File("killed");
        string[] Arguments() => File.Exists(Path.Combine(folder, "recipe.yaml"))
            ? ["train", "--resume", "--out", folder]
            : ["train", recipe, "--data", data, "--out", folder];
        var kills = 0;
        for (var attempt = 0; attempt < 6; attempt++)
        {
            using var fovea = FoveaProcess.Start(Arguments());
            // The first kill comes soon after the first step, however fast the machine is just now; the others at any time.
            if (attempt == 0)
                WaitForTraining(fovea, folder);
            Thread.Sleep(TimeSpan.FromSeconds(attempt == 0 ? 0.04 * random.NextDouble() : seconds * 0.8 * random.NextDouble()));
            if (fovea.HasExited)
                break;
            fovea.Signal("KILL");
            fovea.Wait();
            kills++;
        }

        var last = FoveaProcess.Run(Arguments());
        Assert.True(last.ExitCode == 0, last.Errors);
        Assert.True(kills > 0, "the run was over before it could be killed");
        AssertSame(temp.File("whole"), temp.File("killed"), $"seed {seed}, {kills} kills");
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void A_signal_saves_and_ends_with_code_1(string signal)
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 40);
        var recipe = SmallDataset.BarRecipe(temp.File("bars.yaml"), "");
        var whole = FoveaProcess.Run("train", recipe, "--data", data, "--out", temp.File("whole"));
        Assert.True(whole.ExitCode == 0, whole.Errors);

        using (var fovea = FoveaProcess.Start("train", recipe, "--data", data, "--out", temp.File("stopped"), "--set", "epochs=4"))
        {
            WaitForTraining(fovea, temp.File("stopped"));
            fovea.Signal(signal);
            var result = fovea.Wait();
            if (result.ExitCode != 0)
            {
                Assert.Equal(1, result.ExitCode);
                Assert.Contains("everything is saved", result.Output, StringComparison.Ordinal);
                Assert.True(File.Exists(Path.Combine(temp.File("stopped"), "report.html")));
            }
        }

        var last = FoveaProcess.Run("train", "--resume", "--out", temp.File("stopped"));
        Assert.True(last.ExitCode == 0, last.Errors);
        AssertSame(temp.File("whole"), temp.File("stopped"), signal);
    }

    [Fact]
    public void Continuing_with_other_values_lists_them()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 8);
        var recipe = SmallDataset.BarRecipe(temp.File("bars.yaml"));
        Assert.Equal(0, FoveaProcess.Run("train", recipe, "--data", data, "--out", temp.File("run"), "--set", "epochs=1").ExitCode);
        var line = FoveaProcess.Run("train", recipe, "--resume", "--out", temp.File("run"), "--set", "batch_size=4").OneLine();
        Assert.Contains("epochs: 1 in the run, 4 now", line, StringComparison.Ordinal);
        Assert.Contains("batch_size: 8 in the run, 4 now", line, StringComparison.Ordinal);
        Assert.Contains("holds a run already", FoveaProcess.Run("train", recipe, "--data", data, "--out", temp.File("run")).OneLine(), StringComparison.Ordinal);
        Assert.Contains("found no run to continue", FoveaProcess.Run("train", "--resume", "--out", temp.File("nothing")).OneLine(), StringComparison.Ordinal);
    }

    /// <summary>Waits for the line of the first step.</summary>
    private static void WaitForTraining(FoveaProcess fovea, string folder)
    {
        var log = Path.Combine(folder, "log.txt");
        while (!fovea.HasExited && !(File.Exists(log) && ReadShared(log).Contains("step 1/", StringComparison.Ordinal)))
            Thread.Sleep(5);
    }

    private static string ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void AssertSame(string whole, string other, string how)
    {
        Assert.True(File.ReadAllText(Path.Combine(whole, "losses.jsonl")) == File.ReadAllText(Path.Combine(other, "losses.jsonl")), $"losses differ ({how})");
        Assert.True(Metrics(whole) == Metrics(other), $"figures differ ({how}):\n{Metrics(whole)}\n{Metrics(other)}");
        foreach (var name in new[] { "last.safetensors", "best.safetensors" })
        {
            using var a = WeightsFile.Open(Path.Combine(whole, name));
            using var b = WeightsFile.Open(Path.Combine(other, name));
            Assert.Equal(a.Tensors.Keys, b.Tensors.Keys);
            foreach (var (key, data) in a.Tensors)
            {
                var (x, y) = (new byte[data.ByteCount], new byte[data.ByteCount]);
                data.CopyTo(x);
                b.Tensors[key].CopyTo(y);
                Assert.True(x.SequenceEqual(y), $"{name}: {key} ({how})");
            }
        }
    }

    private static string Metrics(string folder) => string.Join('\n', File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(static line =>
    {
        var value = JsonNode.Parse(line)!.AsObject();
        value.Remove("seconds");
        return value.ToJsonString();
    }));
}
