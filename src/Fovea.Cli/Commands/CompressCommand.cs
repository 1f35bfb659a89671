using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Fovea.Cli.Predictions;
using Fovea.Data.Loading;
using Fovea.Explain;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea compress MODEL</c>: a fully connected layer as two smaller ones, by its largest singular values.</summary>
internal static class CompressCommand
{
    private const int Repeats = 9;

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Folder of a run, or a weights file." };
        var images = new Argument<string[]>("IMAGES") { Description = "Pictures on which the outputs before and after are compared.", Arity = ArgumentArity.ZeroOrMore };
        var name = new Option<string?>("--model") { Description = "The network, for weights that fovea did not write; 'fovea models' lists them." };
        var layer = new Option<string>("--layer") { Description = "The fully connected layer, as 'fovea info' names it.", Required = true };
        var rank = new Option<int>("--rank") { Description = "Singular values kept.", Required = true };
        var output = new Option<string>("--out") { Description = "Safetensors to write; predict, eval, forward and explain load it.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var command = new Command("compress", """
            Put two small layers in the place of a fully connected one (truncated SVD), and say what that loses and gains.

            Example: fovea compress vgg16.pth --model vgg16 --layer classifier.0 --rank 1024 --out vgg16-small.safetensors
            """)
        {
            model, images, name, layer, rank, output, json,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(model)!;
            using var predictor = Precision.Load(path, parsed.GetValue(name), "cpu", "fp32");
            // The plan of predictions holds the weights that are about to change.
            predictor.Model.Train();
            predictor.Model.Eval();
            var linear = LinearOf(predictor.Model, parsed.GetValue(layer)!);
            var files = parsed.GetValue(images) is { Length: > 0 } inputs ? PictureFiles.Find(inputs) : [];
            var (before, outputs) = (Measure(predictor.Model, linear), Outputs(predictor, files));
            var svd = TruncatedSvd.Factor(linear, parsed.GetValue(rank));
            var after = Measure(predictor.Model, linear);
            using (var source = WeightsFile.Open(Predictor.FileOf(path)))
                Checkpoint.SaveChanged(parsed.GetValue(output)!, predictor.Model, predictor.Card, source);
            Say(parsed.GetValue(layer)!, svd, before, after, Compare(outputs, Outputs(predictor, files)), parsed.GetValue(output)!, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static Linear LinearOf(VisionModel model, string name)
    {
        var linears = model.NamedModules().Where(static part => part.Value is Linear { IsFactored: false }).ToList();
        return linears.FirstOrDefault(part => part.Key == name).Value as Linear ?? throw new FoveaException(
            linears.Count == 0 ? $"--layer: found no fully connected layer in {model.GetType().Name}, expected one to compress"
                : $"--layer: found '{name}', expected a fully connected layer: {string.Join(", ", NearestName.Several(name, linears.Select(static part => part.Key)))}");
    }

    private static Figures Measure(VisionModel model, Linear linear)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var input = Tensor.Randn([1, linear.InFeatures]);
        var times = new double[Repeats];
        for (var i = 0; i < Repeats; i++)
        {
            var start = Stopwatch.GetTimestamp();
            linear.Forward(input).Dispose();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return new Figures(linear.ParameterCount(), model.ParameterCount(), times.Order().ElementAt(Repeats / 2));
    }

    private static List<float[]> Outputs(Predictor predictor, IReadOnlyList<string> files)
    {
        var outputs = new List<float[]>();
        foreach (var file in files)
        {
            using var scope = new TensorScope();
            using var noGrad = Autograd.NoGrad();
            using var batch = Collation.ForPrediction([predictor.Read(file)], predictor.Model.Preprocessing, transforms: predictor.Transforms);
            outputs.Add(predictor.Model.Forward(batch.Images)[0].Value.Contiguous().ToArray<float>());
        }

        return outputs;
    }

    private static Difference? Compare(List<float[]> before, List<float[]> after)
    {
        // A detector that finds other objects gives outputs of another length, which cannot be compared number by number.
        var pairs = before.Zip(after).Where(static pair => pair.First.Length == pair.Second.Length && pair.First.Length > 0).ToList();
        if (pairs.Count == 0)
            return null;
        var error = pairs.Average(static pair => Norm(pair.First.Zip(pair.Second, static (a, b) => a - b)) / Math.Max(Norm(pair.First), 1e-30));
        return new Difference(pairs.Count, error, pairs.Count(static pair => Array.IndexOf(pair.First, pair.First.Max()) == Array.IndexOf(pair.Second, pair.Second.Max())));
    }

    private static double Norm(IEnumerable<float> values) => Math.Sqrt(values.Sum(static value => (double)value * value));

    private static void Say(string layer, TruncatedSvd svd, Figures before, Figures after, Difference? outputs, string file, bool json)
    {
        if (json)
        {
            Output.WriteJson(new
            {
                Layer = layer, svd.Rank, FullRank = svd.SingularValues.Count, svd.FrobeniusError, RelativeFrobeniusError = svd.FrobeniusError / svd.FrobeniusNorm, svd.SpectralError,
                Before = before, After = after, Outputs = outputs, File = file,
            });
            return;
        }

        string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
        string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
        Console.Out.WriteLine($"{layer}: {svd.Rank} of {svd.SingularValues.Count} singular values kept");
        Console.Out.WriteLine($"lost: Frobenius {Number(svd.FrobeniusError)} ({Number(100 * svd.FrobeniusError / svd.FrobeniusNorm)} % of the matrix), spectral {Number(svd.SpectralError)} ({Number(100 * svd.SpectralError / svd.SingularValues[0])} % of the largest)");
        if (outputs is not null)
            Console.Out.WriteLine($"outputs on {Counted.Of(outputs.Images, "picture")}: {Number(100 * outputs.RelativeError)} % away, {outputs.SameBest} with the same greatest number");
        Output.WriteTable(["", "before", "after"],
        [
            ["parameters of the layer", Count(before.LayerParameters), Count(after.LayerParameters)],
            ["parameters of the network", Count(before.Parameters), Count(after.Parameters)],
            ["megabytes of float32", Number(before.Parameters * 4e-6), Number(after.Parameters * 4e-6)],
            ["milliseconds of the layer", Number(before.LayerMilliseconds), Number(after.LayerMilliseconds)],
        ]);
        Console.Out.WriteLine(file);
    }

    private sealed record Figures(long LayerParameters, long Parameters, double LayerMilliseconds);

    private sealed record Difference(int Images, double RelativeError, int SameBest);
}
