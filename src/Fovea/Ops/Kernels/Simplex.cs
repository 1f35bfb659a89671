using System.Runtime.CompilerServices;

namespace Fovea.Ops.Kernels;

/// <summary>Finds the simplex of the permutohedral lattice that a point lies in (Adams et al. 2010, section 3.1 and algorithm 2).</summary>
/// <param name="dimensions">Coordinates of a point, d, 1 to 5.</param>
internal sealed class Simplex(int dimensions)
{
    private const int Bits = 24;
    private const int Bias = 1 << (Bits - 1);

    private readonly double[] scales = [.. Enumerable.Range(0, dimensions).Select(i => Math.Sqrt(2.0 / 3) * (dimensions + 1) / Math.Sqrt((i + 1) * (i + 2)))];
    private readonly double[] elevated = new double[dimensions + 1];
    private readonly int[] nearest = new int[dimensions + 1];
    private readonly int[] ranks = new int[dimensions + 1];
    private readonly double[] barycentric = new double[dimensions + 2];

    /// <summary>The corners around a point and its barycentric shares of them, which sum to 1.</summary>
    /// <param name="point">d coordinates, in standard deviations of the Gaussian.</param>
    /// <param name="corners">Receives d + 1 keys.</param>
    /// <param name="shares">Receives d + 1 shares.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Locate(ReadOnlySpan<float> point, Span<UInt128> corners, Span<float> shares)
    {
        Elevate(point);
        RoundToZeroColour();
        FindShares(shares);
        Span<int> key = stackalloc int[dimensions];
        for (var corner = 0; corner <= dimensions; corner++)
        {
            for (var i = 0; i < dimensions; i++)
                key[i] = nearest[i] + corner - (ranks[i] > dimensions - corner ? dimensions + 1 : 0);
            corners[corner] = Pack(key);
        }
    }

    /// <summary>A corner's first d coordinates in one number; the last follows, since all sum to 0.</summary>
    public static UInt128 Pack(ReadOnlySpan<int> key)
    {
        UInt128 packed = 0;
        foreach (var coordinate in key)
            packed = (packed << Bits) | (uint)(coordinate + Bias);
        return packed;
    }

    /// <summary>The coordinates in a number.</summary>
    public static void Unpack(UInt128 packed, Span<int> key)
    {
        for (var i = key.Length - 1; i >= 0; i--)
        {
            key[i] = (int)((ulong)packed & ((1UL << Bits) - 1)) - Bias;
            packed >>= Bits;
        }
    }

    // Onto the hyperplane where coordinates sum to 0, scaled so that the lattice's blur has standard deviation 1.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Elevate(ReadOnlySpan<float> point)
    {
        var sum = 0.0;
        for (var i = dimensions; i > 0; i--)
        {
            var scaled = point[i - 1] * scales[i - 1];
            elevated[i] = sum - i * scaled;
            sum += scaled;
        }

        elevated[0] = sum;
    }

    // The nearest corner whose coordinates are all multiples of d + 1, and the order of what remains.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RoundToZeroColour()
    {
        var sides = dimensions + 1;
        var sum = 0;
        for (var i = 0; i < sides; i++)
        {
            var multiple = (int)Math.Round(elevated[i] / sides);
            nearest[i] = multiple * sides;
            sum += multiple;
        }

        Array.Clear(ranks);
        for (var i = 0; i < dimensions; i++)
        {
            for (var j = i + 1; j < sides; j++)
                ranks[elevated[i] - nearest[i] < elevated[j] - nearest[j] ? i : j]++;
        }

        // Rounding each alone may leave the hyperplane: those with the largest error go back.
        for (var i = 0; i < sides; i++)
        {
            ranks[i] += sum;
            if (ranks[i] < 0)
                (ranks[i], nearest[i]) = (ranks[i] + sides, nearest[i] + sides);
            else if (ranks[i] >= sides)
                (ranks[i], nearest[i]) = (ranks[i] - sides, nearest[i] - sides);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindShares(Span<float> shares)
    {
        Array.Clear(barycentric);
        for (var i = 0; i <= dimensions; i++)
        {
            var rest = (elevated[i] - nearest[i]) / (dimensions + 1);
            barycentric[dimensions - ranks[i]] += rest;
            barycentric[dimensions + 1 - ranks[i]] -= rest;
        }

        barycentric[0] += 1 + barycentric[dimensions + 1];
        for (var i = 0; i <= dimensions; i++)
            shares[i] = (float)barycentric[i];
    }
}
