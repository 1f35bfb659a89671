namespace Fovea.Tests.Ops;

/// <summary>Seeded inputs of the operator tests.</summary>
internal static class RandomArrays
{
    public static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    /// <summary>Scores that are all different.</summary>
    public static float[] Scores(int count, int seed)
    {
        var values = Enumerable.Range(1, count).Select(i => i / (count + 1f)).ToArray();
        new Random(seed).Shuffle(values);
        return values;
    }

    /// <summary>Boxes (x1, y1, x2, y2) inside a picture, sides at least a pixel, on a grid of a quarter pixel so that ties occur.</summary>
    public static float[] Boxes(int count, int seed, float extent = 200, float largest = 80)
    {
        var random = new Random(seed);
        var boxes = new float[4 * count];
        for (var i = 0; i < count; i++)
        {
            float Quarter(double value) => MathF.Round((float)value * 4) / 4;
            var (width, height) = (Quarter(1 + random.NextDouble() * (largest - 1)), Quarter(1 + random.NextDouble() * (largest - 1)));
            var (x, y) = (Quarter(random.NextDouble() * (extent - width)), Quarter(random.NextDouble() * (extent - height)));
            (boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]) = (x, y, x + width, y + height);
        }

        return boxes;
    }

    /// <summary>Regions (image, x1, y1, x2, y2), some reaching out of the picture, one wholly outside, one smaller than a cell.</summary>
    public static float[] Regions(int count, int images, float extent, int seed)
    {
        var boxes = Boxes(count, seed, extent * 1.3f, extent);
        var regions = new float[5 * count];
        for (var i = 0; i < count; i++)
        {
            regions[5 * i] = i % images;
            for (var k = 0; k < 4; k++)
                regions[5 * i + 1 + k] = boxes[4 * i + k] - extent * 0.15f + 0.1f;
        }

        if (count > 2)
        {
            float[] outside = [0, extent * 3, extent * 3, extent * 4, extent * 4, 0, 3.3f, 3.3f, 3.6f, 3.4f];
            outside.CopyTo(regions, 0);
        }

        return regions;
    }

    public static double[] Double(float[] values) => Array.ConvertAll(values, value => (double)value);

    public static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"element {i}: found {actual[i]}, expected {expected[i]} within {tolerance}");
        }
    }

    public static void AssertClose(float[] expected, float[] actual, double tolerance) => AssertClose(Double(expected), Double(actual), tolerance);
}
