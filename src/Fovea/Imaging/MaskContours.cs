namespace Fovea.Imaging;

/// <summary>Follows the edges between mask and background, the mask always to the right.</summary>
internal sealed class MaskContours
{
    // Right, down, left, up.
    private static readonly (int X, int Y)[] Steps = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    // From a corner, heading in each direction: the pixel ahead to the right, and ahead to the left, as offsets.
    private static readonly (int X, int Y)[] AheadRight = [(0, 0), (-1, 0), (-1, -1), (0, -1)];
    private static readonly (int X, int Y)[] AheadLeft = [(0, -1), (0, 0), (-1, 0), (-1, -1)];

    private readonly byte[] bitmap;
    private readonly int left, top, width, height;
    private readonly int[] ringOfTop;

    private MaskContours(RunLengthMask mask)
    {
        var box = mask.BoundingBox;
        (left, top, width, height) = ((int)box.X1, (int)box.Y1, (int)box.Width, (int)box.Height);
        bitmap = Cut(mask.ToBitmap(), mask.Size.Width);
        ringOfTop = new int[bitmap.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                // Every ring, of a hole too, runs along the top of some pixel.
                if (IsSet(x, y) && !IsSet(x, y - 1) && ringOfTop[y * width + x] == 0)
                    Rings.Add(Follow(x, y));
            }
        }
    }

    /// <summary>Corners of each outline; the last is joined to the first.</summary>
    public List<List<(int X, int Y)>> Rings { get; } = [];

    public static MaskContours Trace(RunLengthMask mask) => new(mask);

    /// <summary>Outlines with their holes cut in, one for each connected part.</summary>
    public List<List<(int X, int Y)>> JoinHoles()
    {
        var owner = new int[Rings.Count];
        var outlines = new Dictionary<int, List<(int X, int Y)>>();
        // Rings come in the order of their first pixel from the top, so that what lies above a hole is already joined.
        for (var i = 0; i < Rings.Count; i++)
        {
            if (!IsHole(Rings[i]))
            {
                owner[i] = i;
                outlines[i] = [.. Rings[i]];
                continue;
            }

            var entry = TopCorner(Rings[i]);
            var (x, y) = (Rings[i][entry].X - left, Rings[i][entry].Y - top - 1);
            while (IsSet(x, y - 1))
                y--;
            owner[i] = owner[ringOfTop[y * width + x] - 1];
            Splice(outlines[owner[i]], (x + left, y + top), Rings[i], entry);
        }

        return [.. outlines.Values];
    }

    private byte[] Cut(byte[] whole, int stride)
    {
        var part = new byte[width * height];
        for (var y = 0; y < height; y++)
            whole.AsSpan((top + y) * stride + left, width).CopyTo(part.AsSpan(y * width));
        return part;
    }

    private bool IsSet(int x, int y) => (uint)x < (uint)width && (uint)y < (uint)height && bitmap[y * width + x] != 0;

    private List<(int X, int Y)> Follow(int startX, int startY)
    {
        var ring = new List<(int X, int Y)>();
        var (x, y, heading) = (startX, startY, 0);
        do
        {
            if (heading == 0)
                ringOfTop[y * width + x] = Rings.Count + 1;
            x += Steps[heading].X;
            y += Steps[heading].Y;
            // Turning right where the pixel ahead is missing keeps pixels that touch by a corner apart.
            var turn = !IsSet(x + AheadRight[heading].X, y + AheadRight[heading].Y) ? 1
                : IsSet(x + AheadLeft[heading].X, y + AheadLeft[heading].Y) ? 3 : 0;
            if (turn != 0)
                ring.Add((x + left, y + top));
            heading = (heading + turn) & 3;
        }
        while ((x, y, heading) != (startX, startY, 0));

        return ring;
    }

    private static bool IsHole(List<(int X, int Y)> ring)
    {
        long twice = 0;
        for (var i = 0; i < ring.Count; i++)
        {
            var next = ring[(i + 1) % ring.Count];
            twice += (long)ring[i].X * next.Y - (long)next.X * ring[i].Y;
        }

        return twice < 0;
    }

    private static int TopCorner(List<(int X, int Y)> ring)
    {
        var best = 0;
        for (var i = 1; i < ring.Count; i++)
        {
            if ((ring[i].Y, ring[i].X).CompareTo((ring[best].Y, ring[best].X)) < 0)
                best = i;
        }

        return best;
    }

    // The outline runs to the right along the top of the pixel below `at`: leave it there, go round the hole, and come back.
    private static void Splice(List<(int X, int Y)> outline, (int X, int Y) at, List<(int X, int Y)> hole, int entry)
    {
        for (var i = 0; i < outline.Count; i++)
        {
            var (from, to) = (outline[i], outline[(i + 1) % outline.Count]);
            if (from.Y != at.Y || to.Y != at.Y || from.X > at.X || to.X <= at.X)
                continue;
            var detour = new List<(int X, int Y)> { at };
            for (var n = 0; n <= hole.Count; n++)
                detour.Add(hole[(entry + n) % hole.Count]);
            detour.Add(at);
            outline.InsertRange(i + 1, detour);
            return;
        }

        throw new InvalidOperationException($"no edge of the outline passes {at}");
    }
}
