using System.Text;

namespace Fovea.Reports.Sections;

/// <summary>What the scores of a classification are worth: ROC, precision over recall, reliability.</summary>
internal static class ClassCharts
{
    public static void Write(StringBuilder page, RunData run)
    {
        if (run.Evaluation is not { Curves.Count: > 0 } and not { Reliability: not null })
            return;
        page.Append("<div class=\"two\" style=\"margin-top:14px\">");
        foreach (var (_, drawing) in EvaluationCharts.Curves(run.Evaluation!))
            page.Append("<figure class=\"card\">").Append(drawing.ToSvg()).Append("</figure>");
        page.Append("</div>");
    }
}
