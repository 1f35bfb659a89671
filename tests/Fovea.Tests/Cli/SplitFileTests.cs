using System.Text.Json.Nodes;
using Fovea.Tests.Imaging;
using Fovea.Training;

namespace Fovea.Tests.Cli;

/// <summary>What <c>fovea data split</c> writes, training and evaluation read.</summary>
[LeakCheck]
public class SplitFileTests
{
    [Fact]
    public void A_split_of_three_parts_is_trained_on_measured_on_and_asked_for_by_name()
    {
        using var temp = new TempFolder();
        var (data, recipe, plan) = Make(temp);
        var said = CommandLine.Run("data", "split", data, "--val", "0.25", "--test", "0.25", "--out", plan).Output;
        Assert.Contains($"next  fovea train RECIPE --data {data} --set data.split_file={plan}", said, StringComparison.Ordinal);
        Assert.Equal(0, CommandLine.Run("train", recipe, "--data", data, "--out", temp.File("run"), "--set", "epochs=1", "--set", $"data.split_file={Path.GetRelativePath(".", plan)}").Code);
        Assert.Equal(plan, Recipe.Load(new RunFolder(temp.File("run")).Recipe).Data.SplitFile);
        var facts = File.ReadAllText(new RunFolder(temp.File("run")).Facts);
        Assert.Contains("bars/train, 12 images", facts, StringComparison.Ordinal);
        Assert.Contains("bars/val, 6 images", facts, StringComparison.Ordinal);
        Assert.Equal(("bars/val", 6), Evaluated("eval", temp.File("run")));
        Assert.Equal(("bars/test", 6), Evaluated("eval", temp.File("run"), "--split", "test"));
        Assert.Equal(("bars/val", 6), Evaluated("eval", temp.File("run"), "--data", data));
        Assert.Contains("found no part 'tset', expected one of train, val, test", Assert.ThrowsAny<FoveaException>(() => CommandLine.Run("eval", temp.File("run"), "--split", "tset")).Message, StringComparison.Ordinal);
        // Another folder has parts of its own.
        Assert.Equal(("more", 8), Evaluated("eval", temp.File("run"), "--data", SmallDataset.Bars(temp.File("more"), 4)));
    }

    [Fact]
    public void Folds_are_left_out_one_by_one_or_in_turn()
    {
        using var temp = new TempFolder();
        var (data, recipe, plan) = Make(temp);
        CommandLine.Run("data", "split", data, "--folds", "3", "--out", plan);
        var section = new DataSection { Folder = data, SplitFile = plan };
        var parts = DataParts.Open(section with { ValidationSplit = "fold2" }, ModelTask.Classification, 0);
        Assert.Equal((16, 8), (parts.Training.Count, parts.Validation.Count));
        Assert.Empty(Ids(parts.Training).Intersect(Ids(parts.Validation)));
        var folds = DataParts.OpenFolds(section, ModelTask.Classification, 3, 99, out var read);
        Assert.Equal(["fold1", "fold2", "fold3"], read.Parts);
        Assert.Equal(Ids(parts.Validation), Ids(folds[1].Validation));
        Assert.Contains("say which with data.validation_split", Assert.Throws<FoveaException>(() => DataParts.Open(section, ModelTask.Classification, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("found 3 parts (fold1, fold2, fold3), expected the 5 of --folds", Assert.Throws<FoveaException>(() => DataParts.OpenFolds(section, ModelTask.Classification, 5, 0, out _)).Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(data, "lying", "000.png"));
        Assert.Contains("found 23 images, expected the 24 that the split was made for", Assert.ThrowsAny<FoveaException>(() => CommandLine.Run(
            "train", recipe, "--data", data, "--out", temp.File("run"), "--set", $"data.split_file={plan}", "--set", "data.validation_split=fold1")).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(temp.File("run")));
    }

    [Fact]
    public void A_warm_up_longer_than_the_run_is_said()
    {
        using var temp = new TempFolder();
        var (data, recipe, _) = Make(temp);
        var said = CommandLine.Run("train", recipe, "--data", data, "--out", temp.File("run"), "--set", "epochs=1", "--set", "schedule.warmup_steps=10").Output;
        Assert.Contains("warm-up takes 10 steps, and the run has only 3: the learning rate never gets to 0.02", said, StringComparison.Ordinal);
    }

    private static (string Data, string Recipe, string Plan) Make(TempFolder temp) =>
        (SmallDataset.Bars(temp.File("bars"), 12), SmallDataset.BarRecipe(temp.File("bars.yaml")), temp.File("bars.split"));

    private static (string Data, int Images) Evaluated(params string[] arguments)
    {
        var evaluation = JsonNode.Parse(CommandLine.Run([.. arguments, "--json"]).Output)!;
        return ((string)evaluation["data"]!, (int)evaluation["images"]!);
    }

    private static IEnumerable<string> Ids(Fovea.Data.IDataset dataset) => Enumerable.Range(0, dataset.Count).Select(i => dataset[i].Id);
}
