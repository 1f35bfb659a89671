using System.Globalization;
using System.Text;

namespace Fovea.Reports.Sections;

/// <summary>Predictions beside the truth: the first images, and those that came off worst.</summary>
internal static class Gallery
{
    public static void Write(StringBuilder page, RunData run)
    {
        Write(page, run, "Predictions", "The first images of the validation data.", run.Pictures.Where(static p => !p.IsWorst).ToList());
        Write(page, run, "Worst cases", "The validation images that came off worst, worst first.", run.Pictures.Where(static p => p.IsWorst).ToList());
    }

    private static void Write(StringBuilder page, RunData run, string heading, string text, List<Picture> pictures)
    {
        if (pictures.Count == 0)
            return;
        page.Append("<h2>").Append(heading).Append("</h2><p class=\"soft\">").Append(text).Append("</p><div class=\"pictures").Append(pictures.TrueForAll(static p => p.Truth is null) ? " many" : "").Append("\">");
        foreach (var picture in pictures)
        {
            page.Append("<figure>");
            if (picture.Truth is not null)
                page.Append("<div class=\"tags\"><span>truth</span><span>network</span></div>");
            page.Append(CultureInfo.InvariantCulture, $"<div class=\"pair{(picture.Truth is null ? " one" : "")}{(picture.IsSmall ? " small" : "")}\">");
            foreach (var file in new[] { picture.Truth, picture.Prediction }.OfType<string>())
                page.Append("<img alt=\"\" src=\"").Append(Html.Embed(Path.Combine(run.Folder.Samples, file))).Append("\">");
            page.Append(CultureInfo.InvariantCulture, $"</div><figcaption>{Html.Text(picture.Name)}<br>");
            page.Append(CultureInfo.InvariantCulture, $"<span class=\"{(picture.IsRight switch { true => "right", false => "wrong", null => "soft" })}\">{Html.Text(picture.Caption)}</span></figcaption></figure>");
        }

        page.Append("</div>");
    }
}
