using Fovea.Ops;

namespace Fovea.Tests.Ops;

public class SlidingWindowTests
{
    [Theory]
    [InlineData(110, 64, 0.5, new[] { 0, 23, 46 })]
    [InlineData(128, 128, 0.5, new[] { 0 })]
    [InlineData(200, 128, 0.5, new[] { 0, 36, 72 })]
    [InlineData(300, 128, 0.5, new[] { 0, 57, 115, 172 })]
    [InlineData(129, 128, 0.5, new[] { 0, 1 })]
    [InlineData(60, 128, 0.5, new[] { 0 })]
    [InlineData(10, 5, 0, new[] { 0, 5 })]
    [InlineData(11, 5, 0, new[] { 0, 3, 6 })]
    public void Tiles_are_spread_evenly_and_the_last_ends_with_the_picture(int size, int tile, double overlap, int[] starts)
    {
        Assert.Equal(starts, SlidingWindow.Starts(size, tile, overlap));
        Assert.Throws<ArgumentOutOfRangeException>(() => SlidingWindow.Starts(size, tile, 1));
    }

    [Fact]
    public void Weights_are_a_Gaussian_of_an_eighth_of_the_tile()
    {
        float[] expected = [0.000335f, 0.011109f, 0.135335f, 0.606531f, 1, 0.606531f, 0.135335f, 0.011109f];
        Assert.Equal(expected, SlidingWindow.GaussianWeights(8), static (a, b) => Math.Abs(a - b) < 1e-6f);
        var reference = PythonReference.Run("x = np.arange(37); g = np.exp(-.5 * ((x - 18) / (37 / 8)) ** 2); out['g'] = g / g.max()").Floats("g");
        Assert.Equal(reference, SlidingWindow.GaussianWeights(37), static (a, b) => Math.Abs(a - b) < 1e-6f);
    }
}
