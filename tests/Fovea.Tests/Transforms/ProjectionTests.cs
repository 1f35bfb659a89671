using Fovea.Transforms;

namespace Fovea.Tests.Transforms;

public class ProjectionTests
{
    [Fact]
    public void A_product_applies_the_right_map_first()
    {
        var map = Projection.Translate(10, 0) * Projection.Scale(2, 3);
        Assert.Equal((12.0, 3.0), map.Map(1, 1));
        Assert.True(map.IsAxisAligned);
        Assert.False(Projection.Rotate(10).IsAxisAligned);
    }

    [Fact]
    public void A_rotation_turns_clockwise_on_the_screen()
    {
        // The y axis points down: from the right, clockwise, is down.
        var (x, y) = Projection.Rotate(90).Map(1, 0);
        Assert.Equal(0, x, 1e-12);
        Assert.Equal(1, y, 1e-12);
    }

    [Fact]
    public void An_inverse_takes_points_back()
    {
        var map = new Projection(1.1, 0.2, 5, -0.3, 0.9, -2, 0.0004, -0.0003, 1.2);
        foreach (var (x, y) in new[] { (0.0, 0.0), (100, 30), (-7, 250) })
        {
            var there = map.Map(x, y);
            var (backX, backY) = map.Inverse().Map(there.X, there.Y);
            Assert.Equal(x, backX, 1e-9);
            Assert.Equal(y, backY, 1e-9);
        }

        Assert.Throws<ArgumentException>(() => Projection.Scale(1, 0).Inverse());
    }

    [Fact]
    public void Through_takes_four_points_to_four_others()
    {
        (double X, double Y)[] from = [(0, 0), (640, 0), (640, 480), (0, 480)];
        (double X, double Y)[] to = [(20, 31), (600, 3), (620, 470), (55, 441)];
        var map = Projection.Through(from, to);
        for (var i = 0; i < 4; i++)
        {
            var (x, y) = map.Map(from[i].X, from[i].Y);
            Assert.Equal(to[i].X, x, 1e-9);
            Assert.Equal(to[i].Y, y, 1e-9);
        }

        Assert.Throws<ArgumentException>(() => Projection.Through(from, [(0, 0), (1, 1), (2, 2), (3, 3)]));
    }

    [Fact]
    public void Boxes_go_through_their_four_corners()
    {
        var box = Warp.Around(new ImageSize(100, 100), Projection.Rotate(45)).Map(new Box(40, 40, 60, 60));
        var half = (float)(10 * Math.Sqrt(2));
        Assert.Equal(50 - half, box.X1, 1e-4);
        Assert.Equal(50 + half, box.Y2, 1e-4);
    }

    [Theory]
    [InlineData(30, 12, -5, 1.3, 0, 0)]
    [InlineData(-75, 0, 20, 0.6, 15, 0)]
    [InlineData(10, -3, 4, 1, -20, 35)]
    public void Affine_maps_are_those_of_torchvision(double angle, double x, double y, double scale, double shearX, double shearY)
    {
        // torchvision gives the map back, about the centre, in coordinates whose origin is the centre.
        var answer = PythonReference.Run(
            "import torchvision.transforms.functional as F; out['m'] = np.array(F._get_inverse_affine_matrix([0.0, 0.0], p[0], [p[1], p[2]], p[3], [p[4], p[5]]))",
            ("p", new[] { angle, x, y, scale, shearX, shearY })).Doubles("m");
        var map = (Projection.Translate(x, y) * Projection.Rotate(angle) * Projection.Shear(shearX, shearY) * Projection.Scale(scale, scale)).Inverse();
        double[] found = [map.A, map.B, map.C, map.D, map.E, map.F];
        for (var i = 0; i < 6; i++)
            Assert.Equal(answer[i], found[i], 1e-9);
    }
}
