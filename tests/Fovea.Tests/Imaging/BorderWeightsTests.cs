using Fovea.Imaging;

namespace Fovea.Tests.Imaging;

public class BorderWeightsTests
{
    [Fact]
    public void Narrow_gaps_weigh_as_calculated_by_hand()
    {
        var plain = new BorderWeights { ClassWeights = (0, 0) };
        // Distances 1 and 2, then 2 and 1.
        var gap = plain.Compute([7, 0, 0, 3], new ImageSize(1, 4));
        Assert.Equal([0, 8.352702, 8.352702, 0], gap.Select(w => (double)w), Close);
        // Three pixels from both; a third cell further away changes nothing there.
        var wide = plain.Compute([1, 0, 0, 0, 0, 0, 2, 5, 5], new ImageSize(1, 9));
        Assert.Equal(4.867523, wide[3], 1e-5);
        // Across rows too: (0, 0) and (2, 2) are √2 from the middle.
        var diagonal = plain.Compute([1, 0, 0, 0, 0, 0, 0, 0, 2], new ImageSize(3, 3));
        Assert.Equal(10 * Math.Exp(-8 / 50.0), diagonal[4], 1e-5);
    }

    [Fact]
    public void Fewer_than_two_cells_have_no_border()
    {
        var weights = new BorderWeights { ClassWeights = (0.5f, 2) };
        Assert.Equal([0.5f, 2, 2, 0.5f], weights.Compute([0, 4, 4, 0], new ImageSize(2, 2)));
        Assert.Equal([0.5f, 0.5f], weights.Compute([0, 0], new ImageSize(1, 2)));
        Assert.Throws<ArgumentException>(() => weights.Compute([0, 0], new ImageSize(1, 3)));
    }

    private static bool Close(double a, double b) => Math.Abs(a - b) < 1e-5;
}
