using Fovea.Imaging;
using Fovea.Torch;

namespace Fovea.Models.Detection;

/// <summary>
/// Puts the small square mask of each box back into the image: a border of one zero around it, box and mask grown alike, box
/// corners cut to whole pixels, bilinear interpolation. He et al. 2017, Mask R-CNN, section 3.1, in torchvision's way.
/// </summary>
internal static class MaskPaste
{
    private const float Threshold = 0.5f;

    /// <summary>The probabilities in whole images.</summary>
    /// <param name="masks"><c>[K, m, m]</c> float32.</param>
    /// <param name="boxes"><c>[K, 4]</c> float32, pixels of the image.</param>
    /// <param name="size">Size of the image.</param>
    /// <returns><c>[K, 1, H, W]</c> float32, 0 outside the boxes.</returns>
    public static Tensor ToImages(Tensor masks, Tensor boxes, ImageSize size)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var (count, side) = ((int)masks.Shape[0], (int)masks.Shape[-1]);
        var (values, corners) = (masks.ToArray<float>(), boxes.ToArray<float>());
        var images = Tensor.Zeros([count, 1, size.Height, size.Width]);
        var plane = size.Height * size.Width;
        unsafe
        {
            var target = (float*)images.DataPointer;
            Parallel.For(0, count, mask =>
            {
                var frame = new Frame(values.AsSpan(mask * side * side, side * side), side, corners.AsSpan(4 * mask, 4), size);
                frame.Fill(new Span<float>(target + (long)mask * plane, plane));
            });
        }

        return scope.Keep(boxes.Device.IsCuda ? images.To(boxes.Device) : images);
    }

    /// <summary>The pixels above one half, as run lengths of the whole image.</summary>
    /// <param name="mask">The square mask, m·m probabilities row by row.</param>
    /// <param name="side">m.</param>
    /// <param name="box">Its box, pixels of the image.</param>
    /// <param name="size">Size of the image.</param>
    public static RunLengthMask ToRunLengths(ReadOnlySpan<float> mask, int side, Box box, ImageSize size) =>
        new Frame(mask, side, [box.X1, box.Y1, box.X2, box.Y2], size).ToRunLengths();

    /// <summary>A mask with its border and the pixels it covers.</summary>
    private sealed class Frame
    {
        private readonly float[] padded;
        private readonly int side;
        private readonly ImageSize size;
        private readonly Axis columns;
        private readonly Axis rows;

        public Frame(ReadOnlySpan<float> mask, int inner, ReadOnlySpan<float> box, ImageSize size)
        {
            this.size = size;
            side = inner + 2;
            padded = new float[side * side];
            for (var row = 0; row < inner; row++)
                mask.Slice(row * inner, inner).CopyTo(padded.AsSpan((row + 1) * side + 1));
            var growth = (float)((double)side / inner);
            columns = new Axis(box[0], box[2], growth, side, size.Width);
            rows = new Axis(box[1], box[3], growth, side, size.Height);
        }

        public void Fill(Span<float> image)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var upper = padded.AsSpan(rows.Lower[i] * side, side);
                var lower = padded.AsSpan(rows.Upper[i] * side, side);
                var target = image.Slice((rows.Start + i) * size.Width + columns.Start, columns.Count);
                var down = rows.Weight[i];
                for (var j = 0; j < target.Length; j++)
                {
                    var (left, right, across) = (columns.Lower[j], columns.Upper[j], columns.Weight[j]);
                    target[j] = (1 - down) * ((1 - across) * upper[left] + across * upper[right])
                        + down * ((1 - across) * lower[left] + across * lower[right]);
                }
            }
        }

        public RunLengthMask ToRunLengths()
        {
            var counts = new List<uint>();
            var blended = new float[side];
            var (runs, end) = (false, 0L);
            for (var j = 0; j < columns.Count; j++)
            {
                var (left, right, across) = (columns.Lower[j], columns.Upper[j], columns.Weight[j]);
                for (var row = 0; row < side; row++)
                    blended[row] = (1 - across) * padded[row * side + left] + across * padded[row * side + right];
                var first = (long)(columns.Start + j) * size.Height + rows.Start;
                for (var i = 0; i <= rows.Count; i++)
                {
                    var isSet = i < rows.Count && (1 - rows.Weight[i]) * blended[rows.Lower[i]] + rows.Weight[i] * blended[rows.Upper[i]] > Threshold;
                    if (isSet == runs)
                        continue;
                    if (isSet && first + i == end && counts.Count > 0)
                    {
                        // The column before ended at the image's last row, set: its run goes on.
                        end -= counts[^1];
                        counts.RemoveAt(counts.Count - 1);
                    }
                    else
                    {
                        counts.Add((uint)(first + i - end));
                        end = first + i;
                    }

                    runs = isSet;
                }
            }

            var total = (long)size.Height * size.Width;
            if (total > end || counts.Count == 0)
                counts.Add((uint)(total - end));
            return new RunLengthMask(size, [.. counts]);
        }
    }

    /// <summary>Along one axis: the pixels inside the image, and between which cells of the padded mask each lies.</summary>
    private sealed class Axis
    {
        public Axis(float low, float high, float growth, int side, int limit)
        {
            var (centre, half) = ((high + low) * 0.5f, (high - low) * 0.5f * growth);
            var (from, to) = ((long)(centre - half), (long)(centre + half));
            var length = Math.Max(to - from + 1, 1);
            Start = (int)Math.Clamp(from, 0, limit);
            Count = (int)(Math.Clamp(to + 1, Start, limit) - Start);
            (Lower, Upper, Weight) = (new int[Count], new int[Count], new float[Count]);
            var scale = (float)side / length;
            for (var i = 0; i < Count; i++)
            {
                var position = Math.Max(0, scale * (Start + i - from + 0.5f) - 0.5f);
                Lower[i] = Math.Min((int)position, side - 1);
                Upper[i] = Math.Min(Lower[i] + 1, side - 1);
                Weight[i] = position - Lower[i];
            }
        }

        public int Start { get; }

        public int Count { get; }

        public int[] Lower { get; }

        public int[] Upper { get; }

        public float[] Weight { get; }
    }
}
