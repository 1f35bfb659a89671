using System.CommandLine;
using Fovea.Data;
using Fovea.Data.Statistics;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data show FOLDER</c>: a sheet of samples with their classes, boxes, masks, keypoints and maps.</summary>
internal static class DataShowCommand
{
    public static Command Create()
    {
        var input = new DataInput();
        var output = new Option<string>("--out") { Description = "The picture to write: .png (also without an ending), .jpg or .svg.", DefaultValueFactory = _ => "samples.png" };
        var count = new Option<int>("--count") { Description = "Number of samples, chosen at random.", DefaultValueFactory = _ => 12 };
        var seed = new Option<int>("--seed") { Description = "Seed; the same seed chooses the same samples.", DefaultValueFactory = _ => 0 };
        var label = new Option<string?>("--class") { Description = "Only images that hold this class." };
        var id = new Option<string[]>("--id") { Description = "Only this image, by the id that other commands print. May be repeated.", AllowMultipleArgumentsPerToken = true };
        var size = new Option<int>("--size") { Description = "Greatest width and height of a sample, pixels.", DefaultValueFactory = _ => 320 };
        var command = new Command("show", "Draw samples with everything known about them.\n\nExample: fovea data show bccd --split val --count 9 --faults skip --out samples.png");
        input.AddTo(command);
        foreach (var option in new Option[] { output, count, seed, label, id, size })
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(count) < 1 || parsed.GetValue(size) is < 16 or > 4096)
                throw new UsageException($"--count {parsed.GetValue(count)} --size {parsed.GetValue(size)}: expected at least 1 sample of 16 to 4096 pixels");
            var dataset = input.Open(parsed);
            var chosen = parsed.GetValue(id) is { Length: > 0 } ids
                ? Find(dataset, ids)
                : DatasetSheet.Choose(dataset, parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(label) is { } name ? dataset.Labels.IndexOf(name) : null);
            if (chosen.Count == 0)
                throw new FoveaException($"{dataset.Name}: found no image{(parsed.GetValue(label) is { } wanted ? $" that holds '{wanted}'" : "")}, expected at least one to show");
            var path = DataInput.PicturePath(parsed.GetValue(output)!);
            DatasetSheet.Draw(dataset, chosen, parsed.GetValue(size)).Save(path);
            Console.Out.WriteLine($"{path}: {chosen.Count} of {Counted.Of(dataset.Count, "image")}");
            return ExitCode.Done;
        });
        return command;
    }

    private static List<int> Find(IDataset dataset, string[] ids)
    {
        var byId = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < dataset.Count; i++)
            byId[dataset[i].Id] = i;
        return [.. ids.Select(id => byId.TryGetValue(id, out var index)
            ? index
            : throw new FoveaException($"{dataset.Name}: found no image with id '{id}'{NearestName.Suggest(id, byId.Keys)}"))];
    }
}
