namespace Fovea.Cli.Runs;

/// <summary>Finds recipes: a file, or the name of one that comes with the product.</summary>
internal static class RecipeFile
{
    /// <summary>The file of a recipe.</summary>
    /// <exception cref="FoveaException">There is no such file and no such name; the message offers the nearest.</exception>
    public static string Find(string recipe)
    {
        if (File.Exists(recipe))
            return recipe;
        var known = Folders().Where(Directory.Exists).SelectMany(static folder => Directory.EnumerateFiles(folder, "*.yaml")).ToList();
        var name = Path.GetFileNameWithoutExtension(recipe);
        if (known.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == name) is { } found && Path.GetDirectoryName(recipe) is null or "" or "recipes")
            return found;
        var names = known.Select(static file => Path.GetFileNameWithoutExtension(file)).Distinct().Order(StringComparer.Ordinal).ToList();
        throw new FoveaException($"recipe: found no file '{recipe}', expected one, or one of {string.Join(", ", names)}{NearestName.Suggest(name, names)}");
    }

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("FOVEA_HOME") is { Length: > 0 } home)
            yield return Path.Combine(home, "recipes");
        yield return Path.Combine(AppContext.BaseDirectory, "recipes");
        yield return "recipes";
    }
}
