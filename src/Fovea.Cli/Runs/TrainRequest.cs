using Fovea.Training;

namespace Fovea.Cli.Runs;

/// <summary>What the command line asks of a training.</summary>
/// <param name="Recipe">File or name of the recipe, or null to continue a run with its own.</param>
/// <param name="Output">Folder of the run, or null for the usual one.</param>
/// <param name="Overrides">What takes the place of the recipe's values.</param>
/// <param name="Device">Where to compute, or null.</param>
/// <param name="Folds">Parts of a cross-validation, a number or "all", or null.</param>
internal sealed record TrainRequest(string? Recipe, string? Output, IReadOnlyList<string> Overrides, string? Device, string? Folds)
{
    /// <summary>Name of the run.</summary>
    public string Name => Path.GetFileNameWithoutExtension(Recipe ?? Output ?? "run");

    /// <summary>Where the run goes when nothing else is said.</summary>
    public string UsualOutput => Path.Combine("runs", Name);

    /// <summary>The recipe with what takes the place of its values.</summary>
    public Recipe Load() => Training.Recipe.Load(RecipeFile.Find(Recipe!), Overrides);

    /// <summary>Checks that what is asked for now is what the run was started with.</summary>
    /// <exception cref="FoveaException">It differs; the message lists where.</exception>
    public void CheckSame(RunFolder folder)
    {
        var saved = Training.Recipe.Load(folder.Recipe);
        var given = Recipe is null ? Training.Recipe.Load(folder.Recipe, Overrides) : Load();
        if (given.Data.Folder is null)
            given = given with { Data = given.Data with { Folder = saved.Data.Folder } };
        var differences = RecipeDifference.List(saved, given with { Data = given.Data.WithFullPaths() }).ToList();
        if (Device is not null && RunFacts.Load(folder.Facts).Device is var before && before != Torch.Device.Parse(Device).ToString())
            differences.Add($"device: {before} in the run, {Device} now");
        if (differences.Count > 0)
            throw new FoveaException($"{folder.Path}: --resume goes on with the recipe of the run, but other values were given: {string.Join("; ", differences)}. Leave them out, or start a new run in another folder.");
    }
}
