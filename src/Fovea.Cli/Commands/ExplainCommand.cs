using System.CommandLine;
using System.Globalization;
using Fovea.Cli.Explanations;
using Fovea.Cli.Predictions;
using Fovea.Explain;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea explain MODEL IMAGES</c>: what in pictures made a network say what it says, and what its layers look for.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Folder of a run, or a weights file." };
        var images = new Argument<string[]>("IMAGES") { Description = "Pictures, folders of pictures, or patterns; filters and effective-field need none.", Arity = ArgumentArity.ZeroOrMore };
        var name = new Option<string?>("--model") { Description = "The network, for weights that fovea did not write; 'fovea models' lists them." };
        var method = new Option<string?>("--method")
        {
            Description = $"Of a picture: {string.Join(", ", ExplanationMethod.All.Select(static m => m.Name))}; several with commas, or all; when not given gradcam of a class, hirescam of a box or region. Of the network: {string.Join(", ", Study.Names)}.",
        };
        var layer = new Option<string[]>("--layer") { Description = "Layer that is looked at, as 'fovea info' names it; chosen by the kind of network when not given. May be repeated for invariance." };
        var target = new Option<string?>("--target") { Description = "Class, by name or number; what the network says when not given." };
        var box = new Option<int?>("--box") { Description = "Of a detector: number of the object, 1 for the best, as 'fovea predict --score 0' lists them." };
        var region = new Option<string?>("--region") { Description = "Of a segmenter: X1,Y1,X2,Y2 in pixels, to which the pixels of the class are cut." };
        var unit = new Option<int[]>("--unit") { Description = "Of patches and evolution: map of the layer, from 0. May be repeated; the first six when not given." };
        var checkpoint = new Option<string[]>("--checkpoint") { Description = "Of evolution: weights from before MODEL, the earliest first; those that its run kept (keep_every in the recipe) when not given. May be repeated." };
        var patch = new Option<int?>("--patch") { Description = "Of occlusion: side of the square in pixels; a sixth of the picture when not given." };
        var stride = new Option<int?>("--stride") { Description = "Of occlusion: pixels between places; a third of the square when not given." };
        var samples = new Option<int>("--samples") { Description = "Of smoothgrad: noisy copies; of effective-field: random pictures.", DefaultValueFactory = _ => 24 };
        var steps = new Option<int>("--steps") { Description = "Of integrated-gradients: points on the way.", DefaultValueFactory = _ => 32 };
        var alpha = new Option<bool>("--normalised-alpha") { Description = "Of gradcam++: divide α by its sum, as the authors' program does and the paper does not." };
        var output = new Option<string>("--out") { Description = "Folder for pictures and maps.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line." };
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var command = new Command("explain", """
            Show what a network looks at: overlays, a sheet of several methods, raw maps.

            Example: fovea explain runs/flowers photos/rose.jpg --method all --out explained
            """)
        {
            model, images, name, method, layer, target, box, region, unit, checkpoint, patch, stride, samples, steps, alpha, output, json, device,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(samples) < 1 || parsed.GetValue(steps) < 1)
                throw new UsageException("--samples, --steps: expected at least 1");
            Predictor Load(string path) => Precision.Load(path, parsed.GetValue(name), parsed.GetValue(device)!, "fp32");
            var asked = parsed.GetValue(method);
            var files = parsed.GetValue(images) is { Length: > 0 } inputs ? PictureFiles.Find(inputs) : [];
            PictureFiles.CheckApart(files, parsed.GetValue(output));
            var folder = Output.Folder(parsed.GetValue(output)!);
            var layers = parsed.GetValue(layer) ?? [];
            // Methods that draw random numbers draw the same at every call.
            RandomState.Seed(0);
            if (asked is not null && Study.Names.Contains(asked))
            {
                using var study = new Study(Load, parsed.GetValue(model)!, folder, parsed.GetValue(json))
                {
                    Layers = layers, Units = parsed.GetValue(unit) is { Length: > 0 } units ? units : [0, 1, 2, 3, 4, 5], Checkpoints = parsed.GetValue(checkpoint) ?? [],
                    Samples = parsed.GetValue(samples), Request = new TargetRequest(parsed.GetValue(target)),
                };
                study.Run(asked, files);
                return ExitCode.Done;
            }

            if (files.Count == 0)
                throw new UsageException($"IMAGES: found none, expected the pictures to explain");
            if (layers.Length > 1)
                throw new UsageException($"--layer: found {layers.Length}, expected one; only invariance takes several");
            using var predictor = Load(parsed.GetValue(model)!);
            new ExplanationRun(predictor, folder, parsed.GetValue(json))
            {
                // The means of Grad-CAM take a class for a property of the picture, which neither a box nor a region is.
                Methods = MethodsOf(asked ?? (predictor.Model is ImageClassifier ? "gradcam" : "hirescam")),
                Layer = layers.FirstOrDefault(),
                Request = new TargetRequest(parsed.GetValue(target), parsed.GetValue(box), parsed.GetValue(region) is { } text ? ParseBox(text) : null),
                Options = new ExplanationOptions
                {
                    Patch = parsed.GetValue(patch), Stride = parsed.GetValue(stride), Samples = parsed.GetValue(samples), Steps = parsed.GetValue(steps), NormalisedAlpha = parsed.GetValue(alpha),
                },
            }.Explain(files);
            return ExitCode.Done;
        });
        return command;
    }

    private static IReadOnlyList<ExplanationMethod> MethodsOf(string asked) => asked == "all"
        ? ExplanationMethod.All
        : [.. asked.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ExplanationMethod.Find)];

    private static Box ParseBox(string text)
    {
        var numbers = text.Split(',').Select(static part => float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : float.NaN).ToArray();
        return numbers.Length == 4 && numbers.All(float.IsFinite) && new Box(numbers[0], numbers[1], numbers[2], numbers[3]) is { IsEmpty: false } box
            ? box
            : throw new UsageException($"--region: found '{text}', expected X1,Y1,X2,Y2 in pixels with X1 < X2 and Y1 < Y2");
    }
}
