using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Fovea.Training;

namespace Fovea.Cli;

/// <summary>The options by which commands ask for test-time augmentation.</summary>
internal sealed class ViewInput
{
    private static readonly string[] Names = ["one", "ten_crop", "multi_crop", "googlenet"];

    private readonly Option<string> crops = new("--views")
    {
        Description = $"Crops that a classifier's probabilities are averaged over: {string.Join(", ", Names)} (1, 10, 150 or 144 of them, mirrored ones included).", DefaultValueFactory = _ => "one",
    };

    private readonly Option<bool> flip = new("--flip") { Description = "Average over pictures as they are and mirrored; classification and semantic segmentation." };
    private readonly Option<string> scales = new("--scales") { Description = "Sizes that a semantic network's probabilities are averaged over, such as 0.75,1,1.25.", DefaultValueFactory = _ => "1" };
    private readonly Option<int?> tile = new("--tile") { Description = "Show a semantic network pictures in square tiles of this many pixels." };
    private readonly Option<double> overlap = new("--overlap") { Description = "Least share of a tile that the next one covers too.", DefaultValueFactory = _ => 0.5 };
    private readonly Option<string> weights = new("--tile-weights") { Description = "What the pixels of a tile count for: gaussian (the middle most) or uniform.", DefaultValueFactory = _ => "gaussian" };

    private readonly Option<string> combine = new("--combine") { Description = "How views and tiles of a semantic network become one: mean, or the highest probability of each class.", DefaultValueFactory = _ => "mean" };

    public ViewInput()
    {
        combine.AcceptOnlyFromAmong("mean", "highest");
        crops.AcceptOnlyFromAmong(Names);
        weights.AcceptOnlyFromAmong("gaussian", "uniform");
    }

    private Option[] Options => [crops, flip, scales, tile, overlap, weights, combine];

    public void AddTo(Command command)
    {
        foreach (var option in Options)
            command.Options.Add(option);
    }

    /// <summary>The views asked for; without any of the options those that came with the weights.</summary>
    public TestViews Views(ParseResult parsed, TestViews usual) => !Options.Any(option => parsed.GetResult(option) is { Implicit: false }) ? usual : new TestViews
    {
        Crops = Enum.Parse<CropViews>(parsed.GetValue(crops)!.Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        Flips = parsed.GetValue(flip),
        Scales = [.. parsed.GetValue(scales)!.Split(',').Select(Scale)],
        Tile = parsed.GetValue(tile),
        Overlap = parsed.GetValue(overlap),
        TakesHighest = parsed.GetValue(combine) == "highest",
        WeighsTileCentres = parsed.GetValue(weights) == "gaussian",
    };

    private static double Scale(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale)
        ? scale
        : throw new UsageException($"--scales: found '{text}', expected numbers separated by commas, such as 0.75,1,1.25");
}
