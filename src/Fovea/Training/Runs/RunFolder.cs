using System.Globalization;

namespace Fovea.Training;

/// <summary>The folder of one training run and the names of what lies in it.</summary>
/// <param name="Path">The folder.</param>
public sealed record RunFolder(string Path)
{
    /// <summary>Its name without the folders above it.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path));

    /// <summary>The effective recipe.</summary>
    public string Recipe => In("recipe.yaml");

    /// <summary>Facts about the run: machine, precision, model, data.</summary>
    public string Facts => In("run.json");

    /// <summary>One JSON object for each evaluation.</summary>
    public string Metrics => In("metrics.jsonl");

    /// <summary>One JSON object for each step of the optimizer.</summary>
    public string Losses => In("losses.jsonl");

    /// <summary>The last evaluation in full: per class, confusion, sample predictions.</summary>
    public string Evaluation => In("evaluation.json");

    /// <summary>Everything that was said.</summary>
    public string Log => In("log.txt");

    /// <summary>The page to look at.</summary>
    public string Report => In("report.html");

    /// <summary>Pictures of predictions.</summary>
    public string Samples => In("samples");

    /// <summary>What a run that met a loss which is not finite leaves behind.</summary>
    public string NotFinite => In("not-finite.json");

    /// <summary>The checkpoint a run continues from: weights, optimizer, average, random state, position.</summary>
    public string Last => In("last.safetensors");

    /// <summary>The weights that did best, alone, to be used and deployed.</summary>
    public string Best => In("best.safetensors");

    /// <summary>The weights that were kept on the way, earliest first.</summary>
    public IReadOnlyList<string> Kept => Directory.Exists(Path) ? [.. Directory.EnumerateFiles(Path, "epoch-*.safetensors").Order(StringComparer.Ordinal)] : [];

    /// <summary>Makes the folder of a new run.</summary>
    /// <exception cref="FoveaException">It cannot be made or written, or holds a run already.</exception>
    public static RunFolder Create(string path)
    {
        var folder = new RunFolder(path);
        if (File.Exists(folder.Recipe))
            throw new FoveaException($"{path}: holds a run already; continue it with --resume, or choose another folder with --out");
        return ForResults(path);
    }

    /// <summary>A folder to write an evaluation's results to.</summary>
    /// <exception cref="FoveaException">It cannot be made or written.</exception>
    public static RunFolder ForResults(string path)
    {
        var folder = new RunFolder(path);
        try
        {
            Directory.CreateDirectory(folder.Samples);
            // Permission shows only when something is written, and should show before the first epoch.
            var probe = folder.In(".probe");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FoveaException($"{path}: the folder cannot be written: {Reason(e)}; choose another with --out", e);
        }

        return folder;
    }

    /// <summary>The folder of a run that was begun.</summary>
    /// <exception cref="FoveaException">There is no run in it, or it was stopped before its first checkpoint.</exception>
    public static RunFolder Open(string path)
    {
        var folder = new RunFolder(path);
        if (!File.Exists(folder.Recipe))
            throw new FoveaException($"{path}: found no run to continue (no recipe.yaml), expected the --out folder of an earlier run");
        return folder;
    }

    /// <summary>Keeps other runs out of the folder until disposed, or until the process ends however it does.</summary>
    /// <exception cref="FoveaException">Another run trains in it.</exception>
    public IDisposable Hold()
    {
        var file = In(".lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new FoveaException($"{Path}: another run trains in this folder ({file} is held), expected one at a time; wait for it, or choose another folder with --out", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FoveaException($"{Path}: the folder cannot be written: {Reason(e)}; choose another with --out", e);
        }
    }

    /// <summary>The first of STEM, STEM-2, STEM-3 ... that does not exist.</summary>
    public static string FreePath(string stem)
    {
        for (var i = 1; ; i++)
        {
            var path = i == 1 ? stem : $"{stem}-{i}";
            if (!Directory.Exists(path) && !File.Exists(path))
                return path;
        }
    }

    /// <summary>The weights that are kept after an epoch, counted from 1; 0 for those before training.</summary>
    public string OfEpoch(int epoch) => In(string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch:0000}.safetensors"));

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private static string Reason(Exception e) => e is UnauthorizedAccessException ? "no permission to write there" : e.Message.ReplaceLineEndings(" ").TrimEnd('.');
}
