using System.Text.Json;
using Fovea.Imaging;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Data.Readers;

/// <summary>Reads the masks and keypoints of the objects of one image from their places in the JSON file.</summary>
internal sealed class CocoParts(string file, ImageSize size, KeypointLayout? layout) : IDisposable
{
    private readonly SafeFileHandle handle = File.OpenHandle(file);

    public void Dispose() => handle.Dispose();

    /// <summary>The mask of an object, or null when it has none.</summary>
    /// <exception cref="DataException">It is neither polygons nor run lengths, or of another size than its image.</exception>
    public RunLengthMask? ReadMask(in CocoRecord record)
    {
        if (record.Segmentation.IsEmpty)
            return null;
        var field = $"annotation {record.Id} segmentation";
        using var json = Parse(record.Segmentation, field);
        return json.RootElement.ValueKind switch
        {
            JsonValueKind.Array => RunLengthMask.FromPolygons(Polygons(json.RootElement, field), size),
            JsonValueKind.Object => RunLengths(json.RootElement, field),
            _ => throw new DataException(file, field, JsonWords.Of(json.RootElement.ValueKind), "a list of polygons or an object with size and counts"),
        };
    }

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
            throw new DataException(file, field, Counted.Of(values.Length, "number"), $"{3 * layout.Names.Count}: x, y, visibility of {layout.Names.Count} keypoints");
        var points = new Keypoint[layout.Names.Count];
        for (var i = 0; i < points.Length; i++)
        {
            if (values[3 * i + 2] is not (0 or 1 or 2))
                throw new DataException(file, $"{field}, {layout.Names[i]}", $"visibility {values[3 * i + 2]}", "0, 1 or 2");
            points[i] = new Keypoint((float)values[3 * i], (float)values[3 * i + 1], (int)values[3 * i + 2]);
        }

        return points;
    }

    private List<double[]> Polygons(JsonElement element, string field)
    {
        var polygons = new List<double[]>();
        foreach (var child in element.EnumerateArray())
        {
            var numbers = Numbers(child, field);
            if (numbers.Length < 6 || numbers.Length % 2 != 0)
                throw new DataException(file, field, $"a polygon of {numbers.Length} numbers", "pairs of x and y for at least three corners");
            if (Array.Find(numbers, static number => !(Math.Abs(number) < RunLengthMask.MaxCoordinate)) is var wild and not 0)
                throw new DataException(file, field, $"{wild} in a polygon", $"pixel coordinates below {RunLengthMask.MaxCoordinate}");
            polygons.Add(numbers);
        }

        return polygons;
    }

    private RunLengthMask RunLengths(JsonElement element, string field)
    {
        if (!element.TryGetProperty("counts", out var counts) || !element.TryGetProperty("size", out var sizes) || Numbers(sizes, field) is not [var height, var width])
            throw new DataException(file, field, "an object without size and counts", "\"size\": [height, width] and \"counts\"");
        if (height != size.Height || width != size.Width)
            throw new DataException(file, $"{field} size", $"{width}x{height}", $"{size}, the size of the image");
        if (counts.ValueKind == JsonValueKind.String)
            return Compressed(Text(counts, field), field);
        var numbers = Numbers(counts, field);
        var total = 0.0;
        foreach (var number in numbers)
            total += number >= 0 && number == Math.Floor(number) ? number : double.NaN;
        return total == (double)size.Height * size.Width
            ? new RunLengthMask(size, Array.ConvertAll(numbers, static number => (uint)number))
            : throw new DataException(file, $"{field} counts", double.IsNaN(total) ? "a count that is negative or no whole number" : $"{total} pixels in all", $"{(long)size.Height * size.Width}, the pixels of the image");
    }

    private RunLengthMask Compressed(string counts, string field)
    {
        try
        {
            return RunLengthMask.Parse(counts, size);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or FoveaException)
        {
            throw new DataException(file, $"{field} counts", $"a broken run-length string ({exception.Message})", "COCO's compressed run lengths", exception);
        }
    }

    private string Text(JsonElement element, string field)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new DataException(file, field, "text that is no UTF-8", "JSON in UTF-8", exception);
        }
    }

    private double[] Numbers(JsonElement element, string field)
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw new DataException(file, field, JsonWords.Of(element.ValueKind), "a list of numbers");
        var numbers = new double[element.GetArrayLength()];
        var i = 0;
        foreach (var child in element.EnumerateArray())
        {
            if (child.ValueKind != JsonValueKind.Number)
                throw new DataException(file, field, JsonWords.Of(child.ValueKind), "a list of numbers");
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
