using System.Text.Json;

namespace Fovea.Data.Readers;

/// <summary>Reads the tokens of a JSON file of any size through a small buffer, knowing where in the file each lies.</summary>
internal ref struct JsonFileReader : IDisposable
{
    private readonly FileStream stream;
    private readonly string path;
    private byte[] buffer;
    private int length;
    private long bufferStart;
    private bool atEnd;
    private Utf8JsonReader reader;

    /// <exception cref="DataException">The file is empty.</exception>
    public JsonFileReader(string path, int bufferSize = 1 << 16)
    {
        this.path = path;
        stream = File.OpenRead(path);
        if (stream.Length == 0)
            throw new DataException(path, null, "an empty file", "JSON");
        buffer = new byte[bufferSize];
        length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        atEnd = length < buffer.Length;
        var start = buffer.AsSpan(0, length).StartsWith("\uFEFF"u8) ? 3 : 0;
        bufferStart = start;
        reader = new Utf8JsonReader(buffer.AsSpan(start, length - start), atEnd, default);
        if (start > 0)
        {
            buffer = buffer[start..];
            length -= start;
        }
    }

    public readonly JsonTokenType TokenType => reader.TokenType;

    public readonly int Depth => reader.CurrentDepth;

    /// <summary>Where in the file the token begins.</summary>
    public readonly long TokenStart => bufferStart + reader.TokenStartIndex;

    /// <summary>Where in the file the token ends.</summary>
    public readonly long TokenEnd => bufferStart + reader.BytesConsumed;

    /// <summary>Goes to the next token.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="DataException">The file is broken or cut off here.</exception>
    public bool Read()
    {
        try
        {
            while (!reader.Read())
            {
                if (atEnd)
                    return false;
                Refill();
            }

            return true;
        }
        catch (JsonException exception)
        {
            var reason = exception.Message.Split(" LineNumber", StringSplitOptions.None)[0].TrimEnd('.');
            throw new DataException(
                path, $"line {exception.LineNumber + 1}, byte {TokenEnd}", $"broken JSON ({reason})", "JSON that is whole", exception);
        }
    }

    /// <summary>Passes over the value that begins at this token.</summary>
    public void Skip()
    {
        if (TokenType == JsonTokenType.PropertyName)
            Read();
        if (TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;
        var depth = Depth;
        while (Read() && Depth > depth)
        {
        }
    }

    /// <summary>Whether the token is the property of this name.</summary>
    public readonly bool IsProperty(ReadOnlySpan<byte> name) => reader.ValueTextEquals(name);

    /// <exception cref="DataException">The text is no UTF-8.</exception>
    public readonly string? GetString()
    {
        try
        {
            return TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? reader.GetString() : null;
        }
        catch (InvalidOperationException exception)
        {
            throw new DataException(path, $"byte {TokenStart}", "text that is no UTF-8", "JSON in UTF-8", exception);
        }
    }

    public readonly long? GetInt64() => TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : null;

    public readonly double? GetDouble() => TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) ? value : null;

    public readonly void Dispose() => stream.Dispose();

    private void Refill()
    {
        var consumed = (int)reader.BytesConsumed;
        var kept = length - consumed;
        var target = kept > buffer.Length / 2 ? new byte[buffer.Length * 2] : buffer;
        buffer.AsSpan(consumed, kept).CopyTo(target);
        buffer = target;
        bufferStart += consumed;
        var added = stream.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false);
        atEnd = added < buffer.Length - kept;
        length = kept + added;
        reader = new Utf8JsonReader(buffer.AsSpan(0, length), atEnd, reader.CurrentState);
    }
}
