using System.Globalization;
using System.Xml.Linq;
using Fovea.Imaging;
using Fovea.Imaging.Drawing;

namespace Fovea.Tests.Imaging.Drawing;

public class SvgCanvasTests
{
    [Fact]
    public void Shapes_are_drawn_where_they_should_be()
    {
        var image = new SvgCanvas(20, 10).Rectangle(2, 3, 4, 5, new Colour(255, 0, 0)).Circle(15, 5, 3, new Colour(0, 0, 255)).ToImage();
        Assert.Equal(new ImageSize(10, 20), image.Size);
        Assert.Equal((255, 0, 0), At(image, 2, 3));
        Assert.Equal((255, 0, 0), At(image, 5, 7));
        Assert.Equal((255, 255, 255), At(image, 6, 8));
        Assert.Equal((0, 0, 255), At(image, 15, 5));
        Assert.Equal((255, 255, 255), At(image, 10, 5));
        var doubled = new SvgCanvas(20, 10).Rectangle(2, 3, 4, 5, new Colour(255, 0, 0)).ToImage(2);
        Assert.Equal(new ImageSize(20, 40), doubled.Size);
        Assert.Equal((255, 0, 0), At(doubled, 11, 15));
        Assert.Equal((255, 255, 255), At(doubled, 12, 16));
    }

    [Fact]
    public void Outlines_within_outlines_are_holes()
    {
        var ring = new SvgCanvas(10, 10).Polygon([[1, 1, 9, 1, 9, 9, 1, 9], [3, 3, 3, 7, 7, 7, 7, 3]], Colour.Black).ToImage();
        Assert.Equal((0, 0, 0), At(ring, 2, 2));
        Assert.Equal((255, 255, 255), At(ring, 5, 5));
    }

    [Fact]
    public void Hostile_text_stays_text_in_any_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            const string hostile = "</text><script>&\"'\u0001\uD800 ]]>";
            var svg = XDocument.Parse(new SvgCanvas(100, 50).Text(-1.5, 20.25, hostile, 12).Line(0.5, 1, 2, 3, Colour.Black).ToSvg());
            var text = svg.Descendants().Single(element => element.Name.LocalName == "text");
            Assert.Equal("</text><script>&\"'\uFFFD\uFFFD ]]>", text.Value);
            Assert.Equal("-1.5", text.Attribute("x")!.Value);
            Assert.DoesNotContain(svg.Descendants(), element => element.Name.LocalName == "script");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("Hello"), InlineData("собака"), InlineData("自転車"), InlineData("سيارة"), InlineData("श्वान"), InlineData("กระถาง")]
    public void Text_of_every_script_leaves_ink_within_about_its_estimated_width(string text)
    {
        var image = new SvgCanvas(400, 60).Text(10, 40, text, 30, Colour.Black).ToImage();
        var columns = Enumerable.Range(0, 400).Where(x => Enumerable.Range(0, 60).Any(y => At(image, x, y) != (255, 255, 255))).ToList();
        Assert.NotEmpty(columns);
        var (drawn, estimated) = (columns[^1] - columns[0] + 1, TextWidth.Of(text, 30));
        Assert.InRange(drawn, estimated * 0.5, estimated * 1.12);
    }

    [Fact]
    public void Text_is_cut_to_fit()
    {
        Assert.Equal("dog", TextWidth.Fit("dog", 10, 100));
        var cut = TextWidth.Fit("a rather long name of a class", 10, 60);
        Assert.EndsWith("…", cut, StringComparison.Ordinal);
        Assert.True(TextWidth.Of(cut, 10) <= 60);
        // "dog": 635 + 612 + 635 thousandths.
        Assert.Equal(18.82, TextWidth.Of("dog", 10), 1e-9);
    }

    [Fact]
    public void Pictures_lie_below_shapes_and_travel_inside_the_SVG()
    {
        var picture = new Image(new ImageSize(2, 2), 3, [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]);
        var canvas = new SvgCanvas(8, 8).Rectangle(0, 0, 1, 1, Colour.Black).Picture(picture, 0, 0, 8, 8, smooth: false);
        var image = canvas.ToImage();
        Assert.Equal((0, 0, 0), At(image, 0, 0));
        Assert.Equal((255, 0, 0), At(image, 3, 3));
        Assert.Equal((0, 255, 0), At(image, 4, 3));
        Assert.Equal((9, 9, 9), At(image, 7, 7));
        var reference = XDocument.Parse(canvas.ToSvg()).Descendants().Single(element => element.Name.LocalName == "image").Attribute("href")!.Value;
        Assert.StartsWith("data:image/png;base64,", reference, StringComparison.Ordinal);
        Assert.Equal(picture.Data, Image.Decode(Convert.FromBase64String(reference["data:image/png;base64,".Length..]), "href").Data);
    }

    [Fact]
    public void A_drawing_within_a_drawing_is_moved_scaled_and_cut_off()
    {
        var child = new SvgCanvas(10, 10).Picture(new Image(new ImageSize(1, 1), 3, [1, 2, 3]), 0, 0, 5, 10).Rectangle(5, 0, 50, 10, Colour.Black);
        var image = new SvgCanvas(40, 40).Place(child, 10, 10, 2).ToImage();
        Assert.Equal((255, 255, 255), At(image, 9, 15));
        Assert.Equal((1, 2, 3), At(image, 12, 15));
        Assert.Equal((0, 0, 0), At(image, 25, 15));
        Assert.Equal((255, 255, 255), At(image, 31, 15));
    }

    [Fact]
    public void Files_are_written_by_extension()
    {
        using var folder = new TempFolder();
        var canvas = new SvgCanvas(30, 20).Rectangle(0, 0, 30, 20, Colour.Black);
        canvas.Save(folder.File("x.svg"));
        canvas.Save(folder.File("x.png"), 2);
        Assert.Equal("svg", XDocument.Load(folder.File("x.svg")).Root!.Name.LocalName);
        Assert.Equal(new ImageSize(40, 60), ImageInfo.Read(folder.File("x.png")).Size);
        Assert.Throws<FoveaException>(() => canvas.Save(folder.File("x.pdf")));
        Assert.Throws<ArgumentException>(() => new SvgCanvas(0, 10));
        Assert.Throws<ArgumentException>(() => canvas.Circle(double.NaN, 0, 1));
    }

    internal static (int R, int G, int B) At(Image image, int x, int y)
    {
        var at = (y * image.Width + x) * 3;
        return (image.Data[at], image.Data[at + 1], image.Data[at + 2]);
    }
}
