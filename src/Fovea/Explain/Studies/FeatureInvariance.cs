using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>A change of a picture by degrees.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Unit">What the degrees are.</param>
/// <param name="Values">The degrees.</param>
/// <param name="Matrix">The affine map (a, b, c, d, e, f of x' = a x + b y + c, y' = d x + e y + f) of a degree for a picture's size.</param>
public sealed record PictureChange(string Name, string Unit, IReadOnlyList<double> Values, Func<double, ImageSize, double[]> Matrix)
{
    /// <summary>Up and down by as much as 60 of 224 rows.</summary>
    public static PictureChange Translation { get; } = new("translation", "share of the height", [.. Enumerable.Range(-8, 17).Select(static i => i * 60.0 / 224 / 8)],
        static (share, size) => [1, 0, 0, 0, 1, share * size.Height]);

    /// <summary>About the centre, from 1 to 1.8.</summary>
    public static PictureChange Scale { get; } = new("scale", "times", [.. Enumerable.Range(0, 17).Select(static i => 1 + i * 0.05)],
        static (factor, size) => [factor, 0, (1 - factor) * size.Width / 2, 0, factor, (1 - factor) * size.Height / 2]);

    /// <summary>About the centre, once around.</summary>
    public static PictureChange Rotation { get; } = new("rotation", "degrees", [.. Enumerable.Range(0, 25).Select(static i => i * 15.0)],
        static (degrees, size) =>
        {
            var (sine, cosine) = Math.SinCos(degrees * Math.PI / 180);
            var (x, y) = (size.Width / 2.0, size.Height / 2.0);
            return [cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y];
        });

    /// <summary>The three changes of the paper.</summary>
    public static IReadOnlyList<PictureChange> All { get; } = [Translation, Scale, Rotation];
}

/// <summary>How far a picture's features move and how sure the network stays while the picture changes.</summary>
/// <param name="Change">What was done to it.</param>
/// <param name="Layers">The layers.</param>
/// <param name="Distances">For each layer the Euclidean distance of its features from those of the unchanged picture, at every degree.</param>
/// <param name="Confidences">The probability of the class at every degree.</param>
public sealed record InvarianceCurves(PictureChange Change, IReadOnlyList<string> Layers, IReadOnlyList<IReadOnlyList<double>> Distances, IReadOnlyList<double> Confidences);

/// <summary>Visualizing and Understanding Convolutional Networks (Zeiler, Fergus, ECCV 2014), figure 5: d_l(θ) = ‖f_l(x) − f_l(T_θ x)‖.</summary>
public static class FeatureInvariance
{
    /// <summary>Measures one picture.</summary>
    /// <param name="model">The network, in evaluation.</param>
    /// <param name="layers">The layers; the paper takes the first and the seventh.</param>
    /// <param name="target">The score whose confidence is followed.</param>
    /// <param name="picture">The picture with its name; what comes in from outside is black.</param>
    /// <param name="change">What is done to it.</param>
    public static InvarianceCurves Measure(VisionModel model, IReadOnlyList<NamedLayer> layers, ScoreTarget target, (string Path, Image Image) picture, PictureChange change)
    {
        using var scope = new TensorScope();
        var (original, _) = Features(model, layers, target, picture);
        var distances = layers.Select(_ => new List<double>()).ToList();
        var confidences = new List<double>();
        foreach (var value in change.Values)
        {
            using var step = new TensorScope();
            var changed = picture.Image.WarpAffine(change.Matrix(value, picture.Image.Size), picture.Image.Size);
            var (features, confidence) = Features(model, layers, target, (picture.Path, changed));
            for (var i = 0; i < layers.Count; i++)
                distances[i].Add((features[i] - original[i]).Square().Sum().Sqrt().ToDouble());
            confidences.Add(confidence);
        }

        return new InvarianceCurves(change, [.. layers.Select(static layer => layer.Name)], distances, confidences);
    }

    private static (List<Tensor> Features, double Confidence) Features(VisionModel model, IReadOnlyList<NamedLayer> layers, ScoreTarget target, (string, Image) picture)
    {
        var probes = layers.Select(static layer => new LayerProbe(layer)).ToList();
        try
        {
            using var batch = Collation.ForPrediction([picture], model.Preprocessing);
            double confidence;
            using (var run = new TensorScope())
                confidence = new Subject(model, batch, target).Confidence(batch.Images).ToDouble();
            return ([.. probes.Select(static probe => probe.Outputs[0].Clone())], confidence);
        }
        finally
        {
            foreach (var probe in probes)
                probe.Dispose();
        }
    }
}
