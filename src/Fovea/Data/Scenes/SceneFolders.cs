using Fovea.Imaging;

namespace Fovea.Data.Scenes;

/// <summary>Writes scenes of one object each as class folders, for classification.</summary>
public static class SceneFolders
{
    /// <summary>Writes every picture to <c>SPLIT/CLASS/</c>, called as the scene is. The folder appears when all is written, or not at all.</summary>
    /// <param name="splits">The scenes with the names of their splits.</param>
    /// <param name="folder">The new folder; it must not exist, or be empty.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <exception cref="FoveaException">The folder is not empty or cannot be written, or a scene has not one object.</exception>
    public static void Write(IReadOnlyList<(string Split, SceneDataset Scenes)> splits, string folder, IProgress<double>? progress = null)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new FoveaException($"{folder}: found something there already, expected a new or empty folder; nothing was written");
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var temporary = $"{full}.{Path.GetRandomFileName()}";
        try
        {
            (string Folder, SceneDataset Scenes, int Index)[] all =
                [.. splits.SelectMany(split => Enumerable.Range(0, split.Scenes.Count).Select(i => (Path.Combine(temporary, split.Split), split.Scenes, i)))];
            AllCores.For(all.Length, i => WriteScene(all[i].Scenes, all[i].Index, all[i].Folder), progress);

            if (Directory.Exists(full))
                Directory.Delete(full);
            Directory.Move(temporary, full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FoveaException($"{folder}: cannot be written: {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

    private static void WriteScene(SceneDataset scenes, int index, string folder)
    {
        var sample = scenes.Load(index);
        if (sample.Annotation.Instances is not [{ Label: var label }])
            throw new FoveaException($"{sample.Id}: found {Counted.Of(sample.Annotation.Instances!.Count, "object")}, expected one, whose class the picture has");
        var path = Path.Combine(folder, scenes.Labels[label], sample.Id + ".png");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        scenes.LoadImage(index).Save(path);
    }
}
