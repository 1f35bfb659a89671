using System.CommandLine;
using Fovea.Models;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Cli;

/// <summary>The option for the arithmetic, and loading a network with it.</summary>
internal static class Precision
{
    public static Option<string> Option()
    {
        var option = new Option<string>("--precision") { Description = "auto, fp32, bf16, or fp16 on cuda.", DefaultValueFactory = _ => "auto" };
        option.AcceptOnlyFromAmong("auto", "fp32", "bf16", "fp16");
        return option;
    }

    public static RecipePrecision Parse(string text) => Enum.Parse<RecipePrecision>(text, ignoreCase: true);

    /// <summary>A trained network from a run's folder or a weights file; bare weights need the network's name.</summary>
    public static Predictor Load(string path, string? model, string device, string precision) => model is null
        ? Predictor.Load(path, Device.Parse(device), Parse(precision))
        : Predictor.Load(ModelCatalog.Find(model), path, null, Device.Parse(device), Parse(precision));
}
