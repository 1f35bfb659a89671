using System.Globalization;
using System.Text.Json;
using Fovea.Imaging.Drawing;
using Fovea.Torch;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Cli.Runs;

/// <summary>Tries learning rates for a recipe, and writes and draws what came of it.</summary>
internal static class RateSweep
{
    public static int Run(TrainRequest request)
    {
        var recipe = request.Load();
        var folder = request.Output ?? RunFolder.FreePath(request.UsualOutput + "-rates");
        var sweep = LearningRateFinder.Run(recipe, Device.Parse(request.Device ?? "cpu"));
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(Path.Combine(folder, "rates.json"), JsonSerializer.Serialize(new
        {
            suggestion = sweep.Suggestion,
            points = sweep.Points.Select(static point => new { learning_rate = point.Rate, loss = point.Loss }),
        }));
        var drawing = Chart(sweep, request.Name).Draw();
        drawing.Save(Path.Combine(folder, "rates.svg"));
        drawing.Save(Path.Combine(folder, "rates.png"));
        Console.Out.WriteLine(sweep.Suggestion is { } rate
            ? string.Create(CultureInfo.InvariantCulture, $"suggestion  optimizer.learning_rate={rate:0.##E-0}, where the loss falls steepest (the recipe has {recipe.Optimizer.LearningRate})")
            : "suggestion  none: the loss never fell; look at the curve, and at the data");
        Console.Out.WriteLine($"curve       {Path.Combine(folder, "rates.svg")}, rates.png, rates.json");
        return ExitCode.Done;
    }

    private static LineChart Chart(LearningRateSweep sweep, string name)
    {
        var points = sweep.Points.Select(static point => (Math.Log10(point.Rate), point.Loss)).ToList();
        var curve = new ChartSeries("training loss, smoothed", points);
        if (sweep.Suggestion is not { } rate)
            return new LineChart { Title = $"{name}: loss over learning rates", XLabel = "logarithm of the learning rate", YLabel = "loss", Series = [curve] };
        var (low, high) = (points.Min(static p => p.Loss), points.Max(static p => p.Loss));
        var mark = new ChartSeries("suggestion", [(Math.Log10(rate), low), (Math.Log10(rate), high)]) { IsDashed = true };
        return new LineChart { Title = $"{name}: loss over learning rates", XLabel = "logarithm of the learning rate", YLabel = "loss", Series = [curve, mark] };
    }
}
