using System.Text.Json.Nodes;

namespace Fovea.Training;

/// <summary>Reads the figures that a run has written.</summary>
public static class RunMetrics
{
    private static readonly HashSet<string> Frame = new(["epoch", "step", "seconds", "learning_rate"], StringComparer.Ordinal);

    /// <summary>The figures of an epoch by name; empty when it was not evaluated.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="epoch">Epoch, from 1.</param>
    public static IReadOnlyDictionary<string, double> Of(RunFolder folder, int epoch)
    {
        var line = JsonLines.Read(folder.Metrics).FirstOrDefault(line => Number(line["epoch"]) == epoch);
        var figures = new OrderedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in line ?? [])
        {
            if (!Frame.Contains(name) && Number(value) is { } figure)
                figures[name] = figure;
        }

        return figures;
    }

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;
}
