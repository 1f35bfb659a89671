using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Data.Readers;

/// <summary>Reads the masks and keypoints of the objects of one image from their places in the JSON file.</summary>
internal sealed class CocoParts(string file, KeypointLayout? layout) : IDisposable
{
    private readonly SafeFileHandle handle = File.OpenHandle(file);

    public void Dispose() => handle.Dispose();

    /// <summary>The keypoints of an object, or null when it has none.</summary>
    /// <exception cref="DataException">They are not three numbers for every keypoint of the category.</exception>
    public IReadOnlyList<Keypoint>? ReadKeypoints(in CocoRecord record)
    {
        if (record.Keypoints.IsEmpty || layout is null)
            return null;
        var field = $"annotation {record.Id} keypoints";
        using var json = Parse(record.Keypoints, field);
        var values = Numbers(json.RootElement, field);
        if (values.Length != 3 * layout.Names.Count)
            throw new DataException(file, field, $"{values.Length} numbers", $"{3 * layout.Names.Count}: x, y, visibility of {layout.Names.Count} keypoints");
        var points = new Keypoint[layout.Names.Count];
        for (var i = 0; i < points.Length; i++)
        {
            if (values[3 * i + 2] is not (0 or 1 or 2))
                throw new DataException(file, $"{field}, {layout.Names[i]}", $"visibility {values[3 * i + 2]}", "0, 1 or 2");
            points[i] = new Keypoint((float)values[3 * i], (float)values[3 * i + 1], (int)values[3 * i + 2]);
        }

        return points;
    }

    private double[] Numbers(JsonElement element, string field)
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw new DataException(file, field, $"a {element.ValueKind}", "a list of numbers");
        var numbers = new double[element.GetArrayLength()];
        var i = 0;
        foreach (var child in element.EnumerateArray())
        {
            if (child.ValueKind != JsonValueKind.Number)
                throw new DataException(file, field, $"a {child.ValueKind}", "a list of numbers");
            numbers[i++] = child.GetDouble();
        }

        return numbers;
    }

    private JsonDocument Parse(CocoPart part, string field)
    {
        var bytes = new byte[part.Length];
        try
        {
            if (RandomAccess.Read(handle, bytes, part.Start) == bytes.Length)
                return JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            // Told below: the file was whole when it was opened.
        }

        throw new DataException(file, field, "something else than when the file was opened", "a file that does not change while it is used");
    }
}
