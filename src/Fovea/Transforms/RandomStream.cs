namespace Fovea.Transforms;

/// <summary>
/// Random numbers that depend on (seed, epoch, index) and nothing else: the same on every platform, for any number of
/// threads and in whatever order samples are made. Philox4x32-10, a counter-based generator (Salmon et al., "Parallel random
/// numbers: as easy as 1, 2, 3", 2011): streams of different epochs or indices never overlap.
/// </summary>
/// <remarks>Not safe for use by several threads at once; every sample has its own.</remarks>
public sealed class RandomStream
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;
    private const ulong OrderIndex = ulong.MaxValue;

    private readonly uint key0, key1, counter1, counter2, counter3;
    private uint block;
    private uint word0, word1, word2, word3;
    private int unused;
    private double spareNormal = double.NaN;

    /// <summary>Creates the stream of one sample in one epoch.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="epoch">Epoch, from 0.</param>
    /// <param name="index">Index of the sample in its data set.</param>
    public RandomStream(long seed, int epoch, long index) : this(seed, (uint)epoch, (ulong)index)
    {
    }

    private RandomStream(long seed, uint epoch, ulong index)
    {
        (key0, key1) = ((uint)seed, (uint)((ulong)seed >> 32));
        (counter1, counter2, counter3) = (epoch, (uint)index, (uint)(index >> 32));
    }

    /// <summary>The stream that shuffles an epoch; apart from those of all its samples.</summary>
    public static RandomStream ForOrder(long seed, int epoch) => new(seed, (uint)epoch, OrderIndex);

    /// <summary>The stream of what is drawn once for a whole batch; apart from those of the samples and of the order.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="epoch">Epoch, from 0.</param>
    /// <param name="batch">Number of the batch in its epoch, from 0.</param>
    public static RandomStream ForBatch(long seed, int epoch, int batch) => new(seed, (uint)epoch, OrderIndex - 1 - (uint)batch);

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        if (unused == 0)
        {
            (word0, word1, word2, word3) = Philox(block++, counter1, counter2, counter3, key0, key1);
            unused = 4;
        }

        return unused-- switch { 4 => word0, 3 => word1, 2 => word2, _ => word3 };
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64() => ((ulong)NextUInt32() << 32) | NextUInt32();

    /// <summary>Uniform in [0, 1), with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform between two numbers.</summary>
    public double Uniform(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>Uniform among 0, 1, ... <paramref name="count"/> - 1.</summary>
    /// <param name="count">At least 1.</param>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        // Lemire's multiplication; the rejected words keep every value equally likely.
        var product = (ulong)NextUInt32() * (uint)count;
        if ((uint)product < (uint)count)
        {
            var threshold = (uint)-count % (uint)count;
            while ((uint)product < threshold)
                product = (ulong)NextUInt32() * (uint)count;
        }

        return (int)(product >> 32);
    }

    /// <summary>True with a probability.</summary>
    public bool NextBool(double probability) => NextDouble() < probability;

    /// <summary>A value of the normal distribution with mean 0 and standard deviation 1 (Marsaglia's polar method).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(spareNormal))
        {
            var spare = spareNormal;
            spareNormal = double.NaN;
            return spare;
        }

        while (true)
        {
            var (x, y) = (Uniform(-1, 1), Uniform(-1, 1));
            var square = x * x + y * y;
            if (square is 0 or >= 1)
                continue;
            var factor = Math.Sqrt(-2 * Log(square) / square);
            spareNormal = y * factor;
            return x * factor;
        }
    }

    /// <summary>A value of the gamma distribution with scale 1 (Marsaglia and Tsang 2000).</summary>
    /// <param name="shape">Shape, above 0.</param>
    public double NextGamma(double shape)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shape);
        if (shape < 1)
            return NextGamma(shape + 1) * Math.Pow(1 - NextDouble(), 1 / shape);
        var d = shape - 1 / 3.0;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = NextNormal();
            var v = 1 + c * x;
            if (v <= 0)
                continue;
            v = v * v * v;
            if (Log(1 - NextDouble()) < 0.5 * x * x + d - d * v + d * Log(v))
                return d * v;
        }
    }

    /// <summary>A value of the beta distribution that is symmetric about one half.</summary>
    /// <param name="shape">Both shapes, above 0; 1 is uniform, small values lie near 0 and 1.</param>
    public double NextBeta(double shape)
    {
        var (x, y) = (NextGamma(shape), NextGamma(shape));
        // Both underflow for tiny shapes, where the distribution is 0 or 1.
        return x + y > 0 ? x / (x + y) : NextBool(0.5) ? 1 : 0;
    }

    /// <summary>0 ... <paramref name="count"/> - 1 in a random order (Fisher and Yates).</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++)
            order[i] = i;
        for (var i = count - 1; i > 0; i--)
        {
            var other = NextInt(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }

    internal static (uint, uint, uint, uint) Philox(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (var round = 0; round < 10; round++)
        {
            var (product0, product1) = ((ulong)Multiplier0 * c0, (ulong)Multiplier1 * c2);
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return (c0, c1, c2, c3);
    }

    // Math.Log differs in the last bit from one C library to the next; sums, products and quotients do not.
    internal static double Log(double x)
    {
        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        var t = (mantissa - 1) / (mantissa + 1);
        var square = t * t;
        var series = 0.0;
        for (var odd = 23; odd >= 1; odd -= 2)
            series = series * square + 1.0 / odd;
        return exponent * 0.69314718055994531 + 2 * t * series;
    }
}
