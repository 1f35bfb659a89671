using Fovea.Models;
using Fovea.Training;

namespace Fovea.Tests.Training;

public sealed class RecipeFilesTests
{
    public static TheoryData<string> Names => new(Directory.GetFiles(Path.Combine(TestRepository.Root, "recipes"), "*.yaml").Select(path => Path.GetFileName(path)!).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_recipe_reads_says_where_it_comes_from_and_what_to_expect(string name)
    {
        var path = Path.Combine(TestRepository.Root, "recipes", name);
        var recipe = Recipe.Load(path);
        Assert.Equal(Recipe.Parse(recipe.ToYaml(), name).ToYaml(), recipe.ToYaml());
        Assert.Equal(name, name.ToLowerInvariant());
        Assert.NotNull(recipe.Description);
        Assert.NotNull(recipe.Metric);
        var comment = string.Join(' ', File.ReadLines(path).TakeWhile(line => line.StartsWith('#')));
        Assert.Contains("et al.", comment, StringComparison.Ordinal);
        Assert.Contains("Expected:", comment, StringComparison.Ordinal);
        Assert.Contains(recipe.Metric!, comment, StringComparison.Ordinal);
        Assert.Null(recipe.Data.Folder);
        var model = ModelCatalog.Find(recipe.Model.Name);
        var shortName = model.Task == ModelTask.Semantic ? model.Name : model.Name.Replace("_fpn", "", StringComparison.Ordinal);
        Assert.StartsWith(shortName + "_", name, StringComparison.Ordinal);
    }
}
