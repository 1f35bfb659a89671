using System.Text.RegularExpressions;
using Fovea.Cli;
using Fovea.Models;
using Fovea.Training;
using Fovea.Training.Recipes;

namespace Fovea.Tests.Docs;

/// <summary>What the pages tell people to type can be typed.</summary>
public sealed partial class DocsTests
{
    public static TheoryData<string> Pages => new(Directory.GetFiles(Path.Combine(TestRepository.Root, "docs"), "*.md").Append(Path.Combine(TestRepository.Root, "README.md"))
        .Select(static path => Path.GetRelativePath(TestRepository.Root, path)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_somewhere(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(TestRepository.Root, page))!;
        var broken = Link().Matches(Read(page)).Select(static match => match.Groups[1].Value).Where(static link => !link.StartsWith("http", StringComparison.Ordinal))
            .Where(link => !Path.Exists(Path.Combine(folder, link.Split('#')[0])));
        Assert.Empty(broken);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_are_understood(string page)
    {
        var faults = new List<string>();
        foreach (var line in Commands(Read(page)))
        {
            var parsed = CommandTree.Create().Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            if (parsed.Errors.Count > 0)
                faults.Add($"{line}: {UsageText.Of(parsed)}");
            else if (line.StartsWith("train ", StringComparison.Ordinal) && line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] is var recipe && char.IsLower(recipe[0])
                     && !File.Exists(Path.Combine(TestRepository.Root, "recipes", recipe + ".yaml")))
                faults.Add($"{line}: there is no recipe {recipe}");
        }

        Assert.Empty(faults);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Recipes_shown_are_read(string page)
    {
        foreach (var block in Yaml().Matches(Read(page)).Select(static match => match.Groups[1].Value))
        {
            var text = block;
            foreach (var (section, value) in new[] { ("model", "{name: unet}"), ("optimizer", "{name: sgd, learning_rate: 0.1}") })
            {
                if (!text.Split('\n').Any(line => line.StartsWith(section + ":", StringComparison.Ordinal)))
                    text += $"\n{section}: {value}\n";
            }

            var recipe = Recipe.Parse(text, page);
            Assert.NotNull(ModelCatalog.Find(recipe.Model.Name));
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Keys_set_on_the_command_line_exist(string page)
    {
        var keys = RecipeReference.ToMarkdown();
        foreach (Match match in Setting().Matches(Read(page)))
        {
            // Conventions of `fovea eval` are keys of the recipe's evaluation.
            var key = match.Groups[1].Value.StartsWith("eval", StringComparison.Ordinal) ? "evaluation." + match.Groups[2].Value : match.Groups[2].Value;
            if (key.EndsWith("a.b", StringComparison.Ordinal))
                continue;
            Assert.Contains($"`{key.Split('.')[^1]}`", keys, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_package_that_is_used_is_in_the_notices()
    {
        var notices = Read("THIRD-PARTY-NOTICES.md");
        var nuget = PackageVersion().Matches(Read("Directory.Packages.props")).Select(static match => match.Groups[1].Value).ToList();
        var debian = File.ReadLines(Path.Combine(TestRepository.Root, "native", "packages.txt")).Concat(PythonPackage().Matches(Read("test")).Select(static match => match.Value)).ToList();
        Assert.True(nuget.Count >= 6 && debian.Count >= 15, $"{nuget.Count} and {debian.Count} packages");
        Assert.All(nuget, name => Assert.Contains(name, notices, StringComparison.Ordinal));
        Assert.All(debian, name => Assert.Contains($"`{name}`", notices, StringComparison.Ordinal));
    }

    private static string Read(string page) => File.ReadAllText(Path.Combine(TestRepository.Root, page)).ReplaceLineEndings("\n");

    /// <summary>Arguments of every "./fovea ..." within blocks of code and between backticks; a bare name of a command is no command line.</summary>
    private static IEnumerable<string> Commands(string text)
    {
        var blocks = Block().Matches(text).SelectMany(static match => match.Groups[1].Value.Split('\n'));
        var inline = Inline().Matches(text).Select(static match => match.Groups[1].Value).Where(static line => line.Contains(' ', StringComparison.Ordinal));
        return blocks.Where(static line => line.StartsWith("./fovea ", StringComparison.Ordinal)).Select(static line => line["./fovea ".Length..].Split("  #")[0].Split(" # ")[0])
            .Concat(inline).Select(static line => line.Trim()).Where(static line => !line.Contains("...", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\]\(([^)#\s]+[^)\s]*)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?m)^```[a-z]*\n((?:(?!```)[\s\S])*?)^```")]
    private static partial Regex Block();

    [GeneratedRegex(@"(?m)^```yaml\n((?:(?!```)[\s\S])*?)^```")]
    private static partial Regex Yaml();

    [GeneratedRegex(@"`\./fovea ([^`\n]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"(?:fovea (\w+)[^`\n]*?|`)--set (\w[\w.]*)=")]
    private static partial Regex Setting();

    [GeneratedRegex(@"PackageVersion Include=""([^""]+)""")]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"python3-[a-z]+")]
    private static partial Regex PythonPackage();
}
