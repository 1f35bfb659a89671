using Fovea.Imaging;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Tests.Transforms;

public class ColourShiftTests
{
    [Fact]
    public void The_shift_is_the_product_of_directions_lengths_and_shares()
    {
        var shift = PrincipalColours.ImageNet.Shift([1, -2, 0.5]).Shift;
        var reference = PythonReference.Run(
            """
            p = np.array([[-.5675, .7192, .4009], [-.5808, -.0045, -.8140], [-.5836, -.6948, .4203]])
            out['s'] = p @ (np.array([1, -2, .5]) * np.array([.2175, .0188, .0045]))
            """).Doubles("s");
        Assert.Equal(reference[0], shift.Red, 1e-12);
        Assert.Equal(reference[1], shift.Green, 1e-12);
        Assert.Equal(reference[2], shift.Blue, 1e-12);
    }

    [Fact]
    public void No_shift_changes_nothing_and_a_shift_is_the_same_everywhere()
    {
        var scene = Scene.Of(Scenes.RandomImage(new ImageSize(7, 9)));
        Assert.Equal(scene.Image.Data, new ColourShift(0, 0, 0).Apply(scene).Image.Data);
        var shifted = new ColourShift(0.101, -0.2, 0.004).Apply(scene).Image.Data;
        int[] expected = [26, -51, 1];
        for (var i = 0; i < shifted.Length; i++)
            Assert.Equal((byte)Math.Clamp(scene.Image.Data[i] + expected[i % 3], 0, 255), shifted[i]);
        var error = Assert.Throws<FoveaException>(() => new ColourShift(0, 0, 0).Apply(Scene.Of(new Image(new ImageSize(2, 2), 1))));
        Assert.Contains("found a grey picture, expected RGB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Principal_colours_are_found_in_the_data()
    {
        // Colours that go together, as in photographs, so that the three lengths are far apart.
        Image[] pictures = [Mixed(1), Mixed(2)];
        var reference = PythonReference.Run(
            "x = np.concatenate([a.reshape(-1, 3), b.reshape(-1, 3)]).astype(float) / 255; w, v = np.linalg.eigh(np.cov(x.T, bias=True)); out['l'] = np.sqrt(w[::-1]); out['v'] = v[:, ::-1].T",
            ("a", Scenes.Array(pictures[0])), ("b", Scenes.Array(pictures[1])));
        var unfitted = (RandomColourShift)TransformFactory.Create("pca_colour", new Dictionary<string, object?> { ["colours"] = "data" });
        Assert.Throws<InvalidOperationException>(() => unfitted.Sample(Scene.Of(pictures[0]), new RandomStream(0, 0, 0)));
        var found = ((RandomColourShift)unfitted.Fit(pictures)).Found!;
        var (lengths, directions) = (reference.Doubles("l"), reference.Doubles("v"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(lengths[i], found.Lengths[i], 1e-9);
            var dot = Enumerable.Range(0, 3).Sum(c => found.Directions[i][c] * directions[3 * i + c]);
            Assert.Equal(1, Math.Abs(dot), 1e-9);
        }

        var given = new RandomColourShift(0.1, PrincipalColours.ImageNet);
        Assert.Same(given, given.Fit(pictures));
        Assert.Contains("found no pictures", Assert.Throws<FoveaException>(() => unfitted.Fit([])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shifts_have_the_spread_asked_for()
    {
        var draws = Enumerable.Range(0, 4000).Select(i => ((ColourShift)new RandomColourShift(0.1, new PrincipalColours([1, 0, 0], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]))
            .Sample(Scene.Of(new Image(new ImageSize(1, 1), 3)), new RandomStream(4, 0, i))).Shift.Red).ToList();
        Assert.Equal(0, draws.Average(), 0.006);
        Assert.Equal(0.1, Math.Sqrt(draws.Average(static d => d * d)), 0.005);
    }

    private static Image Mixed(int seed)
    {
        var random = new Random(seed);
        var image = new Image(new ImageSize(20, 30), 3);
        for (var i = 0; i < image.Data.Length; i += 3)
        {
            var light = random.Next(40, 200);
            for (var c = 0; c < 3; c++)
                image.Data[i + c] = (byte)(light + random.Next(10 * (c + 1)));
        }

        return image;
    }
}
