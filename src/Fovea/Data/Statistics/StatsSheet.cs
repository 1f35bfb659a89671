using Fovea.Imaging.Drawing;

namespace Fovea.Data.Statistics;

/// <summary>Draws the figures of a data set: bars for the classes, histograms for the sizes.</summary>
public static class StatsSheet
{
    private const double ChartWidth = 560;
    private const double ChartHeight = 260;
    private const double Gap = 16;
    private const double TitleSize = 20;
    // Beyond this the bars of the rare classes would fill a page of their own.
    private const int MostBars = 40;

    /// <summary>Draws all figures on one sheet, in two columns.</summary>
    public static SvgCanvas Draw(DatasetStats stats)
    {
        const double top = 2 * Gap + TitleSize;
        var columns = new[] { top, top };
        var places = new List<(SvgCanvas Chart, double X, double Y)>();
        foreach (var chart in Charts(stats))
        {
            var column = columns[0] <= columns[1] ? 0 : 1;
            places.Add((chart, Gap + column * (ChartWidth + Gap), columns[column]));
            columns[column] += chart.Height + Gap;
        }

        var canvas = new SvgCanvas(2 * ChartWidth + 3 * Gap, columns.Max());
        canvas.Text(Gap, Gap + TitleSize, $"{stats.Name}: {Counted.Of(stats.Images, "image")}{(stats.Objects > 0 ? $", {Counted.Of(stats.Objects, "object")}" : "")}", TitleSize, bold: true);
        foreach (var (chart, x, y) in places)
            canvas.Place(chart, x, y);
        return canvas;
    }

    private static IEnumerable<SvgCanvas> Charts(DatasetStats stats)
    {
        yield return Bars("images per class", stats.Classes.Select(static item => (item.Name, (double)item.Images)));
        if (stats.Objects > 0)
            yield return Bars("objects per class", stats.Classes.Select(static item => (item.Name, (double)item.Objects)));
        var pixels = stats.Classes.Sum(static item => (double)item.Pixels);
        if (pixels > 0)
            yield return Bars("share of pixels, per cent", stats.Classes.Select(item => (item.Name, 100 * item.Pixels / pixels)));
        foreach (var histogram in stats.Histograms.Where(static histogram => histogram.Maximum > histogram.Minimum))
        {
            yield return new Imaging.Drawing.Histogram
            {
                Edges = histogram.Edges,
                Counts = [.. histogram.Counts.Select(static count => (double)count)],
                Title = histogram.Name,
            }.Draw(ChartWidth, ChartHeight);
        }
    }

    private static SvgCanvas Bars(string title, IEnumerable<(string Name, double Value)> values)
    {
        var bars = values.ToList();
        if (bars.Count <= MostBars)
            return new BarChart { Bars = bars, Title = title, Format = "#,0.#" }.Draw(ChartWidth);
        // One colour: the bars are no longer in the order of the classes, whose colours would mislead.
        bars = [.. bars.OrderByDescending(static bar => bar.Value).Take(MostBars)];
        return new BarChart { Bars = bars, Title = $"{title}, the {MostBars} commonest", Format = "#,0.#", Colour = Palette.Line(0) }.Draw(ChartWidth);
    }
}
