using System.CommandLine;
using Fovea.Data;
using Fovea.Data.Scenes;
using Fovea.Data.Writing;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data scenes --out FOLDER</c>: makes pictures of shapes with labels, for trying things without data of one's own.</summary>
internal static class DataScenesCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "The new folder; it must not exist, or be empty.", Required = true };
        var to = new Option<string>("--to")
        {
            Description = $"The format: {string.Join(", ", Targets.Select(static format => format.Name()))}; with the first, each picture lies in the folder of its shape.",
            DefaultValueFactory = _ => DatasetFormat.ImageFolder.Name(),
        };
        var shapes = new Option<string>("--shapes") { Description = "The shapes, which are the classes, separated by commas.", DefaultValueFactory = _ => string.Join(',', SceneShapes.Names) };
        var images = new Option<int>("--images") { Description = "Pictures to train on; a fifth as many are made for val, and for test.", DefaultValueFactory = _ => 1200 };
        var objects = new Option<int>("--objects") { Description = "Greatest number of shapes in a picture.", DefaultValueFactory = _ => 1 };
        var size = new Option<int>("--size") { Description = "Side of the pictures in pixels.", DefaultValueFactory = _ => 96 };
        var command = new Command("scenes", """
            Make pictures of shapes on busy grounds, with labels: the same at every call.

            Example: fovea data scenes --shapes ring,square,star --out scenes
            """)
        {
            output, to, shapes, images, objects, size,
        };
        command.SetAction(parsed =>
        {
            var target = DatasetFormatNames.Parse(parsed.GetValue(to)!);
            var (count, most) = (parsed.GetValue(images), parsed.GetValue(objects));
            if (!Targets.Contains(target))
                throw new UsageException($"--to: found {target.Name()}, expected one of {string.Join(", ", Targets.Select(static format => format.Name()))}");
            if (count < 5)
                throw new UsageException($"--images: found {count}, expected at least 5");
            if (target == DatasetFormat.ImageFolder && most != 1)
                throw new UsageException($"--objects: found {most}, expected 1 for {target.Name()}, where a picture has one class; for more take --to coco");
            var generator = new SceneGenerator(new SceneOptions
            {
                Size = new ImageSize(parsed.GetValue(size), parsed.GetValue(size)), Shapes = parsed.GetValue(shapes)!.Split(',', StringSplitOptions.TrimEntries), MaxObjects = most, MinVisible = 0.8,
                // One alone may be large.
                MinRadius = most == 1 ? 0.18 : 0.14, MaxRadius = most == 1 ? 0.34 : 0.26,
            });
            Write(generator, target, parsed.GetValue(output)!, count);
            Console.Out.WriteLine($"{parsed.GetValue(output)}: {target.Name()}, {count + 2 * (count / 5)} pictures of {string.Join(", ", generator.Labels.Names)}");
            return ExitCode.Done;
        });
        return command;
    }

    private static IReadOnlyList<DatasetFormat> Targets => [DatasetFormat.ImageFolder, .. DatasetConverter.Targets];

    private static void Write(SceneGenerator generator, DatasetFormat target, string folder, int count)
    {
        // Each part has a seed of its own, so that no scene is in two.
        (string Split, SceneDataset Scenes)[] parts =
            [("train", new SceneDataset(generator, count, 1)), ("val", new SceneDataset(generator, count / 5, 2)), ("test", new SceneDataset(generator, count / 5, 3))];
        using var progress = new ProgressLine("drawing");
        if (target == DatasetFormat.ImageFolder)
            SceneFolders.Write(parts, folder, progress);
        else
            DatasetConverter.Convert([.. parts.Select(static part => ((string?)part.Split, (IDataset)part.Scenes))], target, folder, progress: progress);
    }
}
