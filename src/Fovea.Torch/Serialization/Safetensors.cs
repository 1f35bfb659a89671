using System.Buffers.Binary;
using System.Text.Json;

namespace Fovea.Torch.Serialization;

/// <summary>Writes safetensors files.</summary>
public static class Safetensors
{
    private const int Alignment = 8;

    /// <summary>
    /// Writes named tensors, whole or not at all. Wider element types come first in the data (the order of names in the
    /// header is kept), so that every tensor is aligned for mapping.
    /// </summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="metadata">Free text by name to put into the header, or null.</param>
    /// <exception cref="FoveaException">A name appears twice or is reserved, the disk is full or the folder not writable;
    /// an old file of that name is left as it was.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, TensorData>> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        var inHeaderOrder = tensors.ToList();
        var inDataOrder = inHeaderOrder.OrderByDescending(static pair => pair.Value.Dtype.Size()).ToList();
        var begins = new Dictionary<string, long>(StringComparer.Ordinal);
        var position = 0L;
        foreach (var (name, tensor) in inDataOrder)
        {
            if (name == SafetensorsReader.MetadataKey || !begins.TryAdd(name, position))
                throw new FoveaException($"{path}: cannot be written: found the tensor name '{name}' twice or reserved, expected unique names");
            position += tensor.ByteCount;
        }

        var header = Header(inHeaderOrder, begins, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var (_, tensor) in inDataOrder)
                tensor.WriteTo(stream);
        }, sizeof(ulong) + header.Length + position);
    }

    private static byte[] Header(List<KeyValuePair<string, TensorData>> tensors, Dictionary<string, long> begins,
        IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(SafetensorsReader.MetadataKey);
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            foreach (var (name, tensor) in tensors)
                WriteEntry(json, name, tensor, begins[name]);
            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, string name, TensorData tensor, long begin)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", DtypeFormat.SafetensorsName(tensor.Dtype));
        json.WriteStartArray("shape");
        foreach (var size in tensor.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(begin + tensor.ByteCount);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
