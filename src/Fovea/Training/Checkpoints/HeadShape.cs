using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Serialization;

namespace Fovea.Training;

/// <summary>Tells the class count of weights from the shapes of their head.</summary>
public static class HeadShape
{
    /// <summary>The class count, as <see cref="ModelOptions.Outputs"/> counts.</summary>
    /// <param name="entry">The network.</param>
    /// <param name="model">The network built with its default class count.</param>
    /// <param name="file">The weights.</param>
    /// <exception cref="FoveaException">The shapes of the head point to no one class count.</exception>
    public static int Infer(ModelEntry entry, VisionModel model, WeightsFile file)
    {
        var counts = new HashSet<long>();
        var given = StateDict.Named(model, file);
        foreach (var (name, tensor) in model.StateDict().Where(e => model.HeadPrefixes.Any(prefix => e.Key.StartsWith(prefix, StringComparison.Ordinal))))
        {
            if (given.TryGetValue(name, out var data) && data.Shape.Count == tensor.Rank)
                counts.UnionWith(Candidates(tensor.Shape, data.Shape, entry.DefaultOutputs));
        }

        return counts.Count switch
        {
            0 => entry.DefaultOutputs,
            1 => checked((int)counts.Single()),
            _ => throw new FoveaException($"{file.Path}: the head's shapes fit {string.Join(" and ", counts.Order())} classes of {entry.Name}; say which with --num-classes"),
        };
    }

    /// <summary>What to do with weights of another number of classes.</summary>
    internal static string Remedy(string path) => $"to go on from them with other classes train with --set fine_tuning.weights={path}, which puts a new head on them";

    // A head has a fixed number of rows for every class: one, or four for boxes, or one for every anchor.
    private static IEnumerable<long> Candidates(Shape built, IReadOnlyList<long> found, int outputs)
    {
        for (var i = 0; i < built.Rank; i++)
        {
            var perClass = built[i] / outputs;
            if (built[i] != found[i] && built[i] % outputs == 0 && found[i] % perClass == 0)
                yield return found[i] / perClass;
        }
    }
}
