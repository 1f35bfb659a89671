namespace Fovea.Metrics;

/// <summary>
/// A picture of objects and boundaries whose pixels are turned over one by one, and only where that changes no topology (simple points):
/// objects connect across sides, boundaries across corners too, and beyond the edge is boundary.
/// </summary>
internal sealed class BendablePicture
{
    private static readonly bool[] Simple = SimpleNeighbourhoods();

    private readonly ImageSize size;

    // With a frame of boundary around it no pixel is special.
    private readonly byte[] framed;
    private readonly int[] neighbours;

    /// <summary>Creates the picture.</summary>
    /// <param name="picture">H times W values, 0 for boundary, anything else for objects.</param>
    /// <param name="size">Its size.</param>
    public BendablePicture(ReadOnlySpan<byte> picture, ImageSize size)
    {
        this.size = size;
        var stride = size.Width + 2;
        neighbours = [-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1];
        framed = new byte[(size.Height + 2) * stride];
        for (var i = 0; i < picture.Length; i++)
            framed[Place(i)] = picture[i] != 0 ? (byte)1 : (byte)0;
    }

    /// <summary>1 for objects and 0 for boundary, H times W.</summary>
    public byte[] ToArray()
    {
        var picture = new byte[size.Height * size.Width];
        for (var i = 0; i < picture.Length; i++)
            picture[i] = framed[Place(i)];
        return picture;
    }

    /// <summary>Turns over every pixel that differs from a target and may be turned, until none is left that may.</summary>
    /// <param name="target">Another picture of this size.</param>
    /// <param name="order">Which pixels go first, H times W numbers; null to take them as they come, row by row and then as their neighbours turn.</param>
    public void BendTowards(BendablePicture target, float[]? order = null)
    {
        var waiting = new PriorityQueue<int, (float Order, long Turn)>();
        var isWaiting = new bool[framed.Length];
        long turn = 0;
        var orders = new float[framed.Length];
        for (var i = 0; i < order?.Length; i++)
            orders[Place(i)] = order[i];
        void Offer(int at)
        {
            if (framed[at] == target.framed[at] || isWaiting[at])
                return;
            isWaiting[at] = true;
            waiting.Enqueue(at, (orders[at], turn++));
        }

        for (var at = 0; at < framed.Length; at++)
            Offer(at);
        while (waiting.TryDequeue(out var at, out _))
        {
            isWaiting[at] = false;
            if (!MayTurn(Around(at)))
                continue;
            framed[at] = target.framed[at];
            foreach (var step in neighbours)
                Offer(at + step);
        }
    }

    /// <summary>
    /// Whether a pixel may be turned over, by its neighbours (bit k is the k-th row by row, the pixel itself left out): exactly one group of
    /// object pixels connected by sides touches it by a side, and there is exactly one group of boundary pixels connected by sides and corners.
    /// </summary>
    internal static bool MayTurn(int around) => Simple[around];

    private int Around(int at)
    {
        var around = 0;
        for (var k = 0; k < neighbours.Length; k++)
            around |= framed[at + neighbours[k]] << k;
        return around;
    }

    private int Place(int index) => (index / size.Width + 1) * (size.Width + 2) + index % size.Width + 1;

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
