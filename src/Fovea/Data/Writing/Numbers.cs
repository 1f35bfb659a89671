using System.Globalization;

namespace Fovea.Data.Writing;

/// <summary>Coordinates as short decimal numbers that read back as the same floats.</summary>
internal static class Numbers
{
    /// <summary>The shortest decimal number that is this float: sums and differences of such numbers are exact.</summary>
    public static decimal Exact(float value) =>
        decimal.Parse(value.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);
}
