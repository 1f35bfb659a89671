using System.Text.Json.Nodes;

namespace Fovea.Tests.Training;

/// <summary>Copies of a JSON text in each of which one value is of another kind, gone or given twice.</summary>
internal static class JsonDamage
{
    private static readonly string[] Others = ["null", "true", "-1", "0", "1e300", "\"\"", "\"x\"", "[]", "{}", "[null]", "9223372036854775807", "1.5"];

    public static IEnumerable<string> Of(string json)
    {
        foreach (var path in Paths(JsonNode.Parse(json), []))
        {
            foreach (var other in Others)
                yield return Changed(json, path, (parent, step) => Put(parent, step, JsonNode.Parse(other)));
            yield return Changed(json, path, Remove);
            if (path[^1] is string key)
                yield return json.Replace($"\"{key}\":", $"\"{key}\": 1, \"{key}\":", StringComparison.Ordinal);
        }
    }

    // Of a list the first value stands for all.
    private static IEnumerable<List<object>> Paths(JsonNode? node, List<object> path)
    {
        if (path.Count > 0)
            yield return path;
        var inner = node switch
        {
            JsonObject map => map.Select(static pair => ((object)pair.Key, pair.Value)),
            JsonArray list => list.Take(1).Select(static value => ((object)0, value)),
            _ => [],
        };
        foreach (var found in inner.SelectMany(step => Paths(step.Item2, [.. path, step.Item1])))
            yield return found;
    }

    private static string Changed(string json, List<object> path, Action<JsonNode, object> change)
    {
        var root = JsonNode.Parse(json)!;
        var parent = path.SkipLast(1).Aggregate(root, static (node, step) => step is string key ? node[key]! : node[(int)step]!);
        change(parent, path[^1]);
        return root.ToJsonString();
    }

    private static void Put(JsonNode parent, object step, JsonNode? value)
    {
        if (step is string key)
            parent[key] = value;
        else
            parent[(int)step] = value;
    }

    private static void Remove(JsonNode parent, object step)
    {
        if (step is string key)
            parent.AsObject().Remove(key);
        else
            parent.AsArray().RemoveAt((int)step);
    }
}
