using System.Numerics;
using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>
/// From the scores of classes on a network's grid to the best class of every pixel of the original picture. Scores are
/// interpolated (bilinear, half-pixel centres), then compared: row by row, so that they never exist at the original size.
/// </summary>
internal static class LogitDecoder
{
    /// <summary>Decodes the scores of one picture.</summary>
    /// <param name="logits"><c>[K, H, W]</c>; what lies beyond the origin's network size is padding.</param>
    /// <param name="origin">How the picture maps back. Pixels that the network did not see become <see cref="LabelMap.Ignore"/>.</param>
    /// <exception cref="FoveaException">There are more classes than a label map can tell apart.</exception>
    public static LabelMap Decode(Tensor logits, ImageOrigin origin)
    {
        if (logits.Shape[0] > LabelMap.Ignore)
            throw new FoveaException($"semantic segmentation: found {logits.Shape[0]} classes, expected at most {LabelMap.Ignore}, the values of a label map");
        using var scope = new TensorScope();
        var (grid, rows, columns, size) = Lay(logits, origin);
        var values = new byte[size.Height * size.Width];
        Parallel.For(0, size.Height, () => new Buffers(grid.Width, size.Width), (y, _, buffers) =>
        {
            DecodeRow(grid, rows, columns, y, buffers, values.AsSpan(y * size.Width, size.Width));
            return buffers;
        }, static _ => { });
        return new LabelMap(size, values);
    }

    /// <summary>The probability (softmax) of every pixel of the original picture not to be of the first class.</summary>
    /// <param name="logits"><c>[K, H, W]</c>; what lies beyond the origin's network size is padding.</param>
    /// <param name="origin">How the picture maps back. Pixels that the network did not see have 0.</param>
    /// <returns>H times W probabilities.</returns>
    public static float[] Foreground(Tensor logits, ImageOrigin origin)
    {
        using var scope = new TensorScope();
        var (grid, rows, columns, size) = Lay(logits, origin);
        var values = new float[size.Height * size.Width];
        Parallel.For(0, size.Height, () => new Buffers(grid.Width, size.Width), (y, _, buffers) =>
        {
            if (rows.Low[y] >= 0)
                ForegroundRow(grid, rows, columns, y, buffers, values.AsSpan(y * size.Width, size.Width));
            return buffers;
        }, static _ => { });
        return values;
    }

    // The scores live as long as the caller's scope.
    private static (Grid Grid, Axis Rows, Axis Columns, ImageSize Size) Lay(Tensor logits, ImageOrigin origin)
    {
        var scores = logits.Detach().To(Device.Cpu, Dtype.Float32).Contiguous();
        var grid = new Grid(scores.Memory<float>(), (int)scores.Shape[0], (int)scores.Shape[1], (int)scores.Shape[2]);
        var size = origin.OriginalSize;
        return (grid,
            Axis.Of(size.Height, Math.Min(origin.NetworkSize.Height, grid.Height), origin.ScaleY, origin.OffsetY),
            Axis.Of(size.Width, Math.Min(origin.NetworkSize.Width, grid.Width), origin.ScaleX, origin.OffsetX),
            size);
    }

    // The sum of exponentials is kept relative to the greatest score so far, so that none overflows.
    private static void ForegroundRow(Grid grid, Axis rows, Axis columns, int y, Buffers buffers, Span<float> foreground)
    {
        var (best, others) = (buffers.Best, buffers.Others);
        for (var k = 0; k < grid.Classes; k++)
        {
            var scores = ScoresAt(grid, rows, columns, y, k, buffers);
            for (var x = 0; x < foreground.Length; x++)
            {
                if (k == 0)
                {
                    (best[x], others[x], foreground[x]) = (scores[x], 0, scores[x]);
                    continue;
                }

                var greatest = Math.Max(best[x], scores[x]);
                others[x] = others[x] * MathF.Exp(best[x] - greatest) + MathF.Exp(scores[x] - greatest);
                best[x] = greatest;
            }
        }

        for (var x = 0; x < foreground.Length; x++)
            foreground[x] = columns.Low[x] < 0 ? 0 : others[x] / (others[x] + MathF.Exp(foreground[x] - best[x]));
    }

