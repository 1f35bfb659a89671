using System.Diagnostics;
using Fovea.Tests.Imaging;
using Fovea.Torch;

namespace Fovea.Tests.Cli;

/// <summary>Each mistake is one clear line on standard error and exit code 1, and loses nothing.</summary>
public class BadInputTests
{
    [Fact]
    public void A_picture_that_is_not_there_is_named()
    {
        using var temp = new TempFolder();
        Assert.Contains($"{temp.File("none.png")}: found nothing", FoveaProcess.Run("predict", temp.Path, temp.File("none.png")).OneLine(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_rule_that_cuts_pixels_off_is_for_classification()
    {
        using var temp = new TempFolder();
        var line = FoveaProcess.Run("train", "unet_membranes", "--data", temp.Path,
            "--set", "preprocessing.size_rule=shorter_side_then_crop", "--set", "preprocessing.shorter_side=64", "--set", "preprocessing.height=64", "--set", "preprocessing.width=64").OneLine();
        Assert.Contains("found shorter_side_then_crop, which cuts pixels off", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_key_offers_the_right_one()
    {
        using var temp = new TempFolder();
        var recipe = SmallDataset.BarRecipe(temp.File("bars.yaml"), "bach_size: 4\n");
        var line = FoveaProcess.Run("train", recipe, "--data", temp.Path).OneLine();
        Assert.Contains("bars.yaml, line 10: bach_size: there is no such key; did you mean 'batch_size'?", line, StringComparison.Ordinal);
        Assert.Contains("did you mean 'learning_rate'?", FoveaProcess.Run("train", SmallDataset.BarRecipe(recipe), "--data", temp.Path, "--set", "optimizer.learning_rat=1").OneLine(), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_another_model_are_refused()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 4);
        PythonReference.Run($"import torch, torchvision; torch.save(torchvision.models.resnet18(weights=None).state_dict(), '{temp.File("resnet18.pth")}')");
        var line = FoveaProcess.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("run"), "--set", $"fine_tuning.weights={temp.File("resnet18.pth")}").OneLine();
        Assert.Contains("These are the weights of another model", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(temp.File("run")));
        Assert.Contains("without a model card", FoveaProcess.Run("predict", temp.File("resnet18.pth"), Path.Combine(data, "lying")).OneLine(), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_run_commands_are_refused()
    {
        using var temp = new TempFolder();
        PythonReference.Run($$"""
            import torch, os
            class Evil:
                def __reduce__(self): return (os.system, ('touch {{temp.File("ran")}}',))
            torch.save({'conv.weight': Evil()}, '{{temp.File("evil.pth")}}')
            """);
        var data = SmallDataset.Bars(temp.File("bars"), 4);
        var line = FoveaProcess.Run("predict", temp.File("evil.pth"), Path.Combine(data, "lying"), "--model", "lenet5").OneLine();
        Assert.Contains("posix.system", line, StringComparison.Ordinal);
        Assert.False(File.Exists(temp.File("ran")));
    }

    [Fact]
    public void A_device_that_is_not_there_is_said()
    {
        if (TorchRuntime.CudaDeviceCount > 0)
            return;
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 4);
        var line = FoveaProcess.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("run"), "--device", "cuda").OneLine();
        Assert.Contains("sees no CUDA GPU", line, StringComparison.Ordinal);
        Assert.Contains("fp16 needs --device cuda", FoveaProcess.Run("train", temp.File("bars.yaml"), "--data", data, "--out", temp.File("run"), "--precision", "fp16").OneLine(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(temp.File("run")));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_shows_before_training()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 4);
        var recipe = SmallDataset.BarRecipe(temp.File("bars.yaml"));
        File.WriteAllText(temp.File("file"), "");
        foreach (var folder in new[] { "/proc/sys/run", Path.Combine(temp.File("file"), "run") })
            Assert.Contains("the folder cannot be written", FoveaProcess.Run("train", recipe, "--data", data, "--out", folder).OneLine(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_the_map_lacks_is_named()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 4);
        var line = FoveaProcess.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("run"), "--set", "data.classes=[lying, standin]").OneLine();
        Assert.Contains("standing", line, StringComparison.Ordinal);
        Assert.Contains("did you mean 'standin'?", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_breaks_off_is_named_or_skipped_and_counted()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 8);
        File.WriteAllBytes(Path.Combine(data, "lying", "003.png"), []);
        var recipe = SmallDataset.BarRecipe(temp.File("bars.yaml"));
        Assert.Contains("003.png", FoveaProcess.Run("train", recipe, "--data", data, "--out", temp.File("run"), "--set", "epochs=1").OneLine(), StringComparison.Ordinal);
        var skipping = FoveaProcess.Run("train", recipe, "--data", data, "--out", temp.File("again"), "--set", "epochs=1", "--skip-broken");
        Assert.True(skipping.ExitCode == 0, skipping.Errors);
        Assert.Contains("skipped 1 image that cannot be read", skipping.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_not_finite_ends_the_run_with_its_images()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 24);
        var line = FoveaProcess.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("run"), "--set", "optimizer.learning_rate=1e38").OneLine();
        Assert.Contains("the loss is not finite after", line, StringComparison.Ordinal);
        Assert.Contains(".png", line, StringComparison.Ordinal);
        Assert.True(File.Exists(temp.File("run/not-finite.json")));
    }

    [Fact]
    public void A_full_disk_keeps_the_old_checkpoint()
    {
        using var temp = new TempFolder();
        Directory.CreateDirectory(temp.File("small"));
        // Room for one checkpoint and its neighbours, not for a second beside it.
        if (!Shell("mount", "-t", "tmpfs", "-o", "size=1300k", "tmpfs", temp.File("small")))
        {
            Console.WriteLine($"SKIPPED: {nameof(A_full_disk_keeps_the_old_checkpoint)}: a small file system cannot be mounted here");
            return;
        }

        try
        {
            var data = SmallDataset.Bars(temp.File("bars"), 16);
            var line = FoveaProcess.Run("train", SmallDataset.BarRecipe(temp.File("bars.yaml")), "--data", data, "--out", temp.File("small/run")).OneLine();
            Assert.Contains("cannot be written: the disk is full", line, StringComparison.Ordinal);
            using var last = Fovea.Torch.Serialization.WeightsFile.Open(temp.File("small/run/last.safetensors"));
            Assert.Contains(last.Metadata.Keys, static key => key == "fovea.state");
            Assert.Empty(Directory.GetFiles(temp.File("small/run"), ".*"));
        }
        finally
        {
            Shell("umount", temp.File("small"));
        }
    }

    [Fact]
    public void Wrong_usage_ends_with_code_2()
    {
        Assert.Equal(2, FoveaProcess.Run("train").ExitCode);
        Assert.Equal(2, FoveaProcess.Run("train", "lenet5_mnist", "--folds", "1").ExitCode);
        Assert.Equal(2, FoveaProcess.Run("bench", "train", "lenet5", "--batch", "0").ExitCode);
        var unknown = FoveaProcess.Run("train", "lenet5_minst").OneLine();
        Assert.Contains("did you mean 'lenet5_mnist'?", unknown, StringComparison.Ordinal);
    }

    private static bool Shell(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
