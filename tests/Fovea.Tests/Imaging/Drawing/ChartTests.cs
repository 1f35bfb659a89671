using System.Xml.Linq;
using Fovea.Imaging.Drawing;

namespace Fovea.Tests.Imaging.Drawing;

public class ChartTests
{
    [Fact]
    public void Linear_axes_have_round_numbers_around_the_values()
    {
        var axis = AxisScale.Fit([0.13, 2.6], about: 6);
        Assert.Equal([0, 0.5, 1, 1.5, 2, 2.5, 3], axis.Ticks.Select(tick => Math.Round(tick, 9)));
        Assert.Equal(0.5, axis.At(1.5));
        Assert.Null(axis.At(double.NaN));
        Assert.Equal([20, 40, 60, 80], AxisScale.Fit([7, 93], about: 5, tight: true).Ticks);
        Assert.True(AxisScale.Fit([5, 5]).At(5) is > 0 and < 1);
        Assert.NotEmpty(AxisScale.Fit([]).Ticks);
    }

    [Fact]
    public void Logarithmic_axes_have_powers_of_ten_and_leave_out_what_they_cannot_show()
    {
        var axis = AxisScale.Fit([0.002, 50, 0, -3], logarithmic: true);
        Assert.Equal([0.001, 0.01, 0.1, 1, 10, 100], axis.Ticks.Select(tick => Math.Round(tick, 9)));
        Assert.Equal(0.6, axis.At(1)!.Value, 1e-9);
        Assert.Null(axis.At(0));
    }

    [Theory]
    [InlineData(0, "0"), InlineData(0.25, "0.25"), InlineData(1500, "1500"), InlineData(20000, "20 k"), InlineData(3.5e6, "3.5 M"), InlineData(0.0001, "1e-4"), InlineData(3.2e38, "3.2e38")]
    public void Ticks_are_written_as_people_write_them(double value, string expected) => Assert.Equal(expected, AxisScale.Format(value));

    [Fact]
    public void Curves_go_through_their_points_and_break_where_there_is_no_number()
    {
        var chart = new LineChart
        {
            Title = "Loss & more", XLabel = "step", YLabel = "loss",
            Series = [new("a", [(0, 1), (1, 2), (2, double.NaN), (3, 1), (4, 0)]), new("b", [(2, double.PositiveInfinity)]) { IsDashed = true }],
        };
        var svg = XDocument.Parse(chart.Draw().ToSvg());
        Assert.Equal(2, svg.Descendants().Count(e => e.Name.LocalName == "polyline"));
        Assert.Equal(4, svg.Descendants().Count(e => e.Name.LocalName == "circle"));
        var texts = svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToList();
        Assert.All(["Loss & more", "a", "b", "step", "loss"], text => Assert.Contains(text, texts));

        // The last point lies on the lower right corner of the axes.
        var image = new LineChart { Series = [new("a", [(0, 1), (4, 0)]) { Colour = new Colour(255, 0, 0) }] }.Draw(400, 300).ToImage();
        var red = Enumerable.Range(0, 400 * 300).Where(i => image.Data[i * 3] > 240 && image.Data[i * 3 + 1] < 20).Select(i => (X: i % 400, Y: i / 400)).ToList();
        Assert.True(red.MaxBy(p => p.X).Y > red.MinBy(p => p.X).Y + 150);
    }

    [Fact]
    public void Charts_of_nothing_are_empty_charts()
    {
        Assert.True(new LineChart { Series = [] }.Draw().ToImage().Width > 0);
        Assert.True(new LineChart { Series = [new("none", [])], IsLogarithmic = true }.Draw().ToImage().Width > 0);
        Assert.True(new BarChart { Bars = [] }.Draw().ToImage().Width > 0);
        Assert.True(Histogram.Of([]).Draw().ToImage().Width > 0);
        Assert.Throws<ArgumentException>(() => new LineChart { Series = [] }.Draw(40, 40));
    }

    [Fact]
    public void Bars_are_as_long_as_their_values()
    {
        var bars = Widths(new BarChart { Bars = [("a", 100), ("b", 25), ("c", 0)], Colour = Colour.Black }.Draw());
        Assert.Equal(2, bars.Count);
        Assert.Equal(4, bars[0] / bars[1], 0.01);
        var logarithmic = Widths(new BarChart { Bars = [("a", 1000), ("b", 10), ("c", 1)], IsLogarithmic = true }.Draw());
        Assert.Equal([1, 0.4, 0.1], logarithmic.Select(width => Math.Round(width / logarithmic[0], 2)));

        static List<double> Widths(SvgCanvas canvas) => [.. XDocument.Parse(canvas.ToSvg()).Descendants().Where(e => e.Name.LocalName == "rect")
            .Select(e => double.Parse(e.Attribute("width")!.Value, System.Globalization.CultureInfo.InvariantCulture))];
    }

    [Fact]
    public void Histograms_count_every_value_once()
    {
        var histogram = Histogram.Of([0, 1, 2, 3, 4, 10, double.NaN], 5);
        Assert.Equal([2, 2, 1, 0, 1], histogram.Counts);
        Assert.Equal([0, 2, 4, 6, 8, 10], histogram.Edges);
        Assert.Equal([0, 0, 3], Histogram.Of([5, 5, 5], 3).Counts.Order());
        Assert.Throws<ArgumentException>(() => new Histogram { Edges = [1], Counts = [1] }.Draw());
    }

    [Fact]
    public void Confusion_matrices_show_every_count()
    {
        var svg = XDocument.Parse(ConfusionMatrixDrawing.Draw(new long[,] { { 5, 1 }, { 0, 12345 } }, ["a", "b"]).ToSvg());
        var texts = svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToList();
        Assert.All(["5", "1", "12,345", "predicted", "true"], text => Assert.Contains(text, texts));
        Assert.DoesNotContain("0", texts);
        Assert.Throws<ArgumentException>(() => ConfusionMatrixDrawing.Draw(new long[2, 2], ["a"]));
    }
}
