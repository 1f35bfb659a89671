using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>A parameter that knows how to read its value.</summary>
internal sealed record Parameter<T>(string Name, string Kind, string? Default, string Summary, Parameter.Reader<T> Read, T? DefaultValue)
    : TransformParameter(Name, Kind, Default, Summary);

/// <summary>The kinds of parameters that transforms have. Numbers may come as texts, as YAML has them.</summary>
internal static class Parameter
{
    public delegate bool Reader<T>(object value, [MaybeNullWhen(false)] out T result);

    /// <summary>How often the transform is applied.</summary>
    public static Parameter<double> Probability(double fallback) =>
        Number("probability", fallback, "How often it is applied, as a share of all images.", 0, 1);

    /// <summary>Which objects stay when they are cut.</summary>
    public static Parameter<double> MinVisible { get; } = Number(
        "min_visible", KeepRule.Default.MinVisible, "Objects of whose box a smaller share stays inside the picture are dropped.", 0, 1);

    public static Parameter<Fill> Filling { get; } = FillOf("fill", 0, "Colour of pixels that come from outside the picture.");

    public static Parameter<Interpolation> Interpolated { get; } = Choice(
        "interpolation", Interpolation.BilinearAntialias, "How pixels are interpolated; masks and label maps always take the nearest.");

    public static Parameter<double> Number(string name, double fallback, string summary, double min = double.NegativeInfinity, double max = double.PositiveInfinity) =>
        new(name, "a number" + Within(min, max), Text(fallback), summary, (object value, out double number) => TryNumber(value, min, max, out number), fallback);

    public static Parameter<int> Whole(string name, int fallback, string summary, int min, int max = int.MaxValue) =>
        new(name, "a whole number" + Within(min, max), Text(fallback), summary, (object value, out int number) => TryWhole(value, min, max, out number), fallback);

    public static Parameter<int?> OptionalWhole(string name, string summary, int min) =>
        new(name, "a whole number" + Within(min, int.MaxValue), "null", summary, (object value, out int? number) => (number = TryWhole(value, min, int.MaxValue, out var read) ? read : null) is not null, null);

    /// <summary>A size: one number for a square, or [height, width].</summary>
    public static Parameter<ImageSize> Size(string name, string summary) =>
        new(name, "a whole number of pixels, or [height, width]", null, summary, TrySize, default);

    /// <summary>[low, high].</summary>
    public static Parameter<(double Low, double High)> Range(string name, double low, double high, string summary, double min = double.NegativeInfinity, double max = double.PositiveInfinity) => new(
        name, $"[low, high], numbers{Within(min, max)}", $"[{Text(low)}, {Text(high)}]", summary,
        (object value, out (double Low, double High) range) => TryPair(value, min, max, out range) && range.Low <= range.High, (low, high));

    /// <summary>[low, high], or one number that means a distance to either side of a centre (never below a floor).</summary>
    public static Parameter<(double Low, double High)> Spread(string name, double centre, string summary, double max, double min, bool floor = true) => new(
        name, $"a number{Within(0, max)}, or [low, high]", "0", summary,
        (object value, out (double Low, double High) range) =>
        {
            if (!TryNumber(value, 0, max, out var spread))
                return TryPair(value, min, centre + max, out range) && range.Low <= range.High;
            range = (floor ? Math.Max(min, centre - spread) : centre - spread, centre + spread);
            return true;
        },
        (centre, centre));

    /// <summary>[x, y], or one number for both.</summary>
    public static Parameter<(double X, double Y)> Both(string name, string summary, double max) => new(
        name, $"a number{Within(0, max)}, or [x, y]", "0", summary,
        (object value, out (double X, double Y) both) =>
        {
            if (!TryNumber(value, 0, max, out var one))
                return TryPair(value, 0, max, out both);
            both = (one, one);
            return true;
        },
        (0, 0));

