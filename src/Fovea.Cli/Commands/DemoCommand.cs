using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Fovea.Cli.Runs;
using Fovea.Data;
using Fovea.Data.Scenes;
using Fovea.Data.Writing;
using Fovea.Imaging.Drawing;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea demo</c>: makes labelled scenes, trains a small detector on them, and shows what it finds in unseen ones.</summary>
internal static class DemoCommand
{
    private const string RecipeName = "fasterrcnn_resnet18_scenes";
    private const int TrainingScenes = 640, ValidationScenes = 100, UnseenScenes = 6;
    // Small pictures of three shapes: what two cores can learn in two minutes from random weights.
    private static readonly SceneOptions Scenes = new()
    {
        Size = new ImageSize(128, 128),
        Shapes = ["ring", "square", "star"],
        MinRadius = 0.14,
        MaxRadius = 0.28,
        MaxObjects = 3,
        MinVisible = 0.75,
    };

    private const int TrainingSeed = 1, ValidationSeed = 2, UnseenSeed = 3;

    public static Command Create()
    {
        var output = new Option<string?>("--out") { Description = "Folder for everything the demo makes; runs/demo when not given." };
        var set = new Option<string[]>("--set") { Description = "Put KEY=VALUE into the recipe, such as --set epochs=1; may be given often." };
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var command = new Command("demo", """
            Watch a detector learn: makes pictures of shapes, trains a minute and a half on two cores, and finds the shapes in pictures it has never seen.

            Example: fovea demo --out runs/demo
            """)
        {
            output, set, device,
        };
        command.SetAction(parsed => Run(parsed.GetValue(output) ?? RunFolder.FreePath(Path.Combine("runs", "demo")), parsed.GetValue(set) ?? [], parsed.GetValue(device)!));
        return command;
    }

    private static int Run(string folder, string[] overrides, string device)
    {
        var start = Stopwatch.GetTimestamp();
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new FoveaException($"{folder}: is not empty, expected a new folder for the demo; choose another with --out");
        var generator = new SceneGenerator(Scenes);
        var data = Path.Combine(folder, "data");
        Console.Out.WriteLine($"making {TrainingScenes + ValidationScenes} scenes of {string.Join(", ", generator.Labels.Names)} in {data}");
        MakeData(generator, data);

        var run = Path.Combine(folder, "run");
        var recipe = Recipe.Load(RecipeFile.Find(RecipeName), [.. overrides, $"data.folder={Path.GetFullPath(data)}"]);
        using var signals = new StopSignals();
        using (var session = TrainingSession.Start(recipe, "demo", run, Device.Parse(device)))
        {
            if (SessionRun.Train(session, signals.Token) == TrainingOutcome.Interrupted)
                return ExitCode.Failed;
        }

        var pictures = Path.Combine(folder, "pictures");
        DrawUnseen(generator, run, pictures, device);
        Tell(folder, run, data, pictures, Stopwatch.GetElapsedTime(start));
        return ExitCode.Done;
    }

    private static void MakeData(SceneGenerator generator, string folder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        DatasetConverter.Convert(
            [("train", new SceneDataset(generator, TrainingScenes, TrainingSeed)), ("val", new SceneDataset(generator, ValidationScenes, ValidationSeed))],
            DatasetFormat.Coco, folder);
    }

    private static void DrawUnseen(SceneGenerator generator, string run, string folder, string device)
    {
        Directory.CreateDirectory(folder);
        using var predictor = Predictor.Load(run, Device.Parse(device));
        var style = new DrawingStyle { MinimumScore = 0.5 };
        for (var i = 0; i < UnseenScenes; i++)
        {
            var scene = generator.Generate(UnseenSeed, i);
            ObjectDrawing.Draw(scene.Picture, predictor.Predict(scene.Picture), predictor.Labels, style)
                .Save(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"unseen-{i + 1}.png")));
        }
    }

    private static void Tell(string folder, string run, string data, string pictures, TimeSpan elapsed)
    {
        Console.Out.WriteLine();
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The demo took {(int)elapsed.TotalMinutes}:{elapsed.Seconds:00} minutes. Look at"));
        Console.Out.WriteLine($"  {Path.Combine(run, "report.html")}   curves, figures, predictions beside the truth");
        Console.Out.WriteLine($"  {pictures}   what the detector finds in scenes it has never seen");
        Console.Out.WriteLine();
        Console.Out.WriteLine("Next, with your own pictures:");
        Console.Out.WriteLine($"  fovea predict {run} {Path.Combine(data, "val")} --out {Path.Combine(folder, "more")}   use this detector");
        Console.Out.WriteLine("  fovea data check MY_FOLDER   see whether your labels are in order (VOC, COCO or YOLO)");
        Console.Out.WriteLine("  fovea train fasterrcnn_resnet18_own --data MY_FOLDER   train on them");
    }
}
