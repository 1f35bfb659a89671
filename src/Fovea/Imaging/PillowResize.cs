using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fovea.Imaging;

/// <summary>
/// Resizing with a filter as wide as the shrinking demands, a triangle or a cubic, in the fixed-point arithmetic of Pillow: columns
/// first, rounded to 8 bits, then rows. Published classification weights were made behind exactly this.
/// </summary>
internal static class PillowResize
{
    // 8 bits of sample and 2 of headroom leave 22 of a 32-bit accumulator for the weights.
    private const int Precision = 22;
    private const int Half = 1 << (Precision - 1);

    // Vectors read a few bytes past the last pixel of a row.
    private const int Overrun = 8;

    public static Image Resize(Image source, ImageSize size, Interpolation interpolation)
    {
        if (source.Type != PixelType.UInt8)
            throw new FoveaException($"{interpolation}: found {source.Type} samples, expected {nameof(PixelType.UInt8)}; convert the picture first");
        var (rowBytes, targetRowBytes) = (source.Width * source.Channels, size.Width * source.Channels);
        var target = new Image(size, source.Channels);
        var vertical = Weights.For(source.Height, size.Height, interpolation);
        var horizontal = Weights.For(source.Width, size.Width, interpolation);
        if (vertical is null && horizontal is null)
        {
            source.Data.CopyTo(target.Data, 0);
            return target;
        }

        if (horizontal is null)
        {
            Vertical(source.Data, rowBytes, vertical!, target.Data);
            return target;
        }

        if (vertical is null)
        {
            Horizontal(source, horizontal, target.Data);
            return target;
        }

        var between = ArrayPool<byte>.Shared.Rent(source.Height * targetRowBytes);
        Horizontal(source, horizontal, between);
        Vertical(between, targetRowBytes, vertical, target.Data);
        ArrayPool<byte>.Shared.Return(between);
        return target;
    }

    private static void Horizontal(Image source, Weights weights, Span<byte> target)
    {
        var (rowBytes, targetRowBytes) = (source.Width * source.Channels, weights.Count * source.Channels);
        for (var y = 0; y < source.Height; y++)
        {
            var row = source.Data.AsSpan(y * rowBytes, rowBytes);
            var result = target.Slice(y * targetRowBytes, targetRowBytes);
            if (source.Channels < 3)
                ScalarRow(row, source.Channels, weights, result);
            else if (y < source.Height - 1)
                VectorRow(ref MemoryMarshal.GetReference(row), source.Channels, weights, result);
            else
                LastVectorRow(row, source.Channels, weights, result);
        }
    }

    private static void LastVectorRow(ReadOnlySpan<byte> row, int channels, Weights weights, Span<byte> result)
    {
        var padded = ArrayPool<byte>.Shared.Rent(row.Length + Overrun);
        row.CopyTo(padded);
        VectorRow(ref padded[0], channels, weights, result);
        ArrayPool<byte>.Shared.Return(padded);
    }

    // One pixel in the lanes of a vector: three or four channels at once.
    private static void VectorRow(ref byte row, int channels, Weights weights, Span<byte> result)
    {
        ref var values = ref MemoryMarshal.GetArrayDataReference(weights.Values);
        for (var x = 0; x < weights.Count; x++)
        {
            ref var pixel = ref Unsafe.Add(ref row, weights.Starts[x] * channels);
            ref var weight = ref Unsafe.Add(ref values, x * weights.Taps);
            var (even, odd) = (Vector128.Create(Half), Vector128<int>.Zero);
            var taps = weights.Lengths[x];
            var t = 0;
            for (; t + 1 < taps; t += 2)
            {
                even += Widen(ref Unsafe.Add(ref pixel, t * channels)) * Vector128.Create(Unsafe.Add(ref weight, t));
                odd += Widen(ref Unsafe.Add(ref pixel, (t + 1) * channels)) * Vector128.Create(Unsafe.Add(ref weight, t + 1));
            }

            if (t < taps)
                even += Widen(ref Unsafe.Add(ref pixel, t * channels)) * Vector128.Create(Unsafe.Add(ref weight, t));
            // A cubic overshoots at edges.
            var sum = Vector128.Min(Vector128.Max((even + odd) >> Precision, Vector128<int>.Zero), Vector128.Create(255));
            var at = x * channels;
            result[at + channels - 1] = (byte)sum[channels - 1];
            result[at] = (byte)sum[0];
            result[at + 1] = (byte)sum[1];
            if (channels == 4)
                result[at + 2] = (byte)sum[2];
        }
    }

