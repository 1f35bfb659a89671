using System.Globalization;
using System.Xml.Linq;
using Fovea.Imaging;
using Fovea.Imaging.Drawing;

namespace Fovea.Tests.Imaging.Drawing;

public class ObjectDrawingTests
{
    private static readonly LabelSpace Labels = new(["cell", "<b>&", "третий"]);

    [Fact]
    public void Boxes_have_the_colour_of_their_class_at_their_edges()
    {
        var image = Grey(500, 400);
        var drawn = ObjectDrawing.Draw(image, new Prediction { Detections = [new(new Box(100, 150, 300, 350), 1, 0.9f)] }, Labels).ToImage();
        Assert.Equal(image.Size, drawn.Size);
        // Edges are smoothed, so a pixel on the line keeps a share of the dark line below it.
        var colour = Palette.Of(1);
        foreach (var (x, y) in new[] { (200, 350), (299, 250), (100, 250) })
        {
            var (r, g, b) = SvgCanvasTests.At(drawn, x, y);
            Assert.InRange(Math.Abs(r - colour.R) + Math.Abs(g - colour.G) + Math.Abs(b - colour.B), 0, 90);
        }

        Assert.Equal((100, 100, 100), SvgCanvasTests.At(drawn, 200, 250));
    }

    [Fact]
    public void Labels_never_leave_the_picture_and_say_class_and_score()
    {
        Box[] corners = [new(0, 0, 30, 20), new(470, 0, 500, 20), new(0, 380, 30, 400), new(470, 380, 500, 400), new(-50, -50, 600, 600)];
        var detections = corners.Select((box, i) => new Detection(box, i % 3, 0.876f)).ToList();
        var svg = XDocument.Parse(ObjectDrawing.Draw(Grey(500, 400), new Prediction { Detections = detections }, Labels, new DrawingStyle { ShowLabels = true }).ToSvg());
        var chips = svg.Descendants().Where(element => element.Name.LocalName == "rect" && element.Attribute("rx") is not null).ToList();
        Assert.Equal(5, chips.Count);
        foreach (var chip in chips)
        {
            Assert.InRange(Number(chip, "x"), 0, 500 - Number(chip, "width"));
            Assert.InRange(Number(chip, "y"), 0, 400 - Number(chip, "height"));
        }

        Assert.Equal(["cell 0.88", "<b>& 0.88", "третий 0.88", "cell 0.88", "<b>& 0.88"], svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
    }

    [Fact]
    public void Low_scores_are_left_out_and_nothing_found_is_just_the_picture()
    {
        var image = Grey(500, 400);
        var prediction = new Prediction { Detections = [new(new Box(10, 10, 90, 90), 0, 0.2f)] };
        Assert.Equal(image.Data, ObjectDrawing.Draw(image, prediction, Labels, new DrawingStyle { MinimumScore = 0.3 }).ToImage().Data);
        Assert.Equal(image.Data, ObjectDrawing.Draw(image, new Annotation { Instances = [] }, Labels).ToImage().Data);
        Assert.NotEqual(image.Data, ObjectDrawing.Draw(image, prediction, Labels).ToImage().Data);
    }

    [Fact]
    public void Masks_tint_their_pixels_and_no_others()
    {
        var image = Grey(480, 480);
        var mask = RunLengthMask.FromBox(new Box(100, 100, 200, 200), image.Size);
        var drawn = ObjectDrawing.Draw(image, new Annotation { Instances = [new Instance(2, mask.BoundingBox) { Mask = mask }] }, Labels, new DrawingStyle { ShowLabels = false, MaskOpacity = 0.5 }).ToImage();
        var tint = new Colour(100, 100, 100).Mix(Palette.Of(2), 0.5);
        var (r, g, b) = SvgCanvasTests.At(drawn, 150, 150);
        Assert.InRange(Math.Abs(r - tint.R) + Math.Abs(g - tint.G) + Math.Abs(b - tint.B), 0, 6);
        Assert.Equal((100, 100, 100), SvgCanvasTests.At(drawn, 210, 150));
    }

    [Fact]
    public void Where_labels_would_hide_the_picture_a_legend_counts_the_classes()
    {
        var crowd = Enumerable.Range(0, 60).Select(i => new Instance(i % 2, Box.FromSize(i % 10 * 48, i / 10 * 60, 30, 30))).ToList();
        var svg = XDocument.Parse(ObjectDrawing.Draw(Grey(480, 360), new Annotation { Instances = crowd }, Labels).ToSvg());
        Assert.Equal(["cell (30)", "<b>& (30)"], svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
        Assert.True(Number(svg.Root!, "height") > 360);
    }

    [Fact]
    public void Small_pictures_are_enlarged_and_cells_of_a_sheet_have_the_size_asked_for()
    {
        var digit = ObjectDrawing.Draw(Grey(28, 28), new Annotation { Label = 2 }, Labels);
        Assert.Equal(28 * 17, digit.Width);
        var cell = ObjectDrawing.Draw(Grey(640, 480), new Annotation { Label = 2 }, Labels, new DrawingStyle { LongestSide = 320 });
        Assert.Equal((320, 240), (cell.Width, cell.Height));
        Assert.Contains("третий", cell.ToSvg(), StringComparison.Ordinal);
    }

    [Fact]
    public void Probabilities_are_listed_best_first()
    {
        var svg = XDocument.Parse(ObjectDrawing.Draw(Grey(300, 300), new Prediction { Probabilities = [0.295f, 0.7f, 0.005f] }, Labels).ToSvg());
        Assert.Equal(["<b>& 0.70", "cell 0.30"], svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
    }

    [Fact]
    public void Keypoints_without_a_label_are_not_drawn()
    {
        Keypoint[] points = [new(50, 50, 2), new(100, 50, 1), new(0, 0, 0)];
        var canvas = new SvgCanvas(200, 200);
        KeypointDrawing.Draw(canvas, points, [(0, 1), (1, 2), (5, 6)], Palette.Of(0), 1, 4);
        var svg = XDocument.Parse(canvas.ToSvg());
        Assert.Equal(2, svg.Descendants().Count(e => e.Name.LocalName == "circle"));
        Assert.Equal(2, svg.Descendants().Count(e => e.Name.LocalName == "line"));
        Assert.Equal(19, KeypointDrawing.CocoPerson.Count);
    }

    [Fact]
    public void Label_maps_are_tinted_by_class_with_their_shares_below()
    {
        var map = new LabelMap(new ImageSize(2, 2), [0, 1, 1, 255]);
        var blended = LabelMapDrawing.Blend(new Image(map.Size, 3, new byte[12]), map, 1);
        Assert.Equal([230, 159, 0, 86, 180, 233, 86, 180, 233, 128, 128, 128], blended.Data);
        var svg = XDocument.Parse(LabelMapDrawing.Draw(map, Labels).ToSvg());
        Assert.Equal(["cell 25.0 %", "<b>& 50.0 %", "ignored 25.0 %"], svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
        Assert.Throws<ArgumentException>(() => LabelMapDrawing.Blend(Grey(3, 3), map, 1));
    }

    [Fact]
    public void Heat_maps_show_least_and_greatest_at_the_ends_of_the_scale()
    {
        var canvas = HeatMapDrawing.Draw([-1, 0, 1, 3], new ImageSize(2, 2));
        var image = canvas.ToImage();
        var (low, high) = (ColourMap.Viridis.At(0), ColourMap.Viridis.At(1));
        Assert.Equal((low.R, low.G, low.B), SvgCanvasTests.At(image, 10, 10));
        Assert.Equal((high.R, high.G, high.B), SvgCanvasTests.At(image, 400, 400));
        Assert.Equal(["3", "1", "-1"], XDocument.Parse(canvas.ToSvg()).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
        Assert.True(HeatMapDrawing.Draw([float.NaN, float.NaN], new ImageSize(1, 2), Grey(40, 20)).ToImage().Width > 0);
    }

    [Fact]
    public void Sheets_lay_cells_out_in_rows_with_captions()
    {
        var cell = new SvgCanvas(100, 50).Rectangle(0, 0, 100, 50, Colour.Black);
        var sheet = SampleSheet.Draw([(cell, "one"), (cell, "two\nlines"), (cell, "three")], 2, 200, "Title");
        var svg = XDocument.Parse(sheet.ToSvg());
        Assert.Equal(["Title", "one", "two", "lines", "three"], svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
        Assert.Equal(3 * 14 + 2 * 200, sheet.Width);
        Assert.Equal(3, svg.Descendants().Count(e => e.Name.LocalName == "svg") - 1);
        Assert.True(SampleSheet.Draw([]).ToImage().Width > 0);
    }

    private static Image Grey(int width, int height)
    {
        var image = new Image(new ImageSize(height, width), 3);
        Array.Fill(image.Data, (byte)100);
        return image;
    }

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
