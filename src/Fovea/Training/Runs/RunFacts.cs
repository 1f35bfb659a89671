using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fovea.Torch.Serialization;

namespace Fovea.Training;

/// <summary>What is known about a run when it starts; kept in its folder for the report.</summary>
public sealed record RunFacts
{
    // Pixels of a class: more than all disks hold, and a sum over classes still fits.
    private const long MostCounted = 1L << 53;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Name of the run: the recipe's.</summary>
    public required string Name { get; init; }

    /// <summary>When it started, in UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>Where it computes: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Threads of an operator; another number may change the last bit of sums.</summary>
    public required int Threads { get; init; }

    /// <summary>Name of the network.</summary>
    public required string Model { get; init; }

    /// <summary>What it is for.</summary>
    public required ModelTask Task { get; init; }

    /// <summary>Trainable parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>The classes.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The figure that decides which checkpoint is the best.</summary>
    public required string Metric { get; init; }

    /// <summary>Epochs of the recipe.</summary>
    public required int Epochs { get; init; }

    /// <summary>What was said first: subject and text.</summary>
    public required IReadOnlyList<Fact> Lines { get; init; }

    /// <summary>The parts of the data.</summary>
    public required IReadOnlyList<DataFacts> Data { get; init; }

    /// <summary>Writes the facts, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Json));

    /// <summary>Reads the facts.</summary>
    /// <exception cref="DataException">The file is damaged.</exception>
    public static RunFacts Load(string path)
    {
        var facts = ReadJson<RunFacts>(path);
        return facts.Fault is { } fault ? throw new DataException(path, fault, "values that do not fit each other", "what the run wrote there") : facts;
    }

    // What the types allow and no run writes; null when there is nothing of the kind.
    private string? Fault =>
        Threads < 1 ? "threads"
        : Epochs < 1 ? "epochs"
        : Labels.Any(static name => name is null) ? "labels"
        : Lines.Any(static line => line is null) ? "lines"
        : Data.Count == 0 || Data.Any(part => part is null || part.Notes.Any(static note => note is null) || part.Counts.Count != Labels.Count || part.Counts.Any(static count => count is < 0 or > MostCounted)) ? "data"
        : null;

    internal static void WriteJson<T>(string path, T value) => AtomicFile.WriteText(path, JsonSerializer.Serialize(value, Json));

    internal static T ReadJson<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new DataException(path, e.Path, "text that does not fit", "what the run wrote there", e);
        }
    }
}

/// <summary>A line of what a run says first.</summary>
/// <param name="Subject">What it is about.</param>
/// <param name="Text">The fact.</param>
public sealed record Fact(string Subject, string Text);

/// <summary>What is known about a part of the data.</summary>
/// <param name="Name">Its name, such as "bccd/train".</param>
/// <param name="Images">Number of images.</param>
/// <param name="Unit">What is counted: images, objects or pixels.</param>
/// <param name="Counts">How many there are of every class.</param>
/// <param name="Empty">Images with nothing in them.</param>
/// <param name="Notes">What was found and decided while opening.</param>
public sealed record DataFacts(string Name, int Images, string Unit, IReadOnlyList<long> Counts, int Empty, IReadOnlyList<string> Notes);
