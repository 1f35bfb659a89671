using System.Buffers.Binary;
using System.Text;
using Fovea.Torch.Serialization;

namespace Fovea.Torch.Tests.Serialization;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fovea-safetensors-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Reads_a_file_written_byte_by_byte()
    {
        var path = WriteRaw("""{"__metadata__":{"epoch":"3"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"flag":{"dtype":"BOOL","shape":[],"data_offsets":[8,9]}}""",
            [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 1]);
        using var file = WeightsFile.Open(path);
        Assert.Equal(WeightsFormat.Safetensors, file.Format);
        Assert.Equal(["w", "flag"], file.Tensors.Keys);
        Assert.Equal("3", file.Metadata["epoch"]);
        Assert.Equal([1f, -2f], file.Tensors["w"].ToArray<float>());
        Assert.Equal("Float32[1, 2]", file.Tensors["w"].ToString());
        Assert.Equal([true], file.Tensors["flag"].ToArray<bool>());
    }

    [Fact]
    public void Writes_what_it_reads_in_every_element_type_and_aligned()
    {
        var path = Path.Combine(folder, "all.safetensors");
        var tensors = new Dictionary<string, TensorData>
        {
            ["bool"] = TensorData.FromArray<bool>([true, false, true], 3),
            ["u8"] = TensorData.FromArray<byte>([0, 255, 7], 3, 1),
            ["i8"] = TensorData.FromArray<sbyte>([-128, 127, 0], 1, 3),
            ["i16"] = TensorData.FromArray<short>([short.MinValue], 1),
            ["i32"] = TensorData.FromArray<int>([int.MaxValue, -1], 2),
            ["i64"] = TensorData.FromArray<long>([long.MinValue]),
            ["f16"] = TensorData.FromArray<Half>([(Half)1.5, Half.NaN], 2),
            ["f32"] = TensorData.FromArray<float>([float.Epsilon, float.NegativeInfinity], 2),
            ["f64"] = TensorData.FromArray<double>([Math.PI], 1),
            ["empty"] = TensorData.FromArray<float>([], 0, 4),
            ["name with \"quotes\" ü"] = TensorData.FromArray<float>([1], 1),
        };
        Safetensors.Write(path, tensors, new Dictionary<string, string> { ["ключ"] = "значение" });
        using var file = WeightsFile.Open(path);
        Assert.Equal(tensors.Keys, file.Tensors.Keys);
        Assert.Equal("значение", file.Metadata["ключ"]);
        foreach (var (name, expected) in tensors)
        {
            Assert.Equal(expected.ToString(), file.Tensors[name].ToString());
            var (a, b) = (new byte[expected.ByteCount], new byte[expected.ByteCount]);
            expected.CopyTo(a);
            file.Tensors[name].CopyTo(b);
            Assert.Equal(a, b);
        }

        var bytes = File.ReadAllBytes(path);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(bytes) % 8);
        var header = System.Text.Json.Nodes.JsonNode.Parse(bytes.AsSpan(8, (int)BinaryPrimitives.ReadInt64LittleEndian(bytes)))!;
        foreach (var (name, tensor) in tensors)
            Assert.Equal(0, (long)header[name]!["data_offsets"]![0]! % (tensor.ByteCount / Math.Max(1, tensor.Count) is 0 and var none ? none + 1 : tensor.ByteCount / tensor.Count));
    }

    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", 8, "w.data_offsets")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "w.data_offsets")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "w.data_offsets")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", 8, "w.data_offsets")]
    [InlineData("""{"w":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""", 8, "w.data_offsets")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "w.shape")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8, "w.shape")]
    [InlineData("""{"w":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "w.shape")]
    [InlineData("""{"w":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, "F8_E4M3")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}""", 8, "w.more")]
    [InlineData("""{"w":{"dtype":"F32","data_offsets":[0,8]}}""", 8, "parts missing")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "two tensors")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "what the header describes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 4, "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x""", 4, "JSON")]
    [InlineData("""{"a":5}""", 0, "no object")]
    [InlineData("""{"__metadata__":{"a":5}}""", 0, "__metadata__.a")]
    public void Refuses_headers_that_lie(string header, int dataBytes, string mentions)
    {
        var path = WriteRaw(header, new byte[dataBytes]);
        var error = Assert.Throws<DataException>(() => WeightsFile.Open(path));
        Assert.Contains(mentions, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_header_longer_than_the_file_before_allocating()
    {
        var path = Path.Combine(folder, "long");
        var bytes = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, ulong.MaxValue / 2);
        bytes[8] = (byte)'{';
        File.WriteAllBytes(path, bytes);
        Assert.Throws<DataException>(() => WeightsFile.Open(path));
    }

    [Fact]
    public void Says_what_is_wrong_with_missing_empty_and_foreign_files()
    {
        Assert.Contains("no such file", Assert.Throws<FoveaException>(() => WeightsFile.Open(Path.Combine(folder, "none"))).Message, StringComparison.Ordinal);
        Assert.Contains("folder", Assert.Throws<FoveaException>(() => WeightsFile.Open(folder)).Message, StringComparison.Ordinal);
        var path = Path.Combine(folder, "file");
        File.WriteAllText(path, "");
        Assert.Contains("empty", Assert.Throws<DataException>(() => WeightsFile.Open(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "<html>404 not found</html>");
        Assert.Contains("safetensors", Assert.Throws<DataException>(() => WeightsFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flipped_byte_and_every_truncation_is_read_or_refused()
    {
        var path = WriteRaw("""{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"n":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}}""", new byte[16]);
        var good = File.ReadAllBytes(path);
        var refused = 0;
        foreach (var broken in Damage.Of(good))
        {
            File.WriteAllBytes(path, broken);
            refused += Damage.OpensOrRefuses(path) ? 0 : 1;
        }

        Assert.True(refused > good.Length);
    }

    [Fact]
    public void Tensors_of_a_closed_file_cannot_be_read()
    {
        var file = WeightsFile.Open(WriteRaw("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]));
        var tensor = file.Tensors["w"];
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.ToArray<float>());
    }

    private string WriteRaw(string header, byte[] data)
    {
        var path = Path.Combine(folder, "raw.safetensors");
        var json = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(path, [.. length, .. json, .. data]);
        return path;
    }
}
