namespace Fovea.Data.Loading;

/// <summary>Finds the counterpart of every keypoint in a mirror by its name.</summary>
internal static class KeypointMirror
{
    /// <summary>"left_eye" becomes "right_eye" and the other way round; null when no name says left or right.</summary>
    public static int[]? Of(KeypointLayout? layout)
    {
        if (layout is null)
            return null;
        var names = layout.Names.ToList();
        var mirror = Enumerable.Range(0, names.Count).ToArray();
        for (var i = 0; i < mirror.Length; i++)
        {
            var other = names.FindIndex(name => string.Equals(name, Swap(names[i]), StringComparison.OrdinalIgnoreCase));
            mirror[i] = other >= 0 ? other : i;
        }

        return mirror.Select(static (other, i) => other != i).Any(static moved => moved) ? mirror : null;
    }

    private static string Swap(string name) => name.Contains("left", StringComparison.OrdinalIgnoreCase)
        ? name.Replace("left", "right", StringComparison.OrdinalIgnoreCase)
        : name.Replace("right", "left", StringComparison.OrdinalIgnoreCase);
}