    private static Vector128<int> Widen(ref byte pixel) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte())).AsInt32();

    private static void ScalarRow(ReadOnlySpan<byte> row, int channels, Weights weights, Span<byte> result)
    {
        for (var x = 0; x < weights.Count; x++)
        {
            var values = weights.Values.AsSpan(x * weights.Taps, weights.Lengths[x]);
            for (var c = 0; c < channels; c++)
            {
                var sum = Half;
                for (int t = 0, at = weights.Starts[x] * channels + c; t < values.Length; t++, at += channels)
                    sum += row[at] * values[t];
                result[x * channels + c] = (byte)Math.Clamp(sum >> Precision, 0, 255);
            }
        }
    }

    private static void Vertical(ReadOnlySpan<byte> source, int rowBytes, Weights weights, Span<byte> target)
    {
        for (var y = 0; y < weights.Count; y++)
        {
            var rows = source.Slice(weights.Starts[y] * rowBytes, weights.Lengths[y] * rowBytes);
            BlendRows(rows, rowBytes, weights.Values.AsSpan(y * weights.Taps, weights.Lengths[y]), target.Slice(y * rowBytes, rowBytes));
        }
    }

    private static void BlendRows(ReadOnlySpan<byte> rows, int rowBytes, ReadOnlySpan<int> weights, Span<byte> result)
    {
        ref var first = ref MemoryMarshal.GetReference(rows);
        var x = 0;
        for (; x <= rowBytes - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            var (a, b, c, d) = (Vector256.Create(Half), Vector256.Create(Half), Vector256.Create(Half), Vector256.Create(Half));
            for (var t = 0; t < weights.Length; t++)
            {
                var weight = Vector256.Create(weights[t]);
                var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref Unsafe.Add(ref first, t * rowBytes + x)));
                var (p, q) = Vector256.Widen(low);
                var (r, s) = Vector256.Widen(high);
                a += p.AsInt32() * weight;
                b += q.AsInt32() * weight;
                c += r.AsInt32() * weight;
                d += s.AsInt32() * weight;
            }

            var lower = Vector256.Narrow(Clip(a), Clip(b));
            var upper = Vector256.Narrow(Clip(c), Clip(d));
            Vector256.Narrow(lower, upper).StoreUnsafe(ref result[x]);
        }

        for (; x < rowBytes; x++)
        {
            var sum = Half;
            for (var t = 0; t < weights.Length; t++)
                sum += rows[t * rowBytes + x] * weights[t];
            result[x] = (byte)Math.Clamp(sum >> Precision, 0, 255);
        }
    }

    private static Vector256<uint> Clip(Vector256<int> sum) => Vector256.Min(Vector256.Max(sum >> Precision, Vector256<int>.Zero), Vector256.Create(255)).AsUInt32();

    private static double Triangle(double x) => Math.Max(0, 1 - Math.Abs(x));

    // Keys 1981 with a = -1/2.
    private static double Cubic(double x) => Math.Abs(x) switch
    {
        < 1 and var near => (1.5 * near - 2.5) * near * near + 1,
        < 2 and var far => (((far - 5) * far + 8) * far - 4) * -0.5,
        _ => 0,
    };

    /// <summary>For every target position the first source position, how many there are, and their weights.</summary>
    private sealed class Weights
    {
        private Weights(int count, int taps) =>
            (Count, Taps, Starts, Lengths, Values) = (count, taps, new int[count], new int[count], new int[count * taps]);

        public int Count { get; }

        public int Taps { get; }

        public int[] Starts { get; }

        public int[] Lengths { get; }

        public int[] Values { get; }

        /// <summary>Null when nothing changes.</summary>
        public static Weights? For(int from, int to, Interpolation interpolation)
        {
            if (from == to)
                return null;
            var scale = (double)from / to;
            Func<double, double> filter = interpolation == Interpolation.BicubicAntialias ? Cubic : Triangle;
            var widened = Math.Max(1, scale);
            var support = widened * (interpolation == Interpolation.BicubicAntialias ? 2 : 1);
            var weights = new Weights(to, (int)Math.Ceiling(support) * 2 + 1);
            Span<double> exact = new double[weights.Taps];
            for (var i = 0; i < to; i++)
            {
                var centre = (i + 0.5) * scale;
                var start = Math.Max(0, (int)(centre - support + 0.5));
                var length = Math.Min(from, (int)(centre + support + 0.5)) - start;
                double sum = 0;
                for (var t = 0; t < length; t++)
                    sum += exact[t] = filter((start + t - centre + 0.5) * (1 / widened));
                (weights.Starts[i], weights.Lengths[i]) = (start, length);
                for (var t = 0; t < length; t++)
                    weights.Values[i * weights.Taps + t] = (int)(exact[t] / sum * (1 << Precision) + Math.CopySign(0.5, exact[t]));
            }

            return weights;
        }
    }
}