    private static void DecodeRow(Grid grid, Axis rows, Axis columns, int y, Buffers buffers, Span<byte> labels)
    {
        if (rows.Low[y] < 0)
        {
            labels.Fill(LabelMap.Ignore);
            return;
        }

        Array.Fill(buffers.Best, float.NegativeInfinity);
        Array.Clear(buffers.Labels);
        for (var k = 0; k < grid.Classes; k++)
        {
            Compare(ScoresAt(grid, rows, columns, y, k, buffers)[..labels.Length], k, buffers.Best, buffers.Labels);
        }

        for (var x = 0; x < labels.Length; x++)
            labels[x] = columns.Low[x] < 0 ? LabelMap.Ignore : (byte)buffers.Labels[x];
    }

    private static Span<float> ScoresAt(Grid grid, Axis rows, Axis columns, int y, int label, Buffers buffers)
    {
        Blend(grid.Row(label, rows.Low[y]), grid.Row(label, rows.High[y]), rows.Share[y], buffers.Line);
        if (columns.IsIdentity)
            return buffers.Line;
        Gather(buffers.Line, columns, buffers.Scores);
        return buffers.Scores;
    }

    private static void Blend(ReadOnlySpan<float> low, ReadOnlySpan<float> high, float share, Span<float> result)
    {
        if (share == 0)
        {
            low.CopyTo(result);
            return;
        }

        var x = 0;
        for (; x <= low.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            var (a, b) = (new Vector<float>(low[x..]), new Vector<float>(high[x..]));
            (a * (1 - share) + b * share).CopyTo(result[x..]);
        }

        for (; x < low.Length; x++)
            result[x] = low[x] * (1 - share) + high[x] * share;
    }

    private static void Gather(float[] line, Axis columns, float[] scores)
    {
        var (low, high, share) = (columns.Low, columns.High, columns.Share);
        for (var x = 0; x < scores.Length; x++)
            scores[x] = low[x] < 0 ? 0 : line[low[x]] * (1 - share[x]) + line[high[x]] * share[x];
    }

    private static void Compare(ReadOnlySpan<float> scores, int label, float[] best, int[] labels)
    {
        var x = 0;
        for (; x <= scores.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            var (score, highest) = (new Vector<float>(scores[x..]), new Vector<float>(best, x));
            var better = Vector.GreaterThan(score, highest);
            Vector.ConditionalSelect(better, score, highest).CopyTo(best, x);
            Vector.ConditionalSelect(better, new Vector<int>(label), new Vector<int>(labels, x)).CopyTo(labels, x);
        }

        for (; x < scores.Length; x++)
        {
            if (scores[x] > best[x])
                (best[x], labels[x]) = (scores[x], label);
        }
    }

    private sealed record Grid(Memory<float> Values, int Classes, int Height, int Width)
    {
        public ReadOnlySpan<float> Row(int label, int row) => Values.Span.Slice((label * Height + row) * Width, Width);
    }

    private sealed class Buffers(int gridWidth, int width)
    {
        public float[] Line { get; } = new float[gridWidth];

        public float[] Scores { get; } = new float[width];

        public float[] Best { get; } = new float[width];

        public float[] Others { get; } = new float[width];

        public int[] Labels { get; } = new int[width];
    }

    /// <summary>For each output position the two grid positions around it and the share of the second; low is negative where the grid does not reach.</summary>
    private sealed record Axis(int[] Low, int[] High, float[] Share, bool IsIdentity)
    {
        public static Axis Of(int count, int gridCount, double scale, double offset)
        {
            var axis = new Axis(new int[count], new int[count], new float[count], scale == 1 && offset == 0 && gridCount >= count);
            for (var i = 0; i < count; i++)
            {
                // Sizes are rounded, so the grid may end up to half a cell before the picture.
                var edge = (i + 0.5) * scale + offset;
                var centre = Math.Clamp(edge - 0.5, 0, gridCount - 1);
                var low = (int)centre;
                axis.Low[i] = edge <= -0.5 || edge >= gridCount + 0.5 ? -1 : low;
                axis.High[i] = Math.Min(low + 1, gridCount - 1);
                axis.Share[i] = (float)(centre - low);
            }

            return axis;
        }
    }
}
