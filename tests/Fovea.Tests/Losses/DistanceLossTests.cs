using Fovea.Losses;
using Fovea.Torch;

namespace Fovea.Tests.Losses;

/// <summary>Losses of distances against values worked out by hand on 5x5 pixels whose middle 3x3 are the object.</summary>
[LeakCheck]
public class DistanceLossTests
{
    private static readonly ImageSize Size = new(5, 5);
    private static readonly byte[] Square = [.. Enumerable.Range(0, 25).Select(static i => (byte)(i / 5 is >= 1 and <= 3 && i % 5 is >= 1 and <= 3 ? 1 : 0))];

    [Fact]
    public void Fields_are_distances_to_the_border()
    {
        var corner = MathF.Sqrt(2);
        Assert.Equal([corner, 1, 1, 1, corner, 1, 0, 0, 0, 1, 1, 0, -1, 0, 1], DistanceFields.Signed(Square, Size).Take(15));
        Assert.Equal([corner, 1, 1, 1, corner, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1], DistanceFields.TwoSided(Square, Size).Take(15));
        Assert.Equal([0f, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 2, 1, 0], DistanceFields.Inside(Square, Size).Take(15));
        foreach (var value in new byte[] { 0, 1 })
        {
            var even = Enumerable.Repeat(value, 25).ToArray();
            Assert.All(DistanceFields.Signed(even, Size).Concat(DistanceFields.TwoSided(even, Size)), static distance => Assert.Equal(0, distance));
        }
    }

    [Fact]
    public void The_boundary_loss_equals_the_hand_calculated_values()
    {
        using var scope = new TensorScope();
        var labels = Labels(Square);
        Assert.Equal(.3331371, new BoundaryLoss().Compute(Logits([.. Enumerable.Repeat(.5, 25)]), labels).ToDouble(), 1e-6);
        Assert.Equal(-.04, new BoundaryLoss().Compute(Logits([.. Square.Select(static value => value == 1 ? 1 - 1e-12 : 1e-12)]), labels).ToDouble(), 1e-6);
        // A class that is not there says nothing, and neither do pixels that count for nothing.
        Assert.Equal(0, new BoundaryLoss().Compute(Logits([.. Enumerable.Repeat(.5, 25)]), Labels(new byte[25])).ToDouble());
        var ignoring = (byte[])Square.Clone();
        ignoring[0] = ignoring[24] = 255;
        Assert.Equal((.3331371 * 25 - Math.Sqrt(2)) / 23, new BoundaryLoss().Compute(Logits([.. Enumerable.Repeat(.5, 25)]), Labels(ignoring)).ToDouble(), 1e-6);
        Assert.Throws<FoveaException>(() => new BoundaryLoss().Compute(Tensor.Zeros([1, 2, 25]), Tensor.Zeros([1, 25], Dtype.Int64)));
    }

    [Fact]
    public void The_Hausdorff_loss_equals_the_hand_calculated_values()
    {
        using var scope = new TensorScope();
        var probabilities = Square.Select(static value => value == 1 ? .8 : 1e-12).ToArray();
        probabilities[6] = .3;
        probabilities[9] = probabilities[14] = probabilities[19] = .6;
        var logits = Logits(probabilities);
        Assert.Equal(.2056, new HausdorffLoss().Compute(logits, Labels(Square)).ToDouble(), 1e-6);
        Assert.Equal(.1428, new HausdorffLoss { IsTwoSided = false }.Compute(logits, Labels(Square)).ToDouble(), 1e-6);
        // Nothing there: only the predicted region has a border.
        Assert.True(new HausdorffLoss().Compute(logits, Labels(new byte[25])).ToDouble() > 0.1);
        Assert.Equal(0, new HausdorffLoss().Compute(Logits([.. Enumerable.Repeat(.4, 25)]), Labels(new byte[25])).ToDouble());
    }

    [Fact]
    public void Heat_maps_have_a_peak_at_every_point()
    {
        using var scope = new TensorScope();
        float[] expected = [.018316f, .082085f, .135335f, .082085f, .018316f, .082085f, .367879f, .606531f, .367879f, .082085f, .135335f, .606531f, 1, .606531f, .135335f];
        var map = HeatMaps.Target(Size, [(2.5, 2.5)], 1).ToArray<float>();
        Assert.All(expected.Zip(map), static pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal(map, map.Reverse());
        // Where peaks meet, the greater one.
        var corner = HeatMaps.Target(Size, [(0.5, 0.5)], 1).ToArray<float>();
        Assert.Equal(map.Zip(corner, Math.Max), HeatMaps.Target(Size, [(2.5, 2.5), (0.5, 0.5)], 1).ToArray<float>());
        Assert.All(HeatMaps.Target(Size, [], 1).ToArray<float>(), static value => Assert.Equal(0, value));
        var predicted = Tensor.FromArray<double>([.2, .8, .1, .9], [2, 2]);
        predicted.RequiresGrad = true;
        var target = Tensor.FromArray<double>([0, 1, .5, 1], [2, 2]);
        var loss = HeatMaps.Loss(predicted, target);
        Assert.Equal(.0625, loss.ToDouble(), 1e-9);
        loss.Backward();
        Assert.All(predicted.Gradient!.ToArray<double>().Zip([.1, -.1, -.2, -.05]), static pair => Assert.Equal(pair.Second, pair.First, 1e-9));
        Assert.Equal((.04 + .04 * 2 + .16 * 1.5 + .01 * 2) / 4, HeatMaps.Loss(predicted, target, 1).ToDouble(), 1e-9);
        Assert.Throws<FoveaException>(() => HeatMaps.Loss(predicted, target[..1]));
    }

    private static Tensor Labels(byte[] values) => Tensor.FromArray(Array.ConvertAll(values, static value => (long)value), [1, 5, 5]);

    private static Tensor Logits(double[] probabilities) => Aten.Cat(
        [Tensor.Zeros([1, 1, 5, 5], Dtype.Float64), Tensor.FromArray(probabilities.Select(static p => Math.Log(p / (1 - p))).ToArray(), [1, 1, 5, 5])], 1);
}
