using Fovea.Transforms;

namespace Fovea.Tests.Transforms;

public class RandomStreamTests
{
    // The known answers that the Random123 library publishes for philox4x32-10.
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Philox_gives_the_published_answers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint w0, uint w1, uint w2, uint w3) =>
        Assert.Equal((w0, w1, w2, w3), RandomStream.Philox(c0, c1, c2, c3, k0, k1));

    [Fact]
    public void The_first_numbers_of_a_stream_never_change()
    {
        var random = new RandomStream(seed: 42, epoch: 3, index: 7);
        var (w0, w1, w2, w3) = RandomStream.Philox(0, 3, 7, 0, 42, 0);
        Assert.Equal([w0, w1, w2, w3], new[] { random.NextUInt32(), random.NextUInt32(), random.NextUInt32(), random.NextUInt32() });
        (w0, _, _, _) = RandomStream.Philox(1, 3, 7, 0, 42, 0);
        Assert.Equal(w0, random.NextUInt32());
    }

    [Fact]
    public void Streams_of_other_seeds_epochs_and_indices_differ()
    {
        RandomStream[] streams =
        [
            new(0, 0, 0), new(1, 0, 0), new(1L << 32, 0, 0), new(-1, 0, 0), new(0, 1, 0), new(0, 0, 1), new(0, 0, 1L << 32), RandomStream.ForOrder(0, 0), RandomStream.ForOrder(0, 1),
        ];
        Assert.Equal(streams.Length, streams.Select(static stream => stream.NextUInt64()).Distinct().Count());
    }

    [Fact]
    public void Whole_numbers_are_equally_likely()
    {
        var random = new RandomStream(1, 0, 0);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
            counts[random.NextInt(7)]++;
        // 6 degrees of freedom: above 22.5 with probability 0.001.
        Assert.InRange(counts.Sum(static count => (count - 10_000.0) * (count - 10_000.0) / 10_000), 0, 22.5);
        Assert.Equal(0, random.NextInt(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
    }

    [Fact]
    public void Normal_numbers_have_the_moments_of_the_normal_distribution()
    {
        var random = new RandomStream(2, 0, 0);
        const int Count = 200_000;
        var (sum, square, fourth, beyond) = (0.0, 0.0, 0.0, 0);
        for (var i = 0; i < Count; i++)
        {
            var x = random.NextNormal();
            (sum, square, fourth) = (sum + x, square + x * x, fourth + x * x * x * x);
            beyond += Math.Abs(x) > 1.959964 ? 1 : 0;
        }

        Assert.InRange(sum / Count, -0.01, 0.01);
        Assert.InRange(square / Count, 0.985, 1.015);
        Assert.InRange(fourth / Count, 2.9, 3.1);
        Assert.InRange((double)beyond / Count, 0.048, 0.052);
    }

    [Fact]
    public void The_portable_logarithm_is_exact_to_the_last_digits()
    {
        var random = new RandomStream(3, 0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var x = random.NextDouble() * Math.Pow(2, random.NextInt(40) - 35) + double.Epsilon;
            Assert.Equal(Math.Log(x), RandomStream.Log(x), 1e-15 * Math.Max(1, Math.Abs(Math.Log(x))));
        }
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.01, -2.3263478740408408)]
    [InlineData(0.841344746068543, 1)]
    [InlineData(1e-6, -4.753424308822899)]
    public void Normal_quantiles_are_those_of_the_tables(double share, double expected) =>
        Assert.Equal(expected, Fovea.Transforms.Kernels.NormalQuantiles.Quantile(share), 1e-8);

    [Fact]
    public void A_permutation_holds_every_number_once_and_every_order_is_equally_likely()
    {
        Assert.Equal(Enumerable.Range(0, 1000), new RandomStream(4, 0, 0).Permutation(1000).Order());
        var random = new RandomStream(5, 0, 0);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 24_000; i++)
        {
            var key = string.Concat(random.Permutation(4));
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        // 23 degrees of freedom: above 49.7 with probability 0.001.
        Assert.Equal(24, counts.Count);
        Assert.InRange(counts.Values.Sum(static count => (count - 1000.0) * (count - 1000.0) / 1000), 0, 49.7);
    }
}
