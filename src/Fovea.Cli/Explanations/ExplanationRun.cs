using System.Globalization;
using Fovea.Cli.Predictions;
using Fovea.Data.Loading;
using Fovea.Explain;
using Fovea.Imaging;
using Fovea.Imaging.Drawing;
using Fovea.Torch;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Cli.Explanations;

/// <summary>Explains pictures one after the other and writes overlays, maps and sheets.</summary>
internal sealed class ExplanationRun(Predictor predictor, string folder, bool json)
{
    /// <summary>Quality of the JPEG files.</summary>
    public const int Quality = 85;

    private const double CellSize = 210;

    private readonly Explainer explainer = new(predictor);
    private readonly FileNames names = new();

    /// <summary>The methods.</summary>
    public required IReadOnlyList<ExplanationMethod> Methods { get; init; }

    /// <summary>Name of the layer of the CAM family, or null to choose it.</summary>
    public string? Layer { get; init; }

    /// <summary>What is asked of every picture.</summary>
    public required TargetRequest Request { get; init; }

    /// <summary>What methods are told, but for the layer.</summary>
    public required ExplanationOptions Options { get; init; }

    public void Explain(IReadOnlyList<string> files)
    {
        var layer = Layer is null ? null : LayerChoice.Find(predictor.Model, Layer);
        foreach (var file in files)
        {
            using var scope = new TensorScope();
            var picture = predictor.Read(file);
            using var batch = Collation.ForPrediction([picture], predictor.Model.Preprocessing, transforms: predictor.Transforms);
            var placed = predictor.Arithmetic.Place(batch);
            var subject = explainer.Ask(placed, Request);
            Write(file, subject, Options with { Layer = layer ?? Usual(subject) });
        }
    }

    // The layer of the Grad-CAM family; where there is none, each of its methods says so itself.
    private NamedLayer? Usual(Subject subject)
    {
        if (!Methods.Any(static method => method.HasLayer))
            return null;
        try
        {
            return LayerChoice.Default(subject);
        }
        catch (FoveaException) when (Methods.Count > 1)
        {
            return null;
        }
    }

    private void Write(string file, Subject subject, ExplanationOptions options)
    {
        var stem = names.Free(Path.GetFileNameWithoutExtension(file));
        var (results, refusals) = (new List<Result>(), new List<string>());
        foreach (var method in Methods)
        {
            try
            {
                results.Add(Run(stem, subject, method, options));
            }
            catch (FoveaException e) when (Methods.Count > 1)
            {
                // Of several methods those that the network's kind forbids are named; the others are still worth having.
                refusals.Add(e.Message);
            }
        }

        if (results.Count == 0)
            throw new FoveaException($"{file}: none of the methods works on {subject.Model.GetType().Name}: {string.Join("; ", refusals)}");
        var raw = Path.Combine(folder, stem + ".safetensors");
        StateDict.Save(raw, results.Select(static result => KeyValuePair.Create(result.Method.Name, result.Raw)));
        var sheet = results.Count > 1 ? Sheet(stem, subject, results) : null;
        Say(file, subject, options, results, refusals, raw, sheet);
    }

    private Result Run(string stem, Subject subject, ExplanationMethod method, ExplanationOptions options)
    {
        var raw = method.Compute(subject, options);
        var asGradient = method.Name is "guided" or "deconvnet" or "guided-gradcam";
        var drawing = ExplanationDrawing.Draw(subject, raw, asGradient, showsScale: false);
        var heat = ExplanationDrawing.Seen(subject, raw);
        var (overlay, map) = (Path.Combine(folder, $"{stem}_{method.Name}.jpg"), Path.Combine(folder, $"{stem}_{method.Name}_map.png"));
        ExplanationDrawing.Draw(subject, raw, asGradient).ToImage().Save(overlay, Quality);
        TensorPicture.OfMap(heat).Save(map);
        Box? box = method.BoxThreshold is { } share
            && MapBox.Of(heat.To(Device.Cpu, Dtype.Float32).Contiguous().ToArray<float>(), subject.Origin.NetworkSize, share) is { } found ? subject.Origin.ToOriginal(found) : null;
        return new Result(method, raw, drawing, overlay, map, box);
    }

    private string Sheet(string stem, Subject subject, List<Result> results)
    {
        var picture = ExplanationDrawing.Plain(ExplanationDrawing.Picture(subject));
        if (subject.Target is BoxTarget { Box: var box } && picture.Width / subject.Origin.NetworkSize.Width is var scale)
            picture.Rectangle(box.X1 * scale, box.Y1 * scale, box.Width * scale, box.Height * scale, stroke: Colour.White, strokeWidth: 3);
        var cells = results.Select(static result => (result.Drawing, result.Method.Title)).Prepend((picture, "what the network saw")).ToList();
        var path = Path.Combine(folder, stem + "_sheet.jpg");
        SampleSheet.Draw(cells, columns: 4, cellSize: CellSize, title: Title(subject)).ToImage().Save(path, Quality);
        return path;
    }

    private string Title(Subject subject) => string.Create(CultureInfo.InvariantCulture,
        $"{Path.GetFileName(subject.Origin.Path)}: {predictor.Labels[subject.Target.Label]}{(subject.Target is ClassTarget ? $", {subject.Confidence(subject.Images).ToDouble():P0} sure" : "")}");

    private void Say(string file, Subject subject, ExplanationOptions options, List<Result> results, List<string> refusals, string raw, string? sheet)
    {
        var name = predictor.Labels[subject.Target.Label];
        using var noGrad = Autograd.NoGrad();
        var score = subject.Score(subject.Images).ToDouble();
        if (json)
        {
            Output.WriteJsonLine(new
            {
                Image = file, Class = name, subject.Target.Label, Box = subject.Target is BoxTarget target ? Numbers(subject.Origin.ToOriginal(target.Box)) : null,
                Score = score, Confidence = subject.Confidence(subject.Images).ToDouble(), Layer = options.Layer?.Name,
                Methods = results.Select(static result => new { Method = result.Method.Name, result.Overlay, result.Map, Box = result.Box is { } box ? Numbers(box) : null }),
                Raw = raw, Sheet = sheet, Refused = refusals,
            });
            return;
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{file}: {name}, score {score:0.000}{(options.Layer is null ? "" : $", layer {options.Layer.Name}")}: {sheet ?? results[0].Overlay}"));
        foreach (var refusal in refusals)
            Console.Error.WriteLine($"left out: {refusal}");
    }

    private static float[] Numbers(Box box) => [box.X1, box.Y1, box.X2, box.Y2];

    private sealed record Result(ExplanationMethod Method, Tensor Raw, SvgCanvas Drawing, string Overlay, string Map, Box? Box);
}
