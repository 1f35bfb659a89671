using System.CommandLine;
using System.Globalization;
using Fovea.Data;
using Fovea.Data.Splitting;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data split FOLDER --out FILE</c>: stratified parts or folds, written as text.</summary>
internal static class DataSplitCommand
{
    public static Command Create()
    {
        var input = new DataInput();
        var output = new Option<string?>("--out") { Description = "The file to write; NAME.split, after the data set, when not given." };
        var val = new Option<double>("--val") { Description = "Share of the part 'val'; the rest is 'train'.", DefaultValueFactory = _ => 0.2 };
        var test = new Option<double>("--test") { Description = "Share of a part 'test', if any." };
        var folds = new Option<int?>("--folds") { Description = "Number of folds of equal share, instead of these parts." };
        var seed = new Option<int>("--seed") { Description = "Seed; the same seed gives the same parts.", DefaultValueFactory = _ => 0 };
        var group = new Option<string?>("--group") { Description = "A regular expression; images for whose id its first group (or all of it) matches the same text stay together." };
        var command = new Command("split", "Divide a data set into parts that hold the same share of every class.\n\nExample: fovea data split flowers --val 0.2 --seed 1");
        input.AddTo(command);
        foreach (var option in new Option[] { output, val, test, folds, seed, group })
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(folds) is < 2)
                throw new UsageException($"--folds: found {parsed.GetValue(folds)}, expected at least 2");
            var dataset = input.Open(parsed);
            var groupBy = parsed.GetValue(group) is { } pattern ? GroupBy(pattern) : null;
            var plan = parsed.GetValue(folds) is { } count
                ? DatasetSplitter.Folds(dataset, count, parsed.GetValue(seed), groupBy)
                : DatasetSplitter.Split(dataset, Shares(parsed.GetValue(val), parsed.GetValue(test)), parsed.GetValue(seed), groupBy);
            var path = parsed.GetValue(output) ?? $"{dataset.Name.Replace('/', '-')}.split";
            plan.Save(path);
            Console.Out.WriteLine($"{path}: {plan.Description}");
            Output.WriteTable(["part", "images", .. dataset.Labels.Names], plan.Parts.Select(part => Row(plan, dataset, part)));
            // A plan for one split of a folder does not know the others' images, which training would find.
            if (input.Options(parsed).Split is null)
                Console.Out.WriteLine($"next  fovea train RECIPE --data {input.Folder(parsed)} --set data.split_file={path}{(parsed.GetValue(folds) is { } k ? $" --folds {k}" : "")}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Images of a part, and those of them that hold each class.</summary>
    private static string[] Row(SplitPlan plan, IDataset dataset, string name)
    {
        var part = plan.Part(dataset, name);
        var counts = new int[dataset.Labels.Count];
        for (var i = 0; i < part.Count; i++)
        {
            var annotation = (part.Content.HasFlag(DatasetContent.Maps) ? part.Load(i) : part[i]).Annotation;
            var labels = (annotation.Instances ?? []).Select(static instance => instance.Label)
                .Concat(annotation.ImageLabels)
                .Concat((annotation.Map?.Values ?? []).Where(static value => value != LabelMap.Ignore).Select(static value => (int)value));
            foreach (var present in labels.Distinct())
                counts[present]++;
        }

        return [name, .. counts.Prepend(part.Count).Select(static count => count.ToString(CultureInfo.InvariantCulture))];
    }

    private static (string, double)[] Shares(double val, double test)
    {
        if (!(val >= 0 && test >= 0 && val + test is > 0 and < 1))
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--val {val} --test {test}: expected shares that leave something for 'train'"));
        var shares = new[] { ("train", 1 - val - test), ("val", val), ("test", test) };
        return [.. shares.Where(static part => part.Item2 > 0)];
    }

    private static Func<Sample, string> GroupBy(string pattern)
    {
        try
        {
            return SampleGroups.By(pattern, "--group");
        }
        catch (FoveaException fault)
        {
            throw new UsageException(fault.Message);
        }
    }
}
