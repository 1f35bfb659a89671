using System.Buffers.Binary;
using System.Text.Json;

namespace Fovea.Torch.Serialization;

/// <summary>
/// Reads safetensors: 8 bytes little-endian length of the header, the header as JSON
/// (<c>{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "__metadata__": {...}}</c>), then the elements.
/// Every number of the header is checked against the file before it is believed.
/// </summary>
internal static class SafetensorsReader
{
    /// <summary>The name of the header's entry of free text.</summary>
    public const string MetadataKey = "__metadata__";

    private const int LengthBytes = 8;
    private const long MaxHeader = 100_000_000;
    private const int MaxRank = 64;

    public static WeightsFile Read(MappedFile file)
    {
        var source = ByteSource.Of(file);
        if (file.Length < LengthBytes + 2)
            throw Fault(file, null, $"{file.Length} bytes", "weights (safetensors, or .pth/.pt of PyTorch)");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(source.Span(0, LengthBytes));
        if (headerLength > (ulong)(file.Length - LengthBytes) || source.Span(LengthBytes, 1)[0] != '{')
        {
            throw Fault(file, null, "contents of no known kind (or a truncated file)",
                "weights: safetensors, or .pth/.pt of PyTorch");
        }

        if (headerLength > MaxHeader)
            throw Fault(file, "header length", $"{headerLength} bytes", $"at most {MaxHeader}");
        var data = source.Slice(LengthBytes + (long)headerLength, file.Length - LengthBytes - (long)headerLength);
        var tensors = new OrderedDictionary<string, TensorData>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var extents = new List<(long Begin, long End, string Name)>();
        try
        {
            ReadHeader(file, source.Span(LengthBytes, (int)headerLength), data, tensors, metadata, extents);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new DataException(file.Path, "header", "text that is no valid JSON", "the JSON header of safetensors (the file is damaged)", e);
        }

        CheckCoverage(file, data.Length, extents);
        return new WeightsFile(file, WeightsFormat.Safetensors, tensors) { Metadata = metadata };
    }

    private static void ReadHeader(MappedFile file, ReadOnlySpan<byte> json, ByteSource data, OrderedDictionary<string, TensorData> tensors,
        Dictionary<string, string> metadata, List<(long Begin, long End, string Name)> extents)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        reader.Read();
        var hasMetadata = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Fault(file, name, "a value that is no object", "dtype, shape and data_offsets");
            if (name == MetadataKey)
            {
                if (hasMetadata)
                    throw Fault(file, name, "two entries of this name", "one");
                hasMetadata = true;
                ReadMetadata(file, ref reader, metadata);
            }
            else
            {
                var (tensor, begin, end) = ReadEntry(file, name, ref reader, data);
                if (!tensors.TryAdd(name, tensor))
                    throw Fault(file, name, "two tensors of this name", "one");
                extents.Add((begin, end, name));
            }
        }

        // Reads to the end, so that anything but padding after the object is an error.
        while (reader.Read())
        {
        }
    }

    private static void ReadMetadata(MappedFile file, ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Fault(file, $"{MetadataKey}.{key}", "a value that is no text", "text");
            metadata[key] = reader.GetString()!;
        }
    }

    private static (TensorData Tensor, long Begin, long End) ReadEntry(MappedFile file, string name, ref Utf8JsonReader reader, ByteSource data)
    {
        string? dtypeName = null;
        long[]? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            reader.Read();
            switch (key)
            {
                case "dtype" when reader.TokenType == JsonTokenType.String:
                    dtypeName = reader.GetString();
                    break;
                case "shape":
                    shape = ReadNumbers(file, $"{name}.shape", ref reader);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(file, $"{name}.data_offsets", ref reader);
                    break;
                default:
                    throw Fault(file, $"{name}.{key}", "an unknown or mistyped key", "dtype, shape and data_offsets");
            }
        }

        if (dtypeName is null || shape is null || offsets is not [var begin, var end])
            throw Fault(file, name, "an entry with parts missing", "dtype, shape and two data_offsets");
        if (DtypeFormat.FromSafetensorsName(dtypeName) is not { } dtype)
            throw Fault(file, $"{name}.dtype", $"'{dtypeName}'", "U8, I8, I16, I32, I64, F16, BF16, F32, F64 or BOOL");
        if (begin > end || end > data.Length)
            throw Fault(file, $"{name}.data_offsets", $"[{begin}, {end}]", $"an extent within the {data.Length} bytes of data that the file has (it may be truncated)");
        if (ElementCount(shape) is not { } count || count > long.MaxValue / 8 || count * dtype.Size() != end - begin)
        {
            throw Fault(file, $"{name}.data_offsets", $"[{begin}, {end}], {end - begin} bytes",
                $"as many bytes as {dtype}[{string.Join(", ", shape)}] takes");
        }

        return (new TensorData(dtype, shape, data.Slice(begin, end - begin)), begin, end);
    }

    private static long[] ReadNumbers(MappedFile file, string field, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Fault(file, field, "a value that is no array", "an array of integers");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0 || numbers.Count == MaxRank)
                throw Fault(file, field, "something else", $"at most {MaxRank} integers, none negative");
            numbers.Add(number);
        }

        return [.. numbers];
    }

    /// <summary>Product of the sizes, null when it does not fit 64 bits.</summary>
    private static long? ElementCount(long[] shape)
    {
        var product = (UInt128)1;
        foreach (var size in shape)
        {
            if (size == 0)
                return 0;
            product *= (UInt128)size;
            if (product > long.MaxValue)
                product = (UInt128)long.MaxValue + 1;
        }

        return product > long.MaxValue ? null : (long)product;
    }

    // The format asks that the extents cover the data without holes, so that nothing can hide in a file.
    private static void CheckCoverage(MappedFile file, long dataLength, List<(long Begin, long End, string Name)> extents)
    {
        var position = 0L;
        foreach (var (begin, end, name) in extents.OrderBy(static extent => extent.Begin).ThenBy(static extent => extent.End))
        {
            if (begin != position)
            {
                throw Fault(file, $"{name}.data_offsets", $"[{begin}, {end}], which {(begin < position ? "overlaps another tensor" : "leaves a hole")}",
                    $"an extent that starts at {position}");
            }

            position = end;
        }

        if (position != dataLength)
            throw Fault(file, "data", $"{dataLength} bytes", $"{position}, which is what the header describes");
    }

    private static DataException Fault(MappedFile file, string? field, string found, string expected) => new(file.Path, field, found, expected);
}
