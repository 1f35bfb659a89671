namespace Fovea.Tests;

/// <summary>Finds the files of the repository the tests were built from.</summary>
internal static class TestRepository
{
    /// <summary>The folder that holds Fovea.slnx.</summary>
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo? folder)
    {
        for (; folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Fovea.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no folder above {AppContext.BaseDirectory} holds Fovea.slnx");
    }
}
