using Fovea.Models;
using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>
/// Understanding the Effective Receptive Field (Luo, Li, Urtasun, Zemel, NIPS 2016): how strongly each pixel moves the central cell of a map,
/// |∂y/∂x| summed over channels and averaged over random pictures. It is a bell much narrower than what the cell could see: behind n equal
/// layers its width grows with √n, its share of the receptive field falls with 1/√n.
/// </summary>
public sealed class EffectiveReceptiveField
{
    private EffectiveReceptiveField(ImageSize size, float[] values) => (Size, Values) = (size, values);

    /// <summary>Size of the pictures.</summary>
    public ImageSize Size { get; }

    /// <summary>The influence of every pixel, row by row.</summary>
    public IReadOnlyList<float> Values { get; }

    /// <summary>The variance of the influence along each axis, pixels squared.</summary>
    public (double Vertical, double Horizontal) Variance => (Moment(static (y, _) => y), Moment(static (_, x) => x));

    /// <summary>Pixels along the longer axis that have any influence.</summary>
    public int Support
    {
        get
        {
            var touched = Enumerable.Range(0, Values.Count).Where(i => Values[i] > 0).ToList();
            return touched.Count == 0 ? 0 : Math.Max(
                touched.Max(i => i / Size.Width) - touched.Min(i => i / Size.Width), touched.Max(i => i % Size.Width) - touched.Min(i => i % Size.Width)) + 1;
        }
    }

    /// <summary>Measures the central cell of a layer.</summary>
    /// <param name="model">The network, in evaluation.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="side">Side of the random pictures in pixels.</param>
    /// <param name="samples">How many pictures.</param>
    public static EffectiveReceptiveField Of(VisionModel model, NamedLayer layer, int side, int samples = 8)
    {
        Tensor Map(Tensor images)
        {
            using var probe = new LayerProbe(layer);
            NetworkRun.On(model, images);
            return probe.Maps[0].Alias();
        }

        return Of(Map, [1, model.Preprocessing.Mean.Count, side, side], samples);
    }

    /// <summary>Measures the central cell of a function's map.</summary>
    /// <param name="function">From images to maps <c>[N, C, h, w]</c>.</param>
    /// <param name="shape">Shape of the random images, <c>[1, C, H, W]</c>.</param>
    /// <param name="samples">How many.</param>
    public static EffectiveReceptiveField Of(Func<Tensor, Tensor> function, Shape shape, int samples = 8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        using var scope = new TensorScope();
        var total = Tensor.Zeros([shape[2], shape[3]]);
        for (var i = 0; i < samples; i++)
        {
            using var part = new TensorScope();
            var gradient = InputGradient.Of(Tensor.Randn(shape), images =>
            {
                var map = function(images);
                return map.Select(3, map.Shape[3] / 2).Select(2, map.Shape[2] / 2);
            }, null, "the network");
            total.AddInPlace(gradient[0].Abs().Sum([0]));
        }

        return new EffectiveReceptiveField(new ImageSize((int)shape[2], (int)shape[3]), (total / samples).ToArray<float>());
    }

    private double Moment(Func<int, int, double> position)
    {
        double sum = 0, first = 0, second = 0;
        for (var i = 0; i < Values.Count; i++)
        {
            var at = position(i / Size.Width, i % Size.Width);
            sum += Values[i];
            first += Values[i] * at;
            second += Values[i] * at * at;
        }

        return sum > 0 ? second / sum - first / sum * (first / sum) : 0;
    }
}
