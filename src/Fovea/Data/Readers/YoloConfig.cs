using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fovea.Data.Readers;

/// <summary>What data.yaml (or darknet's obj.data) says: class names and where the pictures of every split lie.</summary>
/// <param name="FilePath">The file.</param>
/// <param name="Names">Class names in order, or null.</param>
/// <param name="Splits">Folders, or text files listing pictures, of every split, as written.</param>
/// <param name="KeypointShape">Number of keypoints and of values for each (2 or 3), or null.</param>
internal sealed record YoloConfig(
    string FilePath, LabelSpace? Names, IReadOnlyList<(string Split, IReadOnlyList<string> Places)> Splits, (int Count, int Values)? KeypointShape)
{
    private const int DeepestNesting = 32;
    private static readonly string[] SplitKeys = ["train", "val", "valid", "test"];

    /// <summary>The first YAML file of the folder with a key "names", or obj.data, or null.</summary>
    public static YoloConfig? Find(string folder)
    {
        var yaml = Files.List(folder, static path => Path.GetExtension(path) is ".yaml" or ".yml")
            .OrderBy(static path => Files.Stem(path) is "data" or "dataset" ? 0 : 1).Select(TryReadYaml).FirstOrDefault(static config => config is not null);
        return yaml ?? Files.List(folder, static path => Path.GetExtension(path) == ".data").Select(ReadDarknet).FirstOrDefault();
    }

    private static YoloConfig? TryReadYaml(string path)
    {
        var stream = new YamlStream();
        try
        {
            RequireShallow(path);
            using var text = File.OpenText(path);
            stream.Load(text);
        }
        catch (YamlException exception)
        {
            throw new DataException(path, $"line {exception.Start.Line}", $"broken YAML ({exception.Message})", "YAML with the names of the classes", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // The YAML scanner answers some broken files so.
            throw new DataException(path, null, "broken YAML", "YAML with the names of the classes", exception);
        }

        if (stream.Documents.Count == 0 || stream.Documents[0].RootNode is not YamlMappingNode root || !root.Children.TryGetValue("names", out var names))
            return null;
        var labels = ReadNames(path, names);
        if (Scalar(root, "nc") is { } count && count != labels.Count.ToString(CultureInfo.InvariantCulture))
            throw new DataException(path, "nc", count, $"{labels.Count}, the number of names");
        var splits = SplitKeys.Where(key => root.Children.ContainsKey(key)).Select(key => (key, Places(root.Children[key])))
            .Where(static split => split.Item2.Count > 0);
        return new YoloConfig(path, labels, [.. splits], ReadKeypointShape(path, root));
    }

    /// <summary>Nodes are loaded by recursion: a file nested without end would end the process.</summary>
    private static void RequireShallow(string path)
    {
        using var text = File.OpenText(path);
        var parser = new Parser(text);
        for (var depth = 0; parser.MoveNext();)
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > DeepestNesting)
                throw new DataException(path, $"line {parser.Current.Start.Line}", $"more than {DeepestNesting} levels", "YAML with the names of the classes");
        }
    }

    /// <summary>A list of names, or a map from numbers, which must run from 0 without a gap.</summary>
    private static LabelSpace ReadNames(string path, YamlNode node)
    {
        var names = node switch
        {
            YamlSequenceNode list => [.. list.Children.Select(static child => $"{child}")],
            YamlMappingNode map => Ordered(path, map),
            _ => throw new DataException(path, "names", $"'{node}'", "a list of class names, or a map from numbers to names"),
        };
        try
        {
            return new LabelSpace(names);
        }
        catch (FoveaException exception)
        {
            throw new DataException(path, "names", exception.Message, "every class name once", exception);
        }
    }

    private static string[] Ordered(string path, YamlMappingNode map)
    {
        var names = new string[map.Children.Count];
        foreach (var (key, value) in map.Children)
        {
            if (!int.TryParse($"{key}", CultureInfo.InvariantCulture, out var number) || number < 0 || number >= names.Length || names[number] is not null)
                throw new DataException(path, "names", $"key '{key}'", $"every number from 0 to {names.Length - 1} once");
            names[number] = $"{value}";
        }

        return names;
    }

    private static (int, int)? ReadKeypointShape(string path, YamlMappingNode root)
    {
        if (!root.Children.TryGetValue("kpt_shape", out var node))
            return null;
        if (node is YamlSequenceNode { Children: [var count, var values] }
            && int.TryParse($"{count}", CultureInfo.InvariantCulture, out var points) && points > 0 && $"{values}" is "2" or "3")
        {
            return (points, $"{values}" == "2" ? 2 : 3);
        }

        throw new DataException(path, "kpt_shape", $"{node}", "[number of keypoints, 2 or 3]");
    }

    private static IReadOnlyList<string> Places(YamlNode node) => node switch
    {
        YamlSequenceNode list => [.. list.Children.Select(static child => $"{child}")],
        YamlScalarNode { Value.Length: > 0 } scalar => [scalar.Value],
        _ => [],
    };

    private static string? Scalar(YamlMappingNode root, string key) =>
        root.Children.TryGetValue(key, out var node) && node is YamlScalarNode scalar ? scalar.Value : null;

    /// <summary>Lines "key = value" with train, valid and names.</summary>
    private static YoloConfig ReadDarknet(string path)
    {
        var values = Files.Lines(path).Select(static line => line.Text.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(static pair => pair.Length == 2).ToLookup(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal);
        var folder = Path.GetDirectoryName(path)!;
        // Darknet's paths start at its own folder ("data/obj.names"): only the file's name is ours.
        var names = values["names"].Select(name => Path.Combine(folder, Path.GetFileName(name))).FirstOrDefault(File.Exists);
        var splits = SplitKeys.Where(key => values[key].Any())
            .Select(key => (key, (IReadOnlyList<string>)[Path.GetFileName(values[key].First())]));
        return new YoloConfig(path, names is null ? null : ClassNames.Read(names), [.. splits], null);
    }
}
