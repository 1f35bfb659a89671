using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea.Training.Recipes;

/// <summary>Writes a transform into a model card as a recipe has it: its name over its parameters.</summary>
internal sealed class TransformStepJson : JsonConverter<TransformStep>
{
    public override TransformStep Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Object || document.RootElement.EnumerateObject().ToList() is not [{ Value.ValueKind: JsonValueKind.Object } step])
            throw new JsonException("transforms: expected the name of a transform over its parameters");
        var origin = $"transforms.{step.Name}";
        return new TransformStep(step.Name, step.Value.EnumerateObject().ToDictionary(static p => p.Name, p => ToValue(p.Value, origin)), origin);
    }

    public override void Write(Utf8JsonWriter writer, TransformStep value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(value.Name);
        foreach (var (name, parameter) in value.Parameters)
        {
            writer.WritePropertyName(name);
            Write(writer, parameter);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, RecipeValue value)
    {
        if (value.Items is not { } items)
        {
            writer.WriteStringValue(value.Text);
            return;
        }

        writer.WriteStartArray();
        foreach (var item in items)
            Write(writer, item);
        writer.WriteEndArray();
    }

    private static RecipeValue ToValue(JsonElement element, string origin) => element.ValueKind == JsonValueKind.Array
        ? RecipeValue.OfList(element.EnumerateArray().Select(item => ToValue(item, origin)), origin)
        : RecipeValue.OfText(element.ValueKind == JsonValueKind.Null ? null : element.ToString(), origin);
}
