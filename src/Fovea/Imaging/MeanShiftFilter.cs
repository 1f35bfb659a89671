using System.Numerics;

namespace Fovea.Imaging;

/// <summary>Lets every pixel climb to its mode, rows on all cores and the pixels of a window's row at once.</summary>
internal sealed class MeanShiftFilter
{
    // As generic mean-shift clustering stops: a thousandth of the radius, or 300 steps.
    private const double SmallestShift = 1e-3;
    private const int MostSteps = 300;

    private readonly int width;
    private readonly int height;
    private readonly float[][] planes;
    private readonly float[] columns;
    private readonly double spatial;
    private readonly double colour;

    public MeanShiftFilter(Image image, MeanShiftOptions options)
    {
        (Image, width, height) = (image, image.Width, image.Height);
        (spatial, colour) = (options.SpatialRadius, options.ColourRadius);
        columns = [.. Enumerable.Range(0, width).Select(static x => (float)x)];
        // A grey picture leaves two of them zero, which adds nothing to distances.
        planes = [.. Enumerable.Range(0, 3).Select(channel => Plane(image, channel))];
        Modes = new Mode[width * height];
        Parallel.For(0, height, y =>
        {
            for (var x = 0; x < width; x++)
                Modes[y * width + x] = Climb(x, y);
        });
    }

    /// <summary>The picture.</summary>
    public Image Image { get; }

    /// <summary>Where each pixel arrives, row by row.</summary>
    public Mode[] Modes { get; }

    private static float[] Plane(Image image, int channel)
    {
        var plane = new float[image.Width * image.Height];
        for (var i = 0; channel < image.Channels && i < plane.Length; i++)
            plane[i] = image.Data[i * image.Channels + channel];
        return plane;
    }

    private Mode Climb(int x, int y)
    {
        var i = y * width + x;
        var current = new Mode(x, y, planes[0][i], planes[1][i], planes[2][i]);
        for (var step = 0; step < MostSteps; step++)
        {
            var next = Mean(current);
            var shift = next.PlaceDistance(current) / (spatial * spatial) + next.ColourDistance(current) / (colour * colour);
            current = next;
            if (shift < SmallestShift * SmallestShift)
                break;
        }

        return current;
    }

    private Mode Mean(Mode centre)
    {
        var sums = default(Sums);
        var first = Math.Max(0, (int)Math.Ceiling(centre.Y - spatial));
        var last = Math.Min(height - 1, (int)Math.Floor(centre.Y + spatial));
        for (var row = first; row <= last; row++)
        {
            var reach = Math.Sqrt(Math.Max(0, spatial * spatial - (row - centre.Y) * (row - centre.Y)));
            var left = Math.Max(0, (int)Math.Ceiling(centre.X - reach));
            var right = Math.Min(width - 1, (int)Math.Floor(centre.X + reach));
            if (left <= right)
                AddRow(centre, row, left, right - left + 1, ref sums);
        }

        // Rounding may push the only pixel out of its own window.
        return sums.Count == 0 ? centre : sums.Mean;
    }

    // Values are whole numbers and rows short, so that the sums are exact.
    private void AddRow(Mode centre, int row, int left, int count, ref Sums sums)
    {
        var start = row * width + left;
        ReadOnlySpan<float> red = planes[0].AsSpan(start, count), green = planes[1].AsSpan(start, count), blue = planes[2].AsSpan(start, count), places = columns.AsSpan(left, count);
        var limit = new Vector<float>((float)(colour * colour));
        var i = 0;
        var (number, x, r, g, b) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (vr, vg, vb) = (new Vector<float>(red[i..]), new Vector<float>(green[i..]), new Vector<float>(blue[i..]));
            var (dr, dg, db) = (vr - new Vector<float>(centre.Red), vg - new Vector<float>(centre.Green), vb - new Vector<float>(centre.Blue));
            var near = Vector.LessThanOrEqual(dr * dr + dg * dg + db * db, limit);
            number += Vector.ConditionalSelect(near, Vector<float>.One, Vector<float>.Zero);
            x += Vector.ConditionalSelect(near, new Vector<float>(places[i..]), Vector<float>.Zero);
            r += Vector.ConditionalSelect(near, vr, Vector<float>.Zero);
            g += Vector.ConditionalSelect(near, vg, Vector<float>.Zero);
            b += Vector.ConditionalSelect(near, vb, Vector<float>.Zero);
        }

        sums.Add(row, Vector.Sum(number), Vector.Sum(x), Vector.Sum(r), Vector.Sum(g), Vector.Sum(b));
        for (; i < count; i++)
        {
            if (new Mode(0, 0, red[i], green[i], blue[i]).ColourDistance(centre) <= limit[0])
                sums.Add(row, 1, places[i], red[i], green[i], blue[i]);
        }
    }

    private struct Sums
    {
        private double x;
        private double y;
        private double red;
        private double green;
        private double blue;

        public double Count { get; private set; }

        public readonly Mode Mean => new((float)(x / Count), (float)(y / Count), (float)(red / Count), (float)(green / Count), (float)(blue / Count));

        public void Add(int row, float count, float places, float reds, float greens, float blues)
        {
            Count += count;
            x += places;
            y += (double)row * count;
            red += reds;
            green += greens;
            blue += blues;
        }
    }
}
