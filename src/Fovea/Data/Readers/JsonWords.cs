using System.Text.Json;

namespace Fovea.Data.Readers;

/// <summary>What JSON holds, in words for messages.</summary>
internal static class JsonWords
{
    /// <summary>A value's kind, such as "a string".</summary>
    public static string Of(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };

    /// <summary>The kind of the value that a token begins.</summary>
    public static string Of(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => Of(JsonValueKind.Object),
        JsonTokenType.StartArray => Of(JsonValueKind.Array),
        JsonTokenType.String => Of(JsonValueKind.String),
        JsonTokenType.Number => Of(JsonValueKind.Number),
        JsonTokenType.True or JsonTokenType.False => Of(JsonValueKind.True),
        JsonTokenType.Null => Of(JsonValueKind.Null),
        _ => "nothing",
    };
}
