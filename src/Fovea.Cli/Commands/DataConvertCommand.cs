using System.CommandLine;
using Fovea.Data;
using Fovea.Data.Writing;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data convert FOLDER --to FORMAT --out FOLDER</c>: VOC, COCO and YOLO into each other.</summary>
internal static class DataConvertCommand
{
    public static Command Create()
    {
        var input = new DataInput();
        var to = new Option<string>("--to") { Description = $"The new format: {string.Join(", ", DatasetConverter.Targets.Select(static format => format.Name()))}.", Required = true };
        var output = new Option<string>("--out") { Description = "The new folder; it must not exist, or be empty.", Required = true };
        var link = new Option<bool>("--link") { Description = "Link to the pictures instead of copying them." };
        var command = new Command("convert", "Write a data set of objects in another format, saying what that format cannot hold.\n\nExample: fovea data convert bccd --to coco --out bccd-coco --faults skip");
        input.AddTo(command);
        command.Options.Add(to);
        command.Options.Add(output);
        command.Options.Add(link);
        command.SetAction(parsed =>
        {
            var (folder, options) = (input.Folder(parsed), input.Options(parsed));
            var target = DatasetFormatNames.Parse(parsed.GetValue(to)!);
            var splits = SplitsOf(folder, options).Select(split => (split, Dataset.Open(folder, options with { Split = split }))).ToList();
            foreach (var note in splits.SelectMany(static split => split.Item2.Notes).Distinct())
                Console.Error.WriteLine(note);
            ConversionReport report;
            using (var progress = new ProgressLine("converting"))
                report = DatasetConverter.Convert(splits, target, parsed.GetValue(output)!, parsed.GetValue(link), progress);
            Console.Out.WriteLine($"{parsed.GetValue(output)}: {target.Name()}, {Counted.Of(report.Images, "image")}{(report.Losses.Count == 0 ? ", nothing lost" : "")}");
            foreach (var loss in report.Losses)
                Console.Out.WriteLine(loss);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>All splits but "trainval", whose images the others have.</summary>
    private static IReadOnlyList<string?> SplitsOf(string folder, DatasetOptions options)
    {
        if (options.Split is not null)
            return [options.Split];
        var splits = Dataset.Splits(folder, options.Format).ToList<string?>();
        if (splits.Exists(static split => SplitNames.Canonical(split!) == "train"))
            splits.RemoveAll(static split => SplitNames.Canonical(split!) == "trainval");
        return splits.Count == 0 ? [null] : splits;
    }
}
