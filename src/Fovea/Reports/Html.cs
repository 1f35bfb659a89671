using System.Globalization;
using System.Net;

namespace Fovea.Reports;

/// <summary>Text on its way into a page.</summary>
internal static class Html
{
    /// <summary>Text with the letters escaped that mean something in HTML and SVG.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A coordinate, short.</summary>
    public static string Number(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);

    /// <summary>A figure with the digits that say something: 0.8341, 12.5, 2.1e-4, 205.</summary>
    public static string Figure(double value) => value switch
    {
        _ when !double.IsFinite(value) => "-",
        _ when value == Math.Floor(value) && Math.Abs(value) < 1e15 => value.ToString("N0", CultureInfo.InvariantCulture),
        _ when Math.Abs(value) >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        _ when Math.Abs(value) >= 0.001 => value.ToString(Math.Abs(value) >= 10 ? "0.0" : Math.Abs(value) >= 1 ? "0.00" : "0.0000", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0e0", CultureInfo.InvariantCulture),
    };

    /// <summary>A whole number with separators.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"2:05 min".</summary>
    public static string Duration(double seconds) => TimeSpan.FromSeconds(Math.Round(seconds)) switch
    {
        { TotalHours: >= 1 } t => $"{(int)t.TotalHours}:{t.Minutes:00} h",
        { TotalMinutes: >= 1 } t => $"{t.Minutes}:{t.Seconds:00} min",
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
    };

    /// <summary>A file as a data address, so that the page needs nothing beside itself.</summary>
    public static string Embed(string path) => $"data:image/{(path.EndsWith(".png", StringComparison.Ordinal) ? "png" : "jpeg")};base64,{Convert.ToBase64String(File.ReadAllBytes(path))}";
}
