using System.Runtime.CompilerServices;

namespace Fovea.Tests;

/// <summary>Finds the real data sets that some tests read; without them those tests say so and return.</summary>
internal static class TestData
{
    private static readonly string? Root = FindRoot();

    /// <summary>The folder of a data set, or false, having said that the test is skipped.</summary>
    public static bool TryFolder(string name, out string folder, [CallerMemberName] string test = "")
    {
        folder = Root is null ? "" : Path.Combine(Root, name);
        if (Directory.Exists(folder))
            return true;
        Console.WriteLine($"SKIPPED: {test}: no folder '{name}' in FOVEA_DATA or ../shared/data");
        return false;
    }

    private static string? FindRoot()
    {
        if (Environment.GetEnvironmentVariable("FOVEA_DATA") is { Length: > 0 } given)
            return given;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