    public static Parameter<int[]> WholeList(string name, string summary, int min, int max) => new(
        name, "a list of whole numbers" + Within(min, max), "[]", summary,
        (object value, [MaybeNullWhen(false)] out int[] whole) =>
        {
            whole = [.. (List(value) ?? [value]).Select(item => TryWhole(item, min, max, out var read) ? read : min - 1)];
            return !whole.Contains(min - 1);
        },
        []);

    public static Parameter<int[]> Sides(string name, string summary) =>
        new(name, "a whole number of pixels, or [left, top, right, bottom]", null, summary, TrySides, null);

    public static Parameter<T> Choice<T>(string name, T fallback, string summary) where T : struct, Enum => new(
        name, "one of " + string.Join(", ", Enum.GetNames<T>().Select(Snake)), Snake(fallback.ToString()), summary,
        (object value, out T result) => Enum.TryParse((value as string ?? "").Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out result)
            && Enum.IsDefined(result) && !char.IsDigit(((string)value)[0]),
        fallback);

    public static Parameter<Fill> FillOf(string name, byte fallback, string summary) => new(
        name, "0 to 255, or a list of one value for each channel", Text(fallback), summary,
        (object value, out Fill fill) =>
        {
            var items = List(value) ?? [value];
            var values = items.Select(static item => TryWhole(item, 0, 255, out var level) ? level : -1).ToList();
            fill = new Fill([.. values.Select(static level => (byte)Math.Max(level, 0))]);
            return values.Count is 1 or 3 && !values.Contains(-1);
        },
        new Fill(fallback));

    public static string Snake(string name) =>
        string.Concat(name.Select(static (c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    /// <summary>A value as a message shows it.</summary>
    public static string Show(object? value) => value switch
    {
        null => "nothing",
        string text => $"'{text}'",
        _ when List(value) is { } items => $"[{string.Join(", ", items.Select(static item => item is string text ? text : Show(item)))}]",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Within(double min, double max)
    {
        var bounded = max < int.MaxValue;
        return double.IsNegativeInfinity(min) ? bounded ? $" up to {Text(max)}" : "" : bounded ? $" from {Text(min)} to {Text(max)}" : $" of at least {Text(min)}";
    }

    private static List<object?>? List(object? value) => value is IEnumerable items and not string ? [.. items.Cast<object?>()] : null;

    private static bool TryNumber(object? value, double min, double max, out double number)
    {
        number = double.NaN;
        var read = value switch
        {
            string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number),
            double or float or int or long or decimal or byte or short => (number = Convert.ToDouble(value, CultureInfo.InvariantCulture)) is var _,
            _ => false,
        };
        return read && double.IsFinite(number) && number >= min && number <= max;
    }

    private static bool TryWhole(object? value, int min, int max, out int whole)
    {
        var read = TryNumber(value, min, max, out var number) && number == Math.Floor(number);
        whole = read ? (int)number : 0;
        return read;
    }

    private static bool TryPair(object? value, double min, double max, out (double, double) pair)
    {
        pair = default;
        if (List(value) is not [var first, var second] || !TryNumber(first, min, max, out var low) || !TryNumber(second, min, max, out var high))
            return false;
        pair = (low, high);
        return true;
    }

    private static bool TrySize(object value, out ImageSize size)
    {
        if (TryWhole(value, 1, ushort.MaxValue, out var side))
        {
            size = new ImageSize(side, side);
            return true;
        }

        size = default;
        if (!TryPair(value, 1, ushort.MaxValue, out var pair) || pair.Item1 % 1 != 0 || pair.Item2 % 1 != 0)
            return false;
        size = new ImageSize((int)pair.Item1, (int)pair.Item2);
        return true;
    }

    private static bool TrySides(object value, [MaybeNullWhen(false)] out int[] sides)
    {
        sides = [.. (List(value) ?? [value, value, value, value]).Select(static item => TryWhole(item, 0, ushort.MaxValue, out var side) ? side : -1)];
        return sides.Length == 4 && !sides.Contains(-1);
    }
}
