using System.Buffers.Binary;
using System.Globalization;

namespace Fovea.Torch.Serialization;

/// <summary>
/// Reads Darknet's <c>.weights</c>: little-endian int32 major, minor and revision; the number of images seen, 8 bytes since
/// version 0.2 and 4 before; then float32 to the end, layer after layer.
/// </summary>
public static class DarknetFile
{
    /// <summary>The name of the one tensor of such a file: all its numbers.</summary>
    public const string All = "darknet";

    private const int VersionBytes = 12;

    /// <summary>Whether a file starts as Darknet's versions do: 0.1 to 0.9 with a small revision, which no other format can.</summary>
    internal static bool IsDarknet(ReadOnlySpan<byte> start) =>
        start.Length >= VersionBytes && Int(start, 0) == 0 && Int(start, 1) is >= 1 and <= 9 && Int(start, 2) is >= 0 and <= 99;

    internal static WeightsFile Read(MappedFile file)
    {
        var source = ByteSource.Of(file);
        var start = source.Span(0, VersionBytes);
        var (major, minor, revision) = (Int(start, 0), Int(start, 1), Int(start, 2));
        var isWide = major * 10 + minor >= 2;
        var header = VersionBytes + (isWide ? 8 : 4);
        if (file.Length <= header || (file.Length - header) % sizeof(float) != 0)
        {
            throw new DataException(file.Path, null, $"{file.Length} bytes",
                $"a header of {header} and then 4 for each number of a Darknet .weights file; it is truncated");
        }

        var seen = isWide ? BinaryPrimitives.ReadUInt64LittleEndian(source.Span(VersionBytes, 8)) : BinaryPrimitives.ReadUInt32LittleEndian(source.Span(VersionBytes, 4));
        var count = (file.Length - header) / sizeof(float);
        return new WeightsFile(file, WeightsFormat.Darknet, new OrderedDictionary<string, TensorData>(StringComparer.Ordinal)
        {
            { All, new TensorData(Dtype.Float32, [count], source.Slice(header, count * sizeof(float))) },
        })
        {
            Metadata = new Dictionary<string, string>
            {
                ["version"] = string.Create(CultureInfo.InvariantCulture, $"{major}.{minor}.{revision}"),
                ["seen"] = seen.ToString(CultureInfo.InvariantCulture),
            },
        };
    }

    private static int Int(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * index)..]);
}
