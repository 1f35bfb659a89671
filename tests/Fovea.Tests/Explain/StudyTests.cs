using Fovea.Explain;
using Fovea.Imaging;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Explain;

[LeakCheck]
public class StudyTests
{
    [Fact]
    public void The_effective_field_of_equal_layers_is_the_known_bell()
    {
        using var scope = new TensorScope();
        using var network = Boxes(10);
        var field = EffectiveReceptiveField.Of(network.Forward, [1, 1, 41, 41], samples: 1);
        Assert.Equal(10 * 8 / 12.0, field.Variance.Vertical, 1e-4);
        Assert.Equal(10 * 8 / 12.0, field.Variance.Horizontal, 1e-4);
        Assert.Equal(21, field.Support);
        using var deeper = Boxes(20);
        Assert.Equal(Math.Sqrt(2), Math.Sqrt(EffectiveReceptiveField.Of(deeper.Forward, [1, 1, 61, 61], samples: 1).Variance.Vertical / field.Variance.Vertical), 1e-4);
    }

    [Fact]
    public void An_unchanged_picture_has_unchanged_features()
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        using var network = SmallClassifier.WithMeans();
        network.To(dtype: Dtype.Float32);
        var picture = Picture(9);
        NamedLayer[] layers = [LayerChoice.Find(network, "layers.0"), LayerChoice.Find(network, "layers.4")];
        foreach (var change in PictureChange.All)
        {
            var curves = FeatureInvariance.Measure(network, layers, new ClassTarget(0), ("picture", picture), change);
            var identity = change == PictureChange.Translation ? change.Values.Count / 2 : 0;
            Assert.All(curves.Distances, distances => Assert.Equal(0, distances[identity]));
            Assert.All(curves.Distances, static distances => Assert.True(distances.Max() > 1e-3));
            Assert.Equal(change.Values.Count, curves.Confidences.Count);
            if (change == PictureChange.Rotation)
                Assert.All(curves.Distances, static distances => Assert.Equal(0, distances[^1], 1e-4));
        }
    }

    [Fact]
    public void The_strongest_places_are_found_one_for_each_picture()
    {
        using var scope = new TensorScope();
        using var network = SmallClassifier.WithMeans();
        network.To(dtype: Dtype.Float32);
        // Map 0 of the first convolution likes red spots.
        using (Autograd.NoGrad())
        {
            var convolution = (Conv2d)network.Find("layers.0");
            convolution.Weight[0].ZeroInPlace();
            convolution.Weight[0, 0].FillInPlace(1);
            convolution.Bias!.ZeroInPlace();
        }

        var pictures = Enumerable.Range(0, 12).Select(i => ($"picture {i}", Spot(8 + i, 20 - i, (byte)(100 + 10 * i)))).ToList();
        var found = StrongestPatches.Find(network, LayerChoice.Find(network, "layers.1"), [0], pictures)[0];
        Assert.Equal(9, found.Count);
        Assert.Equal(Enumerable.Range(3, 9).Reverse().Select(static i => $"picture {i}"), found.Select(static patch => patch.Path));
        Assert.Equal((9, 19), (found[0].Row, found[0].Column));
        Assert.Equal(new ImageSize(3, 3), found[0].Patch.Size);
        Assert.Equal(new ImageSize(3, 3), found[0].Projection!.Size);
        Assert.All(found[0].Patch.Data.Where(static (_, i) => i % 3 == 0), static red => Assert.Equal(210, red));
        Assert.Contains("0 to 5", Assert.Throws<FoveaException>(() => StrongestPatches.Find(network, LayerChoice.Find(network, "layers.1"), [6], pictures)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void First_filters_stand_in_a_grid_of_one_scale()
    {
        using var scope = new TensorScope();
        using var network = new Sequential(new Conv2d(3, 5, 4));
        using (Autograd.NoGrad())
        {
            var weight = ((Conv2d)network.Find("0")).Weight;
            weight.ZeroInPlace();
            weight[0].FillInPlace(1);
            weight[1].FillInPlace(0.5);
            weight[2].FillInPlace(-1);
        }

        var grid = FirstLayerFilters.Draw(network);
        Assert.Equal(new ImageSize(2 * 26 + 2, 3 * 26 + 2), grid.Size);
        byte At(int x, int y) => grid.Data[(y * grid.Width + x) * 3];
        Assert.Equal((255, 191, 0, 128), (At(5, 5), At(31, 5), At(57, 5), At(5, 31)));
    }

    private static Sequential Boxes(int count)
    {
        var network = new Sequential(Enumerable.Range(0, count).Select(static _ => new Conv2d(1, 1, 3, hasBias: false)));
        foreach (var parameter in network.Parameters())
            Init.Constant(parameter, 1 / 9.0);
        return network;
    }

    private static Image Picture(int seed)
    {
        var picture = new Image(new ImageSize(28, 28), 3);
        new Random(seed).NextBytes(picture.Data);
        return picture.GaussianBlur(2);
    }

    private static Image Spot(int x, int y, byte red)
    {
        var picture = new Image(new ImageSize(28, 28), 3);
        Array.Clear(picture.Data);
        for (var dy = -1; dy <= 1; dy++)
            for (var dx = -1; dx <= 1; dx++)
                picture.Data[((y + dy) * 28 + x + dx) * 3] = red;
        return picture;
    }
}
