using System.Text.Json.Nodes;
using Fovea.Imaging;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Tests.Cli;

[LeakCheck]
public class TrainedNetworkTests(BarRun run) : IClassFixture<BarRun>
{
    [Fact]
    public void Training_says_first_what_it_works_with_and_last_what_to_type()
    {
        var lines = run.Output.Split('\n');
        Assert.StartsWith("device           cpu, ", lines[0], StringComparison.Ordinal);
        Assert.Contains("libtorch ", lines[1], StringComparison.Ordinal);
        Assert.Equal("precision        float32, channels last", lines[2]);
        Assert.Equal("model            lenet5, 61,026 parameters, all trained", lines[3]);
        Assert.Contains("60 images; images: lying 30, standing 30", lines[4], StringComparison.Ordinal);
        Assert.Contains("20 images; images: lying 10, standing 10", lines[5], StringComparison.Ordinal);
        Assert.Contains($"next     fovea predict {run.Folder} IMAGES", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_effective_recipe_is_saved_and_reads_back()
    {
        var recipe = Recipe.Load(new RunFolder(run.Folder).Recipe);
        Assert.Equal(Path.GetFullPath(run.Data), recipe.Data.Folder);
        Assert.Equal(4, recipe.Epochs);
        Assert.Empty(RecipeDifference.List(recipe, Recipe.Parse(recipe.ToYaml(), "again")));
    }

    [Fact]
    public void The_report_is_one_page_that_needs_nothing_else()
    {
        var page = File.ReadAllText(new RunFolder(run.Folder).Report);
        foreach (var heading in new[] { "ROC and AUC", "Precision over recall and AP", "Reliability, ECE", "95 % intervals", "Curves", "Figures", "By class", "Confusion", "Predictions", "Worst cases", "Data", "Recipe" })
            Assert.Contains(heading, page, StringComparison.Ordinal);
        Assert.Contains("learning_rate: 0.02", page, StringComparison.Ordinal);
        Assert.True(page.Split("data:image/").Length > 20, "pictures of samples and worst cases");
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluating_gives_the_figures_of_the_best_epoch()
    {
        var (code, output) = CommandLine.Run("eval", run.Folder, "--json");
        Assert.Equal(0, code);
        var figures = JsonNode.Parse(output)!["metrics"]!;
        var best = File.ReadLines(new RunFolder(run.Folder).Metrics).Select(static l => JsonNode.Parse(l)!).MaxBy(static l => (double)l["top1"]!)!;
        Assert.Equal((double)best["top1"]!, (double)figures["top1"]!);
        var table = CommandLine.Run("eval", run.Folder, "--data", run.Data).Output;
        Assert.Contains("80 images", table, StringComparison.Ordinal);
        Assert.Contains("standing", table, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_image_is_counted_as_one()
    {
        var output = CommandLine.Run("eval", run.Folder, "--data", SmallDataset.Bars(run.File("single"), 1)).Output;
        Assert.Contains("2 images in", output, StringComparison.Ordinal);
        Assert.Matches("(?m)^lying +1 ", output);
    }

    [Fact]
    public void One_run_trains_in_a_folder_at_a_time()
    {
        using (new RunFolder(run.Folder).Hold())
        {
            var error = Assert.ThrowsAny<FoveaException>(() => CommandLine.Run("train", "--resume", "--out", run.Folder));
            Assert.Contains("another run trains in this folder", error.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(".lock", Directory.EnumerateFiles(run.Folder, ".*").Select(Path.GetFileName));
        var (code, output) = CommandLine.Run("train", "--resume", "--out", run.Folder);
        Assert.Equal(0, code);
        Assert.StartsWith($"{run.Folder} is finished after 4 epochs", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_compared_by_figure_and_cost()
    {
        var curves = run.File("curves.svg");
        var row = JsonNode.Parse(CommandLine.Run("compare", run.Folder, "--drawing", curves, "--json").Output)!;
        var evaluated = JsonNode.Parse(CommandLine.Run("eval", run.Folder, "--json").Output)!["metrics"]!;
        Assert.Equal(("lenet5", "top1", 61_026), ((string)row["network"]!, (string)row["metric"]!, (int)row["parameters"]!));
        Assert.Equal((double)evaluated["top1"]!, (double)row["value"]!);
        // LeCun et al. 1998, figure 2: two convolutions of 28x28 and 10x10 maps, then three matrices.
        Assert.Equal(6 * 25 * 784 + 16 * 150 * 100 + 400 * 120 + 120 * 84 + 84 * 2, (int)row["multiply_adds"]!);
        Assert.True((double)row["images_per_second"]! > 1);
        Assert.Contains("top-1", File.ReadAllText(curves), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("61,026", CommandLine.Run("compare", run.Folder, run.Folder).Output, StringComparison.Ordinal);
        var error = Assert.ThrowsAny<FoveaException>(() => CommandLine.Run("compare", run.Folder, "--metric", "mean_iu"));
        Assert.Contains("mean_iu", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluating_gives_curves_intervals_and_any_k()
    {
        var (_, output) = CommandLine.Run("eval", run.Folder, "--json", "--top-k", "1,2", "--out", run.File("evaluated"));
        var evaluation = JsonNode.Parse(output)!;
        Assert.Equal("classification", (string)evaluation["task"]!);
        foreach (var name in new[] { "top1", "top2", "auc", "ap", "ece", "mce", "specificity" })
            Assert.InRange((double)evaluation["metrics"]![name]!, 0, 1);
        Assert.Equal(1, (double)evaluation["metrics"]!["top2"]!);
        Assert.True((double)evaluation["intervals"]!["top1"]!["low"]! <= (double)evaluation["metrics"]!["top1"]!);
        Assert.Equal("roc", (string)evaluation["curves"]![0]!["name"]!);
        Assert.Equal(15, evaluation["reliability"]!.AsArray().Count);
        Assert.Contains("\"task\": \"classification\"", File.ReadAllText(Path.Combine(run.File("evaluated"), "evaluation.json")), StringComparison.Ordinal);
        foreach (var file in new[] { "evaluation.json", "roc.svg", "precision_recall.svg", "reliability.svg", "confusion.svg" })
            Assert.True(File.Exists(Path.Combine(run.File("evaluated"), file)), file);
        Assert.Contains(" to ", CommandLine.Run("eval", run.Folder).Output, StringComparison.Ordinal);
        Assert.Contains("found k = 3, expected 1 to 2", Assert.ThrowsAny<FoveaException>(() => CommandLine.Run("eval", run.Folder, "--top-k", "3")).Message, StringComparison.Ordinal);
        Assert.Contains("found surface, which classification does not have", Assert.ThrowsAny<FoveaException>(() => CommandLine.Run("eval", run.Folder, "--metrics", "surface")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluating_on_other_classes_names_the_one_that_is_not_known()
    {
        var other = SmallDataset.Bars(run.File("other"), 4, "lying", "standinq");
        var error = Assert.ThrowsAny<FoveaException>(() => CommandLine.Run("eval", run.Folder, "--data", other));
        Assert.Contains("standinq", error.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'standing'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_in_another_form_than_that_of_the_training_is_measured_on()
    {
        var section = new DataSection { Folder = "elsewhere", Format = "idx" };
        const string Warning = "those of the training among them";
        Assert.Equal(80, DataParts.OpenForEvaluation(run.Data, null, new LabelSpace(["lying", "standing"]), section, ModelTask.Classification).Count);
        Assert.DoesNotContain(Open("elsewhere").Notes, static note => note.Contains(Warning, StringComparison.Ordinal));
        Assert.Contains(Open(run.Data).Notes, static note => note.Contains(Warning, StringComparison.Ordinal));

        Fovea.Data.IDataset Open(string trainedOn) => DataParts.OpenForEvaluation(run.Data, null, new LabelSpace(["lying", "standing"]), section with { Folder = trainedOn }, ModelTask.Classification);
    }

    [Fact]
    public void Predicting_writes_a_line_a_picture_and_draws()
    {
        var json = run.File("lines.jsonl");
        CommandLine.Run("predict", run.Folder, Path.Combine(run.Data, "lying", "000.png"), Path.Combine(run.Data, "standing"), Path.Combine(run.Data, "**", "00?.png"), "--json", json, "--out", run.File("pictures"), "--top", "1");
        var lines = File.ReadLines(json).Select(static l => JsonNode.Parse(l)!).ToList();
        // One file, a folder of 40, and a pattern that adds nine more lying bars.
        Assert.Equal(50, lines.Count);
        Assert.Equal(50, Directory.GetFiles(run.File("pictures")).Length);
        var right = lines.Count(static l => ((string)l["image"]!).Contains((string)l["classes"]![0]!["label"]!, StringComparison.Ordinal));
        Assert.True(right >= 45, $"{right} of 50 right");
        Assert.Equal(28, (int)lines[0]["width"]!);
        Assert.Single(lines[0]["classes"]!.AsArray());
        // Pictures of two folders are called alike; each line says which drawing is its own.
        Assert.Equal(50, lines.Select(static l => (string)l["drawing"]!).Distinct().Count(File.Exists));
        using var image = new MemoryStream(File.ReadAllBytes(Directory.GetFiles(run.File("pictures"))[0]));
        Assert.True(Image.Decode(image.ToArray(), "drawn").Width >= 28);
    }

    [Theory]
    [InlineData("predict"), InlineData("explain")]
    public void No_picture_is_written_over_by_what_is_made_of_it(string command)
    {
        var folder = Directory.CreateDirectory(run.File($"own-{command}")).FullName;
        var picture = Path.Combine(folder, "000.png");
        File.Copy(Path.Combine(run.Data, "lying", "000.png"), picture);
        var bytes = File.ReadAllBytes(picture);
        foreach (var output in new[] { folder, folder + "/", Path.Combine(folder, "..", $"own-{command}") })
        {
            var error = Assert.Throws<Fovea.Cli.UsageException>(() => CommandLine.Run(command, run.Folder, folder, "--out", output));
            Assert.Contains("found 000.png there, one of the pictures to read", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal([picture], Directory.GetFiles(folder));
        Assert.Equal(bytes, File.ReadAllBytes(picture));
    }

    [Fact]
    public void Hidden_files_beside_pictures_are_no_pictures()
    {
        var folder = Directory.CreateDirectory(run.File("hidden")).FullName;
        File.Copy(Path.Combine(run.Data, "lying", "000.png"), Path.Combine(folder, "000.png"));
        File.WriteAllBytes(Path.Combine(folder, "._000.png"), [0, 5, 0x16, 7]);
        var json = run.File("hidden.jsonl");
        CommandLine.Run("predict", run.Folder, folder, Path.Combine(folder, "*.png"), "--json", json);
        Assert.Single(File.ReadAllLines(json));
    }

    [Fact]
    public void Links_are_followed_and_those_that_lead_back_are_not()
    {
        var folder = Directory.CreateDirectory(run.File("linked")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(folder, "bars"), Path.Combine(run.Data, "lying"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "self"), folder);
        Directory.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "inner")).FullName, "up"), Path.Combine("..", "..", "linked"));
        Assert.Equal(40, Fovea.Data.FileWalk.Files(folder, recursive: true).Count());
        var json = run.File("linked.jsonl");
        CommandLine.Run("predict", run.Folder, folder, "--json", json);
        Assert.Equal(40, File.ReadAllLines(json).Length);
    }

    [Theory]
    [InlineData("--json", "-")]
    [InlineData]
    public void Standard_output_holds_the_lines_and_nothing_else(params string[] json)
    {
        var broken = run.File("broken-off.png");
        File.WriteAllBytes(broken, [1, 2, 3]);
        var result = FoveaProcess.Run(["predict", run.Folder, Path.Combine(run.Data, "lying"), broken, "--skip-broken", "--out", run.File("drawn"), .. json]);
        Assert.True(result.ExitCode == 0, result.Errors);
        var lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(40, lines.Length);
        Assert.All(lines, static line => Assert.EndsWith(".png", (string)JsonNode.Parse(line)!["image"]!, StringComparison.Ordinal));
        foreach (var words in new[] { "40 pictures; milliseconds each", "skipped 1 picture that cannot be read", "pictures are in" })
            Assert.Contains(words, result.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists("-"));
    }

    [Fact]
    public void A_broken_picture_is_named_or_skipped_when_asked()
    {
        File.WriteAllBytes(run.File("broken.png"), [1, 2, 3]);
        var good = Path.Combine(run.Data, "lying", "001.png");
        var error = Assert.ThrowsAny<FoveaException>(() => CommandLine.Run("predict", run.Folder, good, run.File("broken.png"), "--json", run.File("a.jsonl")));
        Assert.Contains("broken.png", error.Message, StringComparison.Ordinal);
        File.WriteAllText(run.File("text.jpg"), "no picture");
        var skipping = FoveaProcess.Run("predict", run.Folder, good, run.File("broken.png"), run.File("text.jpg"), "--json", run.File("b.jsonl"), "--skip-broken");
        Assert.Equal(0, skipping.ExitCode);
        Assert.Contains("skipped 2 pictures that cannot be read:", skipping.Errors, StringComparison.Ordinal);
        Assert.All(new[] { "broken.png: found", "text.jpg: found" }, name => Assert.Contains(name, skipping.Errors, StringComparison.Ordinal));
        Assert.Single(File.ReadAllLines(run.File("b.jsonl")));
        Assert.Contains("found nothing", Assert.ThrowsAny<FoveaException>(() => CommandLine.Run("predict", run.Folder, run.File("absent.png"))).Message, StringComparison.Ordinal);
        Assert.Contains("a score from 0 to 1", Assert.Throws<Fovea.Cli.UsageException>(() => CommandLine.Run("predict", run.Folder, good, "--score", "2")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fine_tuning_replaces_the_head_and_says_so()
    {
        var three = SmallDataset.Bars(run.File("three"), 8, "lying", "standing", "thick");
        var best = new RunFolder(run.Folder).Best;
        var (code, output) = CommandLine.Run("train", run.Recipe, "--data", three, "--out", run.File("tuned"), "--set", $"fine_tuning.weights={best}", "--set", "epochs=1", "--set", "freeze=[c1.*, c3.*]");
        Assert.Equal(0, code);
        Assert.Contains("start afresh because the file's classes are 2 (lying, standing) and the data's are 3 (lying, standing, thick)", output, StringComparison.Ordinal);
        Assert.Contains("[2, 84] -> [3, 84]", output, StringComparison.Ordinal);
        using var before = WeightsFile.Open(best);
        using var after = WeightsFile.Open(new RunFolder(run.File("tuned")).Best);
        var frozen = before.Tensors.Keys.First(static name => name.StartsWith("c1", StringComparison.Ordinal));
        Assert.Equal(before.Tensors[frozen].ToArray<float>(), after.Tensors[frozen].ToArray<float>());
    }

    [Fact]
    public void Folds_make_a_run_each_and_a_summary()
    {
        var (code, output) = CommandLine.Run("train", run.Recipe, "--data", run.Data, "--out", run.File("folds"), "--folds", "3", "--set", "epochs=1");
        Assert.Equal(0, code);
        var summary = JsonNode.Parse(File.ReadAllText(Path.Combine(run.File("folds"), "summary.json")))!;
        var values = summary["folds"]!.AsArray().Select(static f => (double)f!["figures"]!["top1"]!).ToList();
        Assert.Equal(3, values.Count);
        Assert.Equal(values.Average(), (double)summary["mean"]!["top1"]!, 1e-12);
        Assert.Contains("fold3", output, StringComparison.Ordinal);
        // Folds of equal size: the mean of their accuracies is that of all images together.
        Assert.Equal(80, summary["folds"]!.AsArray().Sum(static f => (int)f!["images"]!));
        var weighted = summary["folds"]!.AsArray().Sum(static f => (double)f!["figures"]!["top1"]! * (int)f!["images"]!) / 80;
        Assert.Equal(weighted, (double)summary["pooled"]!["top1"]!, 1e-9);
        var page = File.ReadAllText(Path.Combine(run.File("folds"), "report.html"));
        foreach (var part in new[] { "cross-validation in 3 folds over 80 images", "fold3/report.html", "deviation", "By class, all folds", "Confusion" })
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.Equal(80, File.ReadLines(Path.Combine(run.File("folds"), "folds.txt")).Count(static l => l.StartsWith("fold", StringComparison.Ordinal) && l.Contains('\t', StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_group_is_left_out_once_and_learning_rates_are_tried()
    {
        var few = SmallDataset.Bars(run.File("few"), 4);
        // Numbers 0 to 3 of both classes: a group for each number.
        var (code, _) = CommandLine.Run("train", run.Recipe, "--data", few, "--out", run.File("left-out"), "--folds", "all", "--set", "epochs=1", "--set", "data.group_by=([0-9]+)");
        Assert.Equal(0, code);
        var plan = File.ReadLines(Path.Combine(run.File("left-out"), "folds.txt")).Select(static l => l.Split('\t')).Where(static l => l.Length == 2).ToList();
        Assert.Equal(4, plan.Select(static l => l[0]).Distinct().Count());
        Assert.All(plan.GroupBy(static l => l[1][^7..]), static group => Assert.Single(group.Select(static l => l[0]).Distinct()));

        var (found, output) = CommandLine.Run("train", run.Recipe, "--data", run.Data, "--out", run.File("rates"), "--find-lr");
        Assert.Equal(0, found);
        Assert.Contains("suggestion  optimizer.learning_rate=", output, StringComparison.Ordinal);
        Assert.Contains("<svg", File.ReadAllText(Path.Combine(run.File("rates"), "rates.svg")), StringComparison.Ordinal);
        Assert.True(Image.Load(Path.Combine(run.File("rates"), "rates.png")).Width > 100);
        Assert.False(File.Exists(new RunFolder(run.File("rates")).Recipe));
        Assert.Contains("--find-lr needs a RECIPE", Assert.ThrowsAny<Exception>(() => CommandLine.Run("train", run.Recipe, "--find-lr", "--folds", "2")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Views_are_averaged()
    {
        var figures = JsonNode.Parse(CommandLine.Run("eval", run.Folder, "--flip", "--json").Output)!["metrics"]!;
        Assert.Equal((double)JsonNode.Parse(CommandLine.Run("eval", run.Folder, "--json").Output)!["metrics"]!["top1"]!, (double)figures["top1"]!, 0.151);
        var error = Assert.ThrowsAny<FoveaException>(() => CommandLine.Run("eval", run.Folder, "--tile", "8"));
        Assert.Contains("found tiles or scales for a classifier", error.Message, StringComparison.Ordinal);
        var json = run.File("views.jsonl");
        CommandLine.Run("predict", run.Folder, Path.Combine(run.Data, "standing", "000.png"), "--json", json, "--views", "ten_crop");
        Assert.Contains("standing", File.ReadAllText(json), StringComparison.Ordinal);
    }

    [Fact]
    public void Timing_gives_the_three_figures()
    {
        var (_, output) = CommandLine.Run("bench", "train", "lenet5", "--batch", "4", "--precision", "fp32", "--json");
        var value = JsonNode.Parse(output)!;
        Assert.True((double)value["median_ms"]! > 0 && (double)value["images_per_s"]! > 0 && (double)value["peak_mb"]! > 10);
        Assert.Equal(4 * 1000 / (double)value["median_ms"]!, (double)value["images_per_s"]!, 0.02 * (double)value["images_per_s"]!);
    }
}
