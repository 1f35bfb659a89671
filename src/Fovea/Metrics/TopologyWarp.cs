using Fovea.Imaging;

namespace Fovea.Metrics;

/// <summary>
/// The warping error (Jain et al., "Boundary learning by optimization with topological constraints", 2010): the truth is bent
/// towards the prediction by turning single pixels over that change no topology (simple points; objects connect across sides,
/// boundaries across corners too), and what still differs are errors that no bending explains. The bending is greedy, first come,
/// first turned, so the count is an upper bound of the smallest one.
/// </summary>
public sealed class TopologyWarp
{
    private static readonly bool[] IsSimple = SimpleNeighbourhoods();

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
        var (bent, target) = (Framed(truth, size), Framed(prediction, size));
        Bend(bent, target, size.Width + 2);
        var (now, toObject, toBoundary) = (new byte[truth.Length], new byte[truth.Length], new byte[truth.Length]);
        long differing = 0;
        for (var i = 0; i < now.Length; i++)
        {
            var at = Place(i, size);
            now[i] = bent[at];
            // The bent truth with all that the prediction adds, and without all that it takes away.
            toObject[i] = (byte)(bent[at] | target[at]);
            toBoundary[i] = (byte)(bent[at] & target[at]);
            differing += bent[at] != target[at] ? 1 : 0;
        }

        var objects = ConnectedComponents.Label(now, size, diagonal: false);
        return new TopologyWarp(differing,
            splits: TooMany(within: objects, parts: ConnectedComponents.Label(toBoundary, size, diagonal: false)),
            mergers: TooMany(within: ConnectedComponents.Label(toObject, size, diagonal: false), parts: objects));
    }

    private static void Bend(byte[] bent, byte[] target, int stride)
    {
        int[] neighbours = [-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1];
        var waiting = new Queue<int>();
        var queued = new bool[bent.Length];
        void Offer(int at)
        {
            if (bent[at] == target[at] || queued[at])
                return;
            queued[at] = true;
            waiting.Enqueue(at);
        }

        for (var at = 0; at < bent.Length; at++)
            Offer(at);
        while (waiting.TryDequeue(out var at))
        {
            queued[at] = false;
            var around = 0;
            for (var k = 0; k < neighbours.Length; k++)
                around |= bent[at + neighbours[k]] << k;
            if (!IsSimple[around])
                continue;
            bent[at] = target[at];
            foreach (var step in neighbours)
                Offer(at + step);
        }
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

    private static byte[] Framed(ReadOnlySpan<byte> picture, ImageSize size)
    {
        var framed = new byte[(size.Height + 2) * (size.Width + 2)];
        for (var i = 0; i < picture.Length; i++)
            framed[Place(i, size)] = picture[i] != 0 ? (byte)1 : (byte)0;
        return framed;
    }

    private static int Place(int index, ImageSize size) => (index / size.Width + 1) * (size.Width + 2) + index % size.Width + 1;

    /// <summary>
    /// For each of the 256 neighbourhoods (bit k is the k-th neighbour row by row, the pixel itself left out) whether turning the
    /// pixel over changes no topology: exactly one group of object pixels connected by sides touches it by a side, and there is
    /// exactly one group of boundary pixels connected by sides and corners.
    /// </summary>
    private static bool[] SimpleNeighbourhoods()
    {
        var simple = new bool[256];
        for (var around = 0; around < simple.Length; around++)
            simple[around] = Groups(around, 1, corners: false) == 1 && Groups(around, 0, corners: true) == 1;
        return simple;
    }

    private static int Groups(int around, int value, bool corners)
    {
        var seen = new bool[9];
        var groups = 0;
        for (var start = 0; start < 9; start++)
        {
            if (!Is(start) || seen[start])
                continue;
            var touches = false;
            var waiting = new Stack<int>([start]);
            seen[start] = true;
            while (waiting.TryPop(out var at))
            {
                touches |= corners || Distance(at, 4) == 1;
                for (var next = 0; next < 9; next++)
                {
                    if (seen[next] || !Is(next) || !(Distance(at, next) == 1 || (corners && Distance(at, next) == 2 && at / 3 != next / 3 && at % 3 != next % 3)))
                        continue;
                    seen[next] = true;
                    waiting.Push(next);
                }
            }

            groups += touches ? 1 : 0;
        }

        return groups;

        bool Is(int cell) => cell != 4 && (around >> (cell < 4 ? cell : cell - 1) & 1) == value;

        static int Distance(int a, int b) => Math.Abs(a / 3 - b / 3) + Math.Abs(a % 3 - b % 3);
    }
}
