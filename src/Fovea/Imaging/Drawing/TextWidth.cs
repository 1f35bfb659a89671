using System.Globalization;
using System.Text;

namespace Fovea.Imaging.Drawing;

/// <summary>
/// How wide a text will be, without asking a font: exact for Latin letters in DejaVu Sans (and Verdana, which shares its
/// widths), an average of the script otherwise.
/// </summary>
internal static class TextWidth
{
    private const double BoldFactor = 1.115;

    // Advance widths of DejaVu Sans from U+0020 to U+007E, in thousandths of the size.
    private static readonly short[] Ascii =
    [
        318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838,
        838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611,
        685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592,
        818, 592, 592, 525, 636, 337, 636, 838,
    ];

    public static double Of(string text, double size, bool bold = false)
    {
        double thousandths = 0;
        foreach (var rune in text.EnumerateRunes())
            thousandths += Advance(rune);
        return thousandths / 1000 * size * (bold ? BoldFactor : 1);
    }

    /// <summary>The text, cut and ended by an ellipsis where it would be wider than allowed.</summary>
    public static string Fit(string text, double size, double width, bool bold = false)
    {
        if (Of(text, size, bold) <= width)
            return text;
        var elements = new StringInfo(text);
        for (var length = elements.LengthInTextElements - 1; length > 0; length--)
        {
            var shorter = elements.SubstringByTextElements(0, length).TrimEnd() + "…";
            if (Of(shorter, size, bold) <= width)
                return shorter;
        }

        return "…";
    }

    private static double Advance(Rune rune)
    {
        var value = rune.Value;
        if (value is >= 0x20 and <= 0x7E)
            return Ascii[value - 0x20];
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
            return 0;
        return value switch
        {
            0x2026 => 1000,
            < 0x400 => 630,
            < 0x530 => 715,
            >= 0x1100 and < 0x1200 or >= 0x2E80 and < 0xA4D0 or >= 0xAC00 and < 0xD7B0 or >= 0xF900 and < 0xFB00 or >= 0xFE30 and < 0xFE70 => 1000,
            >= 0xFF00 and < 0xFF61 or >= 0x20000 and < 0x40000 => 1000,
            >= 0x1F000 and < 0x20000 => 1300,
            _ => 660,
        };
    }
}
