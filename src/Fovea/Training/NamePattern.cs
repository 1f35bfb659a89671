using System.IO.Enumeration;

namespace Fovea.Training;

/// <summary>Chooses parameters by name with patterns in which * stands for any text and ? for any one letter.</summary>
public static class NamePattern
{
    /// <summary>Whether a name fits one of the patterns.</summary>
    public static bool Matches(string name, IEnumerable<string> patterns) =>
        patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    /// <summary>The names that fit one of the patterns, in their order.</summary>
    /// <exception cref="FoveaException">A pattern fits no name, which is always a mistake; the message offers the nearest names.</exception>
    public static IReadOnlyList<string> Select(IReadOnlyList<string> names, IReadOnlyList<string> patterns, string key)
    {
        foreach (var pattern in patterns)
        {
            if (!names.Any(name => Matches(name, [pattern])))
            {
                throw new FoveaException($"{key}: the pattern '{pattern}' fits none of the {Counted.Of(names.Count, "name")}, such as " +
                    $"{string.Join(", ", names.Take(3))}{NearestName.Suggest(pattern, names)}");
            }
        }

        return [.. names.Where(name => Matches(name, patterns))];
    }
}
