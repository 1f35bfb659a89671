using System.CommandLine;
using System.Globalization;
using Fovea.Cli.Predictions;
using Fovea.Data;
using Fovea.Data.Writing;
using Fovea.Torch;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea predict MODEL IMAGES</c>: what a trained network says about pictures.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Folder of a run, or a weights file." };
        var images = new Argument<string[]>("IMAGES") { Description = "Pictures, folders of pictures, or patterns such as 'slides/**/*.png'.", Arity = ArgumentArity.OneOrMore };
        var name = new Option<string?>("--model") { Description = "The network, for weights that fovea did not write; 'fovea models' lists them." };
        var output = new Option<string?>("--out") { Description = "Folder for annotated pictures; none are drawn when not given." };
        var mapValues = new Option<string?>("--map-values")
        {
            Description = $"Write label maps with the values of a data set, as its benchmark wants them: {string.Join(", ", BenchmarkMaps.Formats.Select(static format => format.Name()))}; class numbers when not given.",
        };
        var depthFolder = new Option<string?>("--depth-folder") { Description = "Name of the folder of depth pictures beside that of the pictures, where there are several; that of the training data when not given." };
        var json = new Option<string?>("--json") { Description = "File for the results, one JSON object a line; - or nothing for standard output, which then holds nothing else." };
        var score = new Option<double>("--score") { Description = "Detections below this score are left out; where an image may have several classes, those that reach it are its labels.", DefaultValueFactory = _ => 0.5 };
        var top = new Option<int>("--top") { Description = "How many classes of a classification are listed.", DefaultValueFactory = _ => 5 };
        var skip = new Option<bool>("--skip-broken") { Description = "Leave out pictures that cannot be read, and list them at the end." };
        var crf = new CrfOption();
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var precision = Precision.Option();
        var views = new ViewInput();
        var command = new Command("predict", """
            Say what is in pictures: JSON lines, and annotated pictures with --out.

            Example: fovea predict runs/cells slides --out pictures --json cells.jsonl
            """)
        {
            model, images, name, output, mapValues, depthFolder, json, score, top, skip, device, precision,
        };
        views.AddTo(command);
        crf.AddTo(command);
        command.SetAction(parsed =>
        {
            if (!(parsed.GetValue(score) is >= 0 and <= 1) || parsed.GetValue(top) < 1)
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--score {parsed.GetValue(score)} --top {parsed.GetValue(top)}: expected a score from 0 to 1 and at least one class"));
            // libtorch takes most of the time of a single picture to load; files are looked at meanwhile. Its errors show on first use.
            var loading = Task.Run(TorchRuntime.EnsureLoaded);
            try
            {
                var files = PictureFiles.Find(parsed.GetValue(images)!);
                PictureFiles.CheckApart(files, parsed.GetValue(output));
                using var predictor = Precision.Load(parsed.GetValue(model)!, parsed.GetValue(name), parsed.GetValue(device)!, parsed.GetValue(precision)!);
                predictor.Views = views.Views(parsed, predictor.Views);
                predictor.DepthFolder = parsed.GetValue(depthFolder) ?? predictor.DepthFolder;
                crf.Apply(parsed, predictor);
                using var run = new PredictionRun(predictor)
                {
                    Pictures = parsed.GetValue(output),
                    MapValues = parsed.GetValue(mapValues) is { } format ? DatasetFormatNames.Parse(format) : null,
                    Json = parsed.GetValue(json),
                    Score = (float)parsed.GetValue(score),
                    Top = parsed.GetValue(top),
                    SkipBroken = parsed.GetValue(skip),
                };
                run.Predict(files);
                run.Report();
                return ExitCode.Done;
            }
            finally
            {
                // A process that ends while a library is loading crashes.
                Task.WhenAny(loading).Wait();
            }
        });
        return command;
    }
}
