using System.Globalization;

namespace Fovea;

/// <summary>Numbers of things in words: "1 image", "2 images".</summary>
public static class Counted
{
    /// <summary>The count and the noun in the form that goes with it.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">The noun for one, such as "image"; a verb may follow, as in "image has", where <paramref name="many"/> is given.</param>
    /// <param name="many">The noun for none or several; formed by rule ("images", "classes", "entries") when not given.</param>
    public static string Of(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? Plural(one))}");

    private static string Plural(string noun) => noun switch
    {
        [.., 'o', 'c', 'h'] => noun + "s", // epochs
        [.., 's' or 'x' or 'z'] or [.., 'c' or 's', 'h'] => noun + "es",
        [.., not ('a' or 'e' or 'i' or 'o' or 'u'), 'y'] => noun[..^1] + "ies",
        _ => noun + "s",
    };
}
