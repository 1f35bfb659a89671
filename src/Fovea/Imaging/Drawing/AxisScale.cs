using System.Globalization;

namespace Fovea.Imaging.Drawing;

/// <summary>Maps values to a stretch of pixels, linearly or by logarithm, and chooses where numbers stand.</summary>
internal sealed class AxisScale
{
    private readonly bool isLogarithmic;
    private readonly double low, high;

    private AxisScale(bool isLogarithmic, double low, double high, IReadOnlyList<double> ticks) =>
        (this.isLogarithmic, this.low, this.high, Ticks) = (isLogarithmic, low, high, ticks);

    /// <summary>Where numbers stand.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis that holds all finite values (positive ones, if logarithmic).</summary>
    /// <param name="values">The values.</param>
    /// <param name="logarithmic">Whether equal distances are equal factors.</param>
    /// <param name="about">How many numbers are wanted.</param>
    /// <param name="fromZero">Whether a linear axis begins at 0.</param>
    /// <param name="tight">Whether it ends at the values instead of at round numbers.</param>
    public static AxisScale Fit(IEnumerable<double> values, bool logarithmic = false, int about = 6, bool fromZero = false, bool tight = false)
    {
        var (low, high) = (double.MaxValue, double.MinValue);
        foreach (var value in values)
        {
            if (double.IsFinite(value) && (!logarithmic || value > 0))
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        if (low > high)
            (low, high) = logarithmic ? (0.1, 10) : (0, 1);
        return logarithmic ? Logarithmic(low, high, about) : Linear(fromZero ? Math.Min(0, low) : low, high, about, tight);
    }

    /// <summary>0 at the low end to 1 at the high end; null for what a logarithmic axis cannot show, or no number.</summary>
    public double? At(double value)
    {
        if (!double.IsFinite(value) || (isLogarithmic && value <= 0))
            return null;
        return isLogarithmic ? (Math.Log10(value) - Math.Log10(low)) / (Math.Log10(high) - Math.Log10(low)) : (value - low) / (high - low);
    }

    /// <summary>A tick as people write it.</summary>
    public static string Format(double value)
    {
        var magnitude = Math.Abs(value);
        // The loss of a training that diverges has forty digits.
        if (magnitude is > 0 and < 1e-3 or >= 1e9)
            return value.ToString("0.##e-0", CultureInfo.InvariantCulture);
        return magnitude >= 1e6 ? (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " M"
            : magnitude >= 1e4 ? (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + " k"
            : value.ToString("0.####", CultureInfo.InvariantCulture);
    }

    private static AxisScale Linear(double low, double high, int about, bool tight)
    {
        if (high - low < 1e-12 * Math.Max(1, Math.Abs(high)))
            (low, high) = (low - (low == 0 ? 0 : Math.Abs(low) * 0.1), high + (high == 0 ? 1 : Math.Abs(high) * 0.1));
        var step = NiceStep((high - low) / about);
        if (!tight)
            (low, high) = (Math.Floor(low / step + 1e-9) * step, Math.Ceiling(high / step - 1e-9) * step);
        var ticks = new List<double>();
        for (var n = Math.Ceiling(low / step - 1e-9); n * step <= high + step * 1e-9; n++)
            ticks.Add(n == 0 ? 0 : n * step);
        return new AxisScale(false, low, high, ticks);
    }

    private static AxisScale Logarithmic(double low, double high, int about)
    {
        var (first, last) = (Math.Floor(Math.Log10(low) + 1e-9), Math.Ceiling(Math.Log10(high) - 1e-9));
        if (first == last)
            last++;
        var every = Math.Max(1, (int)Math.Ceiling((last - first) / about));
        var ticks = new List<double>();
        for (var exponent = first; exponent <= last; exponent += every)
        {
            ticks.Add(Math.Pow(10, exponent));
            // Few decades leave room for numbers between.
            if (last - first <= 2 && exponent < last)
                ticks.AddRange([2 * Math.Pow(10, exponent), 5 * Math.Pow(10, exponent)]);
        }

        return new AxisScale(true, Math.Pow(10, first), Math.Pow(10, last), ticks);
    }

    // 1, 2 or 5 times a power of ten, at least as large as asked for.
    private static double NiceStep(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        var leading = step / power;
        return power * (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10);
    }
}
