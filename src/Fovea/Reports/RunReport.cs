using System.Globalization;
using System.Text;
using Fovea.Reports.Sections;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Reports;

/// <summary>
/// The report of a run: one page with everything in it, made from what lies in the run's folder. It opens without a network
/// and can be made again at any time.
/// </summary>
public static class RunReport
{
    /// <summary>Writes report.html into a run's folder.</summary>
    /// <exception cref="FoveaException">The folder holds no run, or cannot be written.</exception>
    public static void Write(RunFolder folder) => AtomicFile.WriteText(folder.Report, Page(RunData.Read(folder)));

    private static string Page(RunData run)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.Append(CultureInfo.InvariantCulture, $"<title>{Html.Text(run.Facts.Name)}</title><style>{Style.Sheet}</style></head><body><main>");
        Summary.Write(page, run);
        Curves.Write(page, run);
        Figures.Write(page, run);
        ClassCharts.Write(page, run);
        Gallery.Write(page, run);
        DataSummary.Write(page, run);
        WriteRun(page, run);
        page.Append("<footer>Made by Fovea ").Append(Html.Text(Version)).Append("</footer></main></body></html>");
        return page.ToString();
    }

    private static string Version => typeof(RunReport).Assembly.GetName().Version?.ToString(3) ?? "";

    private static void WriteRun(StringBuilder page, RunData run)
    {
        page.Append("<h2>Run</h2><div class=\"card\"><table class=\"full\">");
        foreach (var line in run.Facts.Lines)
            page.Append("<tr><th>").Append(Html.Text(line.Subject)).Append("</th><td>").Append(Html.Text(line.Text)).Append("</td></tr>");
        page.Append("</table></div><h2>Recipe</h2><details open><summary>recipe.yaml</summary><pre>").Append(Html.Text(run.Recipe)).Append("</pre></details>");
    }
}
