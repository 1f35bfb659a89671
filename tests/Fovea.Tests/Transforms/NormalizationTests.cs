using Fovea.Imaging;
using Fovea.Transforms;

namespace Fovea.Tests.Transforms;

public class NormalizationTests
{
    [Theory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(1, false)]
    public void Values_are_those_of_torchvision_to_the_last_bit(int channels, bool blueFirst)
    {
        var image = Scenes.RandomImage(new ImageSize(37, 41), channels);
        var preprocessing = channels == 3 ? new Preprocessing { BlueFirst = blueFirst } : new Preprocessing { Mean = [0.1307f], Std = [0.3081f] };
        var answer = PythonReference.Run(
            "from PIL import Image; import torchvision.transforms as t; out['x'] = t.Compose([t.ToTensor(), t.Normalize(m.tolist(), s.tolist())])(a[..., ::-1].copy() if blue else a)".Replace("blue", blueFirst ? "True" : "False", StringComparison.Ordinal),
            ("a", Scenes.Array(image)), ("m", preprocessing.Mean.Select(static value => (double)value).ToArray()), ("s", preprocessing.Std.Select(static value => (double)value).ToArray())).Floats("x");
        var planar = new float[channels * 40 * 48];
        Array.Fill(planar, float.NaN);
        var interleaved = (float[])planar.Clone();
        var normalization = new Normalization(preprocessing);
        normalization.Write(image, "x", planar, new ImageSize(40, 48), channelsLast: false);
        normalization.Write(image, "x", interleaved, new ImageSize(40, 48), channelsLast: true);
        for (var channel = 0; channel < channels; channel++)
        {
            for (var row = 0; row < 40; row++)
            {
                for (var column = 0; column < 48; column++)
                {
                    var expected = row < 37 && column < 41 ? answer[(channel * 37 + row) * 41 + column] : 0;
                    Assert.Equal(expected, planar[(channel * 40 + row) * 48 + column]);
                    Assert.Equal(expected, interleaved[(row * 48 + column) * channels + channel]);
                }
            }
        }
    }

    [Fact]
    public void Records_that_do_not_fit_are_refused()
    {
        Assert.Throws<FoveaException>(() => new Normalization(new Preprocessing { Mean = [0.5f] }));
        Assert.Throws<FoveaException>(() => new Normalization(new Preprocessing { Std = [1, 0, 1] }));
        Assert.Throws<FoveaException>(() => new Normalization(new Preprocessing { Mean = [0.5f], Std = [1], BlueFirst = true }));
        var error = Assert.Throws<DataException>(() => new Normalization(new Preprocessing()).Write(new Image(new ImageSize(2, 2), 1), "grey.png", new float[12], new ImageSize(2, 2), false));
        Assert.Contains("grey.png: channels: found 1 of UInt8, expected 3", error.Message, StringComparison.Ordinal);
    }
}
