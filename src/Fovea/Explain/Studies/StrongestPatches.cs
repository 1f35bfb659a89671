using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>A place that excites a unit.</summary>
/// <param name="Path">The picture.</param>
/// <param name="Row">Row of the cell in the unit's map.</param>
/// <param name="Column">Column of the cell.</param>
/// <param name="Activation">The unit's value there.</param>
/// <param name="Patch">What the cell sees of the picture: its receptive field, cut at the edges.</param>
/// <param name="Projection">What the deconvnet makes of the activation, of the same part; null in a network without rectifiers, which it is not defined for.</param>
public sealed record StrongPatch(string Path, int Row, int Column, float Activation, Image Patch, Image? Projection);

/// <summary>
/// Visualizing and Understanding Convolutional Networks (Zeiler, Fergus, ECCV 2014), figure 2: the places of a set of pictures that excite
/// a map most, at most one of each picture, with what the deconvnet finds in them.
/// </summary>
public static class StrongestPatches
{
    /// <summary>The strongest places of some maps of a layer.</summary>
    /// <param name="model">The network, in evaluation.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="channels">The maps.</param>
    /// <param name="pictures">The pictures with their names; each is asked for once.</param>
    /// <param name="count">Places of each map.</param>
    /// <returns>For each map, strongest first; fewer than asked for when the pictures are fewer.</returns>
    /// <exception cref="FoveaException">The layer gives no maps or has not as many.</exception>
    public static IReadOnlyList<IReadOnlyList<StrongPatch>> Find(VisionModel model, NamedLayer layer, IReadOnlyList<int> channels,
        IEnumerable<(string Path, Image Image)> pictures, int count = 9)
    {
        var best = channels.Select(static _ => new List<Candidate>()).ToList();
        foreach (var (path, image) in pictures)
        {
            using var batch = Collation.ForPrediction([(path, image)], model.Preprocessing);
            foreach (var (list, place) in best.Zip(Strongest(model, layer, channels, batch.Images)))
            {
                list.Add(new Candidate(path, image, place.Row, place.Column, place.Value));
                if (list.Count > count)
                    list.Remove(list.MinBy(static candidate => candidate.Activation)!);
            }
        }

        return [.. best.Zip(channels, (list, channel) => list.OrderByDescending(static candidate => candidate.Activation).Select(candidate => Look(model, layer, channel, candidate)).ToList())];
    }

    private static List<(int Row, int Column, float Value)> Strongest(VisionModel model, NamedLayer layer, IReadOnlyList<int> channels, Tensor images)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var probe = new LayerProbe(layer);
        NetworkRun.On(model, images);
        var maps = probe.Maps[0][0];
        var width = (int)maps.Shape[2];
        foreach (var channel in channels.Where(channel => channel < 0 || channel >= maps.Shape[0]))
            throw new FoveaException($"unit: found {channel}, expected 0 to {maps.Shape[0] - 1}, the maps of '{layer.Name}'");
        return [.. channels.Select(channel =>
        {
            var map = maps[channel].Flatten();
            var at = (int)map.Argmax().ToInt64();
            return (at / width, at % width, map[at].ToSingle());
        })];
    }

    private static StrongPatch Look(VisionModel model, NamedLayer layer, int channel, Candidate candidate)
    {
        using var scope = new TensorScope();
        using var batch = Collation.ForPrediction([(candidate.Path, candidate.Image)], model.Preprocessing);
        var size = batch.Origins[0].NetworkSize;
        var fields = NetworkProfile.Of(model, batch.Images)[layer.Name].Fields;
        var rows = fields.Count == 2 ? fields[0].Pixels(candidate.Row, size.Height) : (0, size.Height);
        var columns = fields.Count == 2 ? fields[1].Pixels(candidate.Column, size.Width) : (0, size.Width);
        var part = DeconvNet.OfUnit(new Unit(layer, channel, candidate.Row, candidate.Column), batch.Images, images => NetworkRun.On(model, images)) is { } signal
            ? TensorPicture.OfGradient(signal.Narrow(1, rows.Item1, rows.Item2 - rows.Item1).Narrow(2, columns.Item1, columns.Item2 - columns.Item1), model.Preprocessing)
            : null;
        var picture = TensorPicture.OfInput(batch.Images, model.Preprocessing, size);
        return new StrongPatch(candidate.Path, candidate.Row, candidate.Column, candidate.Activation,
            picture.Crop(columns.Item1, rows.Item1, columns.Item2 - columns.Item1, rows.Item2 - rows.Item1), part);
    }

    private sealed record Candidate(string Path, Image Image, int Row, int Column, float Activation);
}
