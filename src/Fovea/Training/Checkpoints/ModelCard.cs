using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fovea.Models;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>What must travel with weights so that they can be used: the network, its classes, and what is done to a picture first.</summary>
public sealed record ModelCard
{
    /// <summary>The metadata entry of a weights file that holds the card.</summary>
    public const string Key = "fovea.model";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new TransformStepJson() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Name of the network, as <c>fovea models</c> lists it.</summary>
    public required string Model { get; init; }

    /// <summary>What it says about an image.</summary>
    public required ModelTask Task { get; init; }

    /// <summary>What the network was built with.</summary>
    public required ModelOptions Options { get; init; }

    /// <summary>The classes in order.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>What is done to a picture before the network sees it.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>What is done to a picture before <see cref="Preprocessing"/>: the recipe's transforms of evaluation.</summary>
    public IReadOnlyList<TransformStep> Transforms { get; init; } = [];

    /// <summary>The views of a picture that predictions are averaged over, or null to see it once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TestViews? Views { get; init; }

    /// <summary>The random field that sharpens predicted maps, or null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CrfSection? Crf { get; init; }

    /// <summary>The card as text for a weights file.</summary>
    public string ToText() => JsonSerializer.Serialize(this, Json);

    /// <summary>The card of a weights file, or null when it has none.</summary>
    /// <exception cref="DataException">The card is damaged.</exception>
    public static ModelCard? Of(WeightsFile file)
    {
        if (!file.Metadata.TryGetValue(Key, out var text))
            return null;
        try
        {
            var card = JsonSerializer.Deserialize<ModelCard>(text, Json) ?? throw new JsonException("null");
            card.Check();
            return card with { Options = card.Options with { Variation = Variation(card) } };
        }
        catch (JsonException e)
        {
            throw new DataException(file.Path, Key, "a card that does not fit", $"the model card that this version writes ({e.Message.ReplaceLineEndings(" ")})", e);
        }
    }

    // What the types allow and no network can be built of, or fed by.
    private void Check()
    {
        if (Options.Outputs < 1 || Options.InChannels < 1)
            throw new JsonException($"options: {Options.Outputs} outputs of {Options.InChannels} channels");
        if (Labels.Any(string.IsNullOrWhiteSpace) || Labels.Distinct(StringComparer.Ordinal).Count() < Labels.Count)
            throw new JsonException("labels: a name is missing or given twice");
        if (Transforms.Any(static step => step is null))
            throw new JsonException("transforms: a step is missing");
    }

    // The network says of what kind its options are; without the network they stay unread, and building it says what is wrong.
    private static object? Variation(ModelCard card) =>
        card.Options.Variation is JsonElement given && ModelCatalog.TryFind(card.Model)?.Variation is { } published ? given.Deserialize(published.GetType(), Json) : null;

    /// <summary>Makes the network of the card with the weights of a file.</summary>
    /// <param name="file">The weights; they must fit.</param>
    /// <exception cref="FoveaException">The catalogue has no network of this name, or the weights do not fit.</exception>
    public VisionModel Build(WeightsFile file)
    {
        // All weights come from the file: drawing them first would only cost time.
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find(Model);
        if (entry.OutputsFor(Labels.Count) != Options.Outputs)
            throw new DataException(file.Path, Key, $"{Labels.Count} class names beside {Options.Outputs} outputs", $"{Options.Outputs - entry.OutputsFor(0)}, one for each class of {Model}");
        var model = entry.Build(Options);
        try
        {
            model.Preprocessing = Preprocessing with { Whitening = Checkpoint.WhiteningOf(file) };
            Checkpoint.LoadWeights(model, file);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
