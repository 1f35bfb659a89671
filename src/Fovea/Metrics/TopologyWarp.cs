using Fovea.Imaging;

namespace Fovea.Metrics;

/// <summary>
/// The warping error (Jain et al., "Boundary learning by optimization with topological constraints", 2010): the truth is bent
/// towards the prediction by turning single pixels over that change no topology (simple points; objects connect across sides,
/// boundaries across corners too), and what still differs are errors that no bending explains. As in the paper's algorithm a pixel
/// that was turned stays so, which gives an upper bound of the smallest number that the definition asks for; where the paper takes pixels
/// in random order, here they come row by row.
/// </summary>
public sealed class TopologyWarp
{
    private TopologyWarp(long differing, int splits, int mergers) => (Differing, Splits, Mergers) = (differing, splits, mergers);

    /// <summary>Pixels that still differ.</summary>
    public long Differing { get; }

    /// <summary>Parts too many that objects of the truth fall into when the differing boundary pixels of the prediction are drawn into the bent truth.</summary>
    public int Splits { get; }

    /// <summary>Objects of the truth too many that grow together when the differing object pixels of the prediction are drawn into the bent truth.</summary>
    public int Mergers { get; }

    /// <summary>Bends the truth towards the prediction.</summary>
    /// <param name="truth">H times W values, 0 for boundary, anything else for objects. Beyond the edge is boundary.</param>
    /// <param name="prediction">The same.</param>
    /// <param name="size">Size of the picture.</param>
    /// <exception cref="ArgumentException">A length does not match the size.</exception>
    public static TopologyWarp Of(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> prediction, ImageSize size)
    {
        if (truth.Length != size.Height * size.Width || prediction.Length != truth.Length)
            throw new ArgumentException($"found pictures of {truth.Length} and {prediction.Length} pixels, expected {size.Height * size.Width} for {size}", nameof(truth));
        var bending = new BendablePicture(truth, size);
        bending.BendTowards(new BendablePicture(prediction, size));
        var bent = bending.ToArray();
        // The bent truth with all that the prediction adds, and without all that it takes away.
        var (toObject, toBoundary) = (new byte[bent.Length], new byte[bent.Length]);
        long differing = 0;
        for (var i = 0; i < bent.Length; i++)
        {
            var wanted = prediction[i] != 0 ? (byte)1 : (byte)0;
            toObject[i] = (byte)(bent[i] | wanted);
            toBoundary[i] = (byte)(bent[i] & wanted);
            differing += bent[i] != wanted ? 1 : 0;
        }

        var objects = ConnectedComponents.Label(bent, size, diagonal: false);
        return new TopologyWarp(differing,
            splits: TooMany(within: objects, parts: ConnectedComponents.Label(toBoundary, size, diagonal: false)),
            mergers: TooMany(within: ConnectedComponents.Label(toObject, size, diagonal: false), parts: objects));
    }

    // How many parts lie within each object beyond the first, summed.
    private static int TooMany(ConnectedComponents within, ConnectedComponents parts)
    {
        var pairs = new HashSet<(int Object, int Part)>();
        for (var i = 0; i < within.Labels.Length; i++)
        {
            if (within.Labels[i] != 0 && parts.Labels[i] != 0)
                pairs.Add((within.Labels[i], parts.Labels[i]));
        }

        return pairs.CountBy(static pair => pair.Object).Sum(static entry => entry.Value - 1);
    }
}
