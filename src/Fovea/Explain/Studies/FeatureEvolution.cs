using Fovea.Imaging;
using Fovea.Training;

namespace Fovea.Explain;

/// <summary>
/// Visualizing and Understanding Convolutional Networks (Zeiler, Fergus, ECCV 2014), figure 4: how maps come about in training, by the
/// strongest place of each at every checkpoint.
/// </summary>
public static class FeatureEvolution
{
    /// <summary>The strongest place of some maps at every checkpoint.</summary>
    /// <param name="checkpoints">Weights files, earliest first.</param>
    /// <param name="load">Opens one of them.</param>
    /// <param name="layer">Name of the layer.</param>
    /// <param name="channels">The maps.</param>
    /// <param name="pictures">The pictures with their names.</param>
    /// <returns>For each map, one for every checkpoint.</returns>
    /// <exception cref="FoveaException">A file cannot be read, or there is no such layer or map.</exception>
    public static IReadOnlyList<IReadOnlyList<StrongPatch>> Follow(IReadOnlyList<string> checkpoints, Func<string, Predictor> load, string layer,
        IReadOnlyList<int> channels, IReadOnlyList<(string Path, Image Image)> pictures)
    {
        var rows = channels.Select(static _ => new List<StrongPatch>()).ToList();
        foreach (var checkpoint in checkpoints)
        {
            using var predictor = load(checkpoint);
            _ = new Explainer(predictor);
            var found = StrongestPatches.Find(predictor.Model, LayerChoice.Find(predictor.Model, layer), channels, pictures, count: 1);
            for (var i = 0; i < rows.Count; i++)
                rows[i].AddRange(found[i]);
        }

        return rows;
    }
}
