using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fovea.Torch.Serialization;

namespace Fovea.Cli;

/// <summary>Results on standard output.</summary>
internal static class Output
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly JsonSerializerOptions Line = new(Json) { WriteIndented = false };

    /// <summary>Writes a value as indented JSON with snake_case names.</summary>
    public static void WriteJson<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>Writes a value as JSON on one line, with snake_case names.</summary>
    public static void WriteJsonLine<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Line));

    /// <summary>A folder for results, made when it is not there.</summary>
    /// <exception cref="FoveaException">It cannot be made.</exception>
    public static string Folder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Unwritable(path, e);
        }
    }

    /// <summary>Writes rows as columns; the first row is the heading, numbers are aligned to the right.</summary>
    public static void WriteTable(IReadOnlyList<string> heading, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.ToList();
        var widths = heading.Select((h, i) => all.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        var numeric = heading.Select((_, i) => all.Count > 0 && all.All(r => r[i].Length == 0 || char.IsAsciiDigit(r[i][0]))).ToArray();
        foreach (var row in all.Prepend(heading))
            Console.Out.WriteLine(string.Join("  ", row.Select((cell, i) => numeric[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
    }
}
