using System.CommandLine;
using System.Globalization;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea bench train|predict MODEL</c>: how long a step takes.</summary>
internal static class BenchCommand
{
    private const int UsualSize = 224, UsualClasses = 10;

    public static Command Create() => new("bench", "Time a network on made-up pictures.\n\nExample: fovea bench train resnet18 --batch 16 --precision fp32")
    {
        Kind("train", "Time training steps: loss, gradients, optimizer."),
        Kind("predict", "Time predictions."),
    };

    private static Command Kind(string kind, string description)
    {
        var name = new Argument<string>("MODEL") { Description = "A name that 'fovea models' lists." };
        var batch = new Option<int>("--batch") { Description = "Pictures in a batch.", DefaultValueFactory = _ => 8 };
        var size = new Option<int?>("--size") { Description = "Side of the square pictures, pixels; the network's usual one when not given." };
        var precision = Precision.Option();
        var threads = new Option<int?>("--threads") { Description = "Threads of an operator; all cores when not given." };
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var weights = new Option<string?>("--weights") { Description = "File of weights of the network with its usual head; drawn at random when not given." };
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var command = new Command(kind, $"{description}\n\nExample: fovea bench {kind} resnet18 --batch 8 --json") { name, batch, size, precision, threads, device, weights, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(threads) is { } count)
                TorchRuntime.Threads = count > 0 ? count : throw new UsageException($"--threads: found {count}, expected at least 1");
            if (parsed.GetValue(batch) < 1 || parsed.GetValue(size) is < 1)
                throw new UsageException("--batch and --size: expected at least 1");
            var arithmetic = Arithmetic.Choose(Precision.Parse(parsed.GetValue(precision)!), null, Device.Parse(parsed.GetValue(device)!));
            return Run(kind == "train", ModelCatalog.Find(parsed.GetValue(name)!), arithmetic, parsed.GetValue(batch), parsed.GetValue(size), parsed.GetValue(weights), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(bool train, ModelEntry entry, Arithmetic arithmetic, int batch, int? side, string? weights, bool json)
    {
        RandomState.Seed(1);
        using var model = entry.Build(new ModelOptions { Outputs = train ? entry.OutputsFor(UsualClasses) : entry.DefaultOutputs, InChannels = entry.DefaultInChannels });
        if (weights is not null)
        {
            using var file = WeightsFile.Open(weights);
            Checkpoint.LoadWeights(model, file);
        }

        var size = side is { } given ? new ImageSize(given, given) : UsualSizeOf(model.Preprocessing);
        var speed = train ? SpeedTest.Train(model, arithmetic, batch, size, UsualClasses) : SpeedTest.Predict(model, arithmetic, batch, size);
        if (json)
        {
            Output.WriteJson(new
            {
                Model = entry.Name,
                Kind = train ? "train" : "predict",
                Batch = batch,
                size.Height,
                size.Width,
                Precision = arithmetic.ToString(),
                Device = arithmetic.Device.ToString(),
                TorchRuntime.Threads,
                speed.Steps,
                MedianMs = Math.Round(speed.MedianMs, 3),
                ImagesPerS = Math.Round(speed.ImagesPerSecond, 2),
                PeakMb = Math.Round(speed.PeakMb, 1),
            });
            return ExitCode.Done;
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{entry.Name}, {(train ? "training" : "prediction")}, {batch} x {size}, {arithmetic}, {arithmetic.Device}, {Counted.Of(TorchRuntime.Threads, "thread")}, {Counted.Of(speed.Steps, "step")}"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median_ms     {speed.MedianMs:0.00}"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"images_per_s  {speed.ImagesPerSecond:0.00}"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak_mb       {speed.PeakMb:0.0}"));
        return ExitCode.Done;
    }

    private static ImageSize UsualSizeOf(Preprocessing preprocessing) =>
        preprocessing.Height > 0 ? new ImageSize(preprocessing.Height, preprocessing.Width)
        : preprocessing.ShorterSide > 0 ? new ImageSize(preprocessing.ShorterSide, preprocessing.ShorterSide)
        : new ImageSize(UsualSize, UsualSize);
}
