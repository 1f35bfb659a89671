namespace Fovea.Data;

/// <summary>Matches the split somebody asks for ("val") with what a data set calls it ("val2017", "valid", "validation").</summary>
public static class SplitNames
{
    private static readonly Dictionary<string, string> Synonyms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["training"] = "train",
        ["valid"] = "val",
        ["validation"] = "val",
        ["dev"] = "val",
        ["testing"] = "test",
        ["t10k"] = "test",
    };

    /// <summary>The common name of a split: "train", "val", "trainval" or "test" where it is one of these, otherwise the name in lower case.</summary>
    /// <param name="name">A name such as "train2017" or "valid".</param>
    public static string Canonical(string name)
    {
        // "stage1_train", as the Data Science Bowl calls it, is "train".
        if (name.StartsWith("stage", StringComparison.OrdinalIgnoreCase) && name.IndexOf('_', StringComparison.Ordinal) is > 0 and var underscore)
            name = name[(underscore + 1)..];
        var stem = name.TrimEnd("0123456789".ToCharArray()).TrimEnd('_', '-');
        if (stem.Length == 0)
            return name;
        return Synonyms.TryGetValue(name, out var synonym) || Synonyms.TryGetValue(stem, out synonym) ? synonym : stem.ToLowerInvariant();
    }

    /// <summary>Whether this is the name of a split rather than, say, of a class.</summary>
    public static bool IsSplit(string name) => Canonical(name) is "train" or "val" or "test" or "trainval";

    /// <summary>What the data set calls the split asked for.</summary>
    /// <exception cref="FoveaException">It has no such split; the message lists those it has.</exception>
    internal static string Resolve(string folder, string wanted, IReadOnlyCollection<string> available)
    {
        if (available.Contains(wanted))
            return wanted;
        var matches = available.Where(name => Canonical(name) == Canonical(wanted)).ToList();
        return matches.Count switch
        {
            1 => matches[0],
            0 when available.Count == 0 => throw new FoveaException(
                $"{folder}: split: found no splits in the folder, expected '{wanted}'; `fovea data split` writes a file of parts, which a recipe names as data.split_file"),
            0 => throw new FoveaException($"{folder}: split: found {string.Join(", ", available)}, expected '{wanted}'"),
            _ => throw new FoveaException($"{folder}: split: '{wanted}' fits {string.Join(" and ", matches)}, expected one of these names"),
        };
    }
}
