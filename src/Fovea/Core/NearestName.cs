namespace Fovea;

/// <summary>Finds the known name nearest to a misspelt one, by edit distance.</summary>
public static class NearestName
{
    /// <summary>"; did you mean 'X'?" when a known name is near enough, otherwise an empty string.</summary>
    public static string Suggest(string name, IEnumerable<string> known) =>
        Find(name, known) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    /// <summary>The nearest known name within a third of the name's length (at least two edits), or null.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        var limit = Math.Max(2, name.Length / 3);
        return known.Select(candidate => (candidate, distance: EditDistance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(pair => pair.distance <= limit)
            .OrderBy(pair => pair.distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
    }

    /// <summary>The known names nearest to one, the nearest first; names that begin alike go before others as far away.</summary>
    /// <param name="name">The name that was given.</param>
    /// <param name="known">All names.</param>
    /// <param name="count">How many are wanted.</param>
    public static IReadOnlyList<string> Several(string name, IEnumerable<string> known, int count = 5) =>
        [.. known.OrderBy(candidate => EditDistance(name.ToUpperInvariant(), candidate.ToUpperInvariant()))
            .ThenByDescending(candidate => candidate.Zip(name).TakeWhile(static pair => pair.First == pair.Second).Count())
            .Take(count)];

    private static int EditDistance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
