using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fovea.Torch.Serialization;

namespace Fovea.Training;

/// <summary>
/// A file of one JSON object a line that only grows. A run that continues cuts it to what its checkpoint knows of, which also
/// removes a line that was half written when the process died.
/// </summary>
internal sealed class JsonLines : IDisposable
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly string path;
    private readonly FileStream stream;

    /// <summary>Opens the file for appending.</summary>
    /// <param name="path">The file.</param>
    /// <param name="keep">How many of its lines are kept.</param>
    /// <exception cref="DataException">It has fewer lines.</exception>
    public JsonLines(string path, long keep = 0)
    {
        this.path = path;
        Count = keep;
        if (keep > 0)
            Cut(path, keep);
        stream = Guard(() => new FileStream(path, keep > 0 ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 14));
    }

    /// <summary>Lines in the file.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a line.</summary>
    public void Append(JsonObject value)
    {
        var bytes = Encoding.UTF8.GetBytes(value.ToJsonString(Compact) + "\n");
        Guard(() => { stream.Write(bytes); return 0; });
        Count++;
    }

    /// <summary>Hands everything to the disk.</summary>
    public void Flush() => Guard(() => { stream.Flush(flushToDisk: true); return 0; });

    public void Dispose() => Guard(() => { stream.Dispose(); return 0; });

    /// <summary>The objects of a file; a last line that is not whole is left out.</summary>
    /// <exception cref="DataException">A line before the last is no object.</exception>
    public static IEnumerable<JsonObject> Read(string path)
    {
        if (!File.Exists(path))
            yield break;
        var (number, broken) = (0, 0);
        foreach (var line in File.ReadLines(path))
        {
            // A process that was killed leaves only its last line unfinished.
            if (broken > 0)
                throw new DataException(path, $"line {broken}", "something else than a JSON object", "what the run wrote there (the file was changed or is damaged)");
            number++;
            if (Parse(line) is { } value)
                yield return value;
            else
                broken = number;
        }
    }

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line, documentOptions: Strict) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Cut(string path, long keep)
    {
        var lines = File.Exists(path) ? File.ReadLines(path).Take(checked((int)keep)).ToList() : [];
        if (lines.Count < keep)
            throw new DataException(path, null, $"{lines.Count} lines", $"the {keep} that the checkpoint knows of (the file was changed or lost; the run cannot be continued)");
        AtomicFile.WriteText(path, string.Concat(lines.Select(static line => line + "\n")));
    }

    private T Guard<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FoveaException($"{path}: cannot be written: {e.Message.ReplaceLineEndings(" ")}; what the last checkpoint holds is safe, continue with --resume", e);
        }
    }
}
