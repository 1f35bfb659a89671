using System.Globalization;
using System.Text;

namespace Fovea.Reports.Sections;

/// <summary>What was trained and evaluated on: counts, and how often every class occurs.</summary>
internal static class DataSummary
{
    private const int Shown = 40;

    public static void Write(StringBuilder page, RunData run)
    {
        var (data, labels) = (run.Facts.Data, run.Facts.Labels);
        page.Append("<h2>Data</h2><div class=\"two\"><div class=\"card\"><table class=\"full\"><tr><th>part</th><th class=\"n\">images</th><th class=\"n\">empty</th><th class=\"n\">counted</th></tr>");
        foreach (var part in data)
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Html.Text(part.Name)}</td><td class=\"n\">{Html.Count(part.Images)}</td><td class=\"n\">{Html.Count(part.Empty)}</td><td class=\"n\">{Html.Count(part.Counts.Sum())} {Html.Text(part.Unit)}</td></tr>");
        }

        page.Append("</table>");
        foreach (var note in data.SelectMany(static part => part.Notes).Distinct())
            page.Append("<p class=\"note soft\">").Append(Html.Text(note)).Append("</p>");
        page.Append("</div><figure class=\"card\"><figcaption>Classes, ").Append(Html.Text(data[0].Unit)).Append("</figcaption><div class=\"bars\">");

        // The shares are of each part, so that a small validation set compares with a large training set.
        var largest = data.Max(part => part.Counts.Count == 0 ? 0 : (double)part.Counts.Max() / Math.Max(1, part.Counts.Sum()));
        var order = Enumerable.Range(0, labels.Count).OrderByDescending(i => labels.Count > Shown ? data[0].Counts[i] : 0).Take(Shown);
        foreach (var index in order)
        {
            page.Append("<span>").Append(Html.Text(labels[index])).Append("</span><span class=\"track\">");
            for (var p = 0; p < data.Count; p++)
            {
                var share = data[p].Counts[index] / (double)Math.Max(1, data[p].Counts.Sum());
                page.Append(CultureInfo.InvariantCulture, $"<span class=\"bar b{p % 8}\" style=\"width:{Html.Number(largest > 0 ? 100 * share / largest : 0)}%\"></span>");
            }

            page.Append("</span><span class=\"soft\">").Append(string.Join(" / ", data.Select(part => Html.Count(part.Counts[index])))).Append("</span>");
        }

        page.Append("</div><div class=\"legend\">");
        for (var p = 0; p < data.Count; p++)
            page.Append(CultureInfo.InvariantCulture, $"<span><i class=\"b{p % 8}\"></i>{Html.Text(data[p].Name)}</span>");
        page.Append("</div>");
        if (labels.Count > Shown)
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">The {Shown} most frequent of {Counted.Of(labels.Count, "class")}; bars are shares of each part.</p>");
        page.Append("</figure></div>");
    }
}
