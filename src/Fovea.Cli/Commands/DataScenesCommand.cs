using System.CommandLine;
using System.Globalization;
using Fovea.Data.Scenes;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data scenes FOLDER</c>: generated pictures of one shape each, in a folder for each class.</summary>
internal static class DataScenesCommand
{
    private const int TrainingSeed = 11, ValidationSeed = 12;

    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "A new folder." };
        var count = new Option<int>("--count") { Description = "Pictures to train on.", DefaultValueFactory = _ => 640 };
        var validation = new Option<int>("--val") { Description = "Pictures to validate with.", DefaultValueFactory = _ => 120 };
        var size = new Option<int>("--size") { Description = "Side of the pictures in pixels.", DefaultValueFactory = _ => 64 };
        var command = new Command("scenes", """
            Make labelled pictures of one shape each on a busy ground, to try a classifier without any data.

            Example: fovea data scenes shapes
            """)
        {
            folder, count, validation, size,
        };
        command.SetAction(parsed => Run(parsed.GetValue(folder)!, parsed.GetValue(count), parsed.GetValue(validation), parsed.GetValue(size)));
        return command;
    }

    private static int Run(string folder, int count, int validation, int size)
    {
        if (count < 1 || validation < 1)
            throw new UsageException("--count, --val: expected at least 1");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new FoveaException($"{folder}: is not empty, expected a new folder");
        var generator = new SceneGenerator(new SceneOptions 
        {
            Size = new ImageSize(size, size), Shapes = ["ring", "square", "star"], MinObjects = 1, MaxObjects = 1, MinRadius = 0.18, MaxRadius = 0.28, MinVisible = 0.9,
        });
        Write(generator, Path.Combine(folder, "train"), count, TrainingSeed);
        Write(generator, Path.Combine(folder, "val"), validation, ValidationSeed);
        Console.Out.WriteLine($"{count} pictures in {Path.Combine(folder, "train")}, {validation} in {Path.Combine(folder, "val")}: {string.Join(", ", generator.Labels.Names)}");
        return ExitCode.Done;
    }

    private static void Write(SceneGenerator generator, string folder, int count, int seed)
    {
        foreach (var name in generator.Labels.Names)
            Output.Folder(Path.Combine(folder, name));
        Parallel.For(0, count, i =>
        {
            var scene = generator.Generate(seed, i);
            // A shape that found no place leaves a scene of no class.
            if (scene.Objects is [var only])
                scene.Picture.Save(Path.Combine(folder, generator.Labels[only.Label], string.Create(CultureInfo.InvariantCulture, $"{i:0000}.png")));
        });
    }
}
