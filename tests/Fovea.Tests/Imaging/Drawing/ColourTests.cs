using Fovea.Imaging.Drawing;

namespace Fovea.Tests.Imaging.Drawing;

public class ColourTests
{
    [Fact]
    public void OKLCH_gives_the_known_sRGB_colours()
    {
        Assert.Equal(Colour.White, Colour.FromOklch(1, 0, 0));
        Assert.Equal(Colour.Black, Colour.FromOklch(0, 0, 0));
        // Published coordinates of the primaries.
        Assert.Equal(new Colour(255, 0, 0), Colour.FromOklch(0.627955, 0.257683, 29.2339));
        Assert.Equal(new Colour(0, 255, 0), Colour.FromOklch(0.866440, 0.294827, 142.4953));
        Assert.Equal(new Colour(0, 0, 255), Colour.FromOklch(0.452014, 0.313214, 264.0520));
    }

    [Fact]
    public void Text_is_black_on_light_and_white_on_dark()
    {
        Assert.Equal(Colour.Black, new Colour(240, 228, 66).Contrast);
        Assert.Equal(Colour.White, new Colour(0, 0, 160).Contrast);
        Assert.Equal("#0a00ff", new Colour(10, 0, 255).ToString());
        Assert.Equal(new Colour(128, 128, 128), Colour.Black.Mix(Colour.White, 0.5));
    }

    [Fact]
    public void Maps_begin_and_end_as_they_should()
    {
        Assert.Equal(new Colour(0, 0, 128), ColourMap.Jet.At(0));
        Assert.Equal(new Colour(128, 0, 0), ColourMap.Jet.At(1));
        Assert.InRange(ColourMap.Jet.At(0.5).G, 254, 255);
        Assert.Equal(ColourMap.Viridis.At(0), ColourMap.Viridis.At(double.NaN));
        Assert.Equal(ColourMap.Viridis.At(1), ColourMap.Viridis.At(7));
        var grey = Enumerable.Range(0, 256).Select(i => ColourMap.Viridis.At(i / 255.0)).Select(c => 0.299 * c.R + 0.587 * c.G + 0.114 * c.B).ToList();
        Assert.All(grey.Zip(grey.Skip(1)), pair => Assert.True(pair.Second >= pair.First - 0.6));
    }

    [Fact]
    public void The_first_forty_classes_have_different_colours()
    {
        Assert.Equal(40, Enumerable.Range(0, 40).Select(Palette.Of).Distinct().Count());
        Assert.Equal(20, Enumerable.Range(0, 20).Select(Palette.Line).Distinct().Count());
        Assert.Equal([230, 159, 0, 86, 180, 233], Palette.Triples(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Palette.Of(-1));
    }
}
