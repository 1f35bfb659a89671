using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Fovea.Data;
using Fovea.Data.Statistics;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data stats FOLDER</c>: how many, how large, how balanced.</summary>
internal static class DataStatsCommand
{
    private const int BarWidth = 40;
    private const int ShownSizes = 10;

    public static Command Create()
    {
        var input = new DataInput();
        var output = new Option<string?>("--out") { Description = "Also draw the figures into this file: .png (also without an ending), .jpg or .svg." };
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var command = new Command("stats", "Count classes, objects and pixels, and show how sizes are spread.\n\nExample: fovea data stats bccd --split train --faults skip");
        input.AddTo(command);
        command.Options.Add(output);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var dataset = input.Open(parsed);
            DatasetStats stats;
            using (var progress = new ProgressLine("counting"))
                stats = DatasetStats.Compute(dataset, progress);
            if (parsed.GetValue(json))
                WriteJson(stats, dataset.Content);
            else
                WriteText(stats, dataset.Content);
            if (parsed.GetValue(output) is { } path)
            {
                StatsSheet.Draw(stats).Save(DataInput.PicturePath(path));
                Console.Error.WriteLine($"figures drawn in {path}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteText(DatasetStats stats, DatasetContent content)
    {
        var hasObjects = content.HasFlag(DatasetContent.Boxes);
        var objects = hasObjects ? $", {Counted.Of(stats.Objects, "object")} ({Counted.Of(stats.Crowds, "crowd")}, {stats.Difficult} difficult), {Counted.Of(stats.Empty, "image")} without objects" : "";
        Console.Out.WriteLine($"{stats.Name}: {Counted.Of(stats.Images, "image")}{objects}");
        Console.Out.WriteLine();
        WriteClasses(stats, content);
        Console.Out.WriteLine();
        Output.WriteTable(["size", "images"], stats.Sizes.Take(ShownSizes).Select(static size => new[] { size.Size.ToString(), Text(size.Images) }));
        if (stats.Sizes.Count > ShownSizes)
            Console.Out.WriteLine($"... and {Counted.Of(stats.Sizes.Count - ShownSizes, "more size")}");
        foreach (var histogram in stats.Histograms.Where(static histogram => histogram.Maximum > histogram.Minimum))
            WriteHistogram(histogram);
    }

    private static void WriteClasses(DatasetStats stats, DatasetContent content)
    {
        var hasObjects = content.HasFlag(DatasetContent.Boxes);
        var pixels = stats.Classes.Sum(static item => item.Pixels);
        var total = hasObjects ? stats.Objects : stats.Classes.Sum(static item => (long)item.Images);
        var weights = stats.Frequencies is { } frequencies ? Rules(content).Select(rule => (Name: Heading(rule), Values: frequencies.Weights(rule))).ToList() : [];
        Output.WriteTable(
            ["class", "images", .. hasObjects ? ["objects"] : Array.Empty<string>(), pixels > 0 ? "pixels %" : "share %", .. weights.Select(static rule => rule.Name)],
            stats.Classes.Select((item, label) => new List<string>(
            [
                item.Name, Text(item.Images), .. hasObjects ? [Text(item.Objects)] : Array.Empty<string>(),
                pixels > 0 ? Percent(item.Pixels, pixels) : Percent(hasObjects ? item.Objects : item.Images, total),
                .. weights.Select(rule => rule.Values![label].ToString("0.0000", CultureInfo.InvariantCulture)),
            ])));
        if (weights.Count > 0)
        {
            Console.Out.WriteLine("the last columns are weights of classes for a loss: median(f) / f, 1 / (K p), 1 / ln(1.02 + p)"
                + (content.HasFlag(DatasetContent.Labels)
                    ? " and (1 - f) / f, where f is the share of the images that have the label and p its share in all labels"
                    : ", where p is the share in all pixels and f that in the images with the class"));
        }

        if (stats.IgnoredPixels > 0)
            Console.Out.WriteLine($"{Percent(stats.IgnoredPixels, pixels + stats.IgnoredPixels)} % of all pixels are no class");
    }

    private static void WriteHistogram(Histogram histogram)
    {
        Console.Out.WriteLine();
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{histogram.Name}: {histogram.Minimum:0.##} to {histogram.Maximum:0.##}, half of them up to {histogram.Median:0.##}"));
        var most = histogram.Counts.Max();
        for (var i = 0; i < histogram.Counts.Count; i++)
        {
            var bar = new string('#', (int)Math.Ceiling((double)BarWidth * histogram.Counts[i] / most));
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{(histogram.Edges[i] + histogram.Edges[i + 1]) / 2,10:0.##}  {bar.PadRight(BarWidth)}  {histogram.Counts[i]}").TrimEnd());
        }
    }

    // Of classes that exclude each other none has negatives of its own.
    private static IEnumerable<ClassWeighting> Rules(DatasetContent content) =>
        Enum.GetValues<ClassWeighting>().Where(rule => rule != ClassWeighting.NegativeRatio || content.HasFlag(DatasetContent.Labels));

    private static void WriteJson(DatasetStats stats, DatasetContent content) => Output.WriteJson(new
    {
        stats.Name,
        stats.Images,
        stats.Empty,
        stats.Objects,
        stats.Crowds,
        stats.Difficult,
        stats.IgnoredPixels,
        stats.Classes,
        ClassWeights = stats.Frequencies is { } frequencies
            ? Rules(content).ToDictionary(static rule => JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.ToString()), frequencies.Weights)
            : null,
        Sizes = stats.Sizes.Select(static size => new { size.Size.Width, size.Size.Height, size.Images }),
        stats.Histograms,
    });

    private static string Heading(ClassWeighting rule) => rule switch
    {
        ClassWeighting.MedianFrequency => "median",
        ClassWeighting.InverseFrequency => "inverse",
        ClassWeighting.NegativeRatio => "negative ratio",
        _ => "logarithmic",
    };

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Percent(long part, long whole) => (whole == 0 ? 0 : 100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture);
}
