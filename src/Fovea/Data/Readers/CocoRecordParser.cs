using System.Text.Json;

namespace Fovea.Data.Readers;

/// <summary>Parses single records of a COCO file; a record that lacks something is reported and left out.</summary>
internal readonly struct CocoRecordParser(string file, string field, FaultLog log)
{
    public CocoImage? ReadImage(ref JsonFileReader reader)
    {
        long? id = null, width = null, height = null;
        string? name = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsProperty("id"u8))
                id = Integer(ref reader);
            else if (reader.IsProperty("width"u8))
                width = Integer(ref reader);
            else if (reader.IsProperty("height"u8))
                height = Integer(ref reader);
            else if (reader.IsProperty("file_name"u8))
                name = Text(ref reader);
            else
                reader.Skip();
        }

        if (id is null || string.IsNullOrEmpty(name))
        {
            Malformed(id is null ? "no whole number as id" : "no file_name", "an id and a file_name");
            return null;
        }

        if (width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue)
            return new CocoImage(id.Value, name, new ImageSize((int)height, (int)width));
        log.Error(FaultKind.SizeMissing, file, $"image {id} ({name})", $"width {width?.ToString() ?? "missing"}, height {height?.ToString() ?? "missing"}", "the size of the picture in pixels");
        return null;
    }

    public CocoCategory? ReadCategory(ref JsonFileReader reader)
    {
        long? id = null;
        string? name = null;
        List<string> keypoints = [];
        List<(int, int)> skeleton = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsProperty("id"u8))
                id = Integer(ref reader);
            else if (reader.IsProperty("name"u8))
                name = Text(ref reader);
            else if (reader.IsProperty("keypoints"u8))
                keypoints = Strings(ref reader);
            else if (reader.IsProperty("skeleton"u8))
                skeleton = Pairs(ref reader);
            else
                reader.Skip();
        }

        if (id is not null && !string.IsNullOrWhiteSpace(name))
            return new CocoCategory(id.Value, name, keypoints.Count == 0 ? null : new KeypointLayout(keypoints, skeleton));
        Malformed(id is null ? "no whole number as id" : "no name", "an id and a name");
        return null;
    }

    public CocoRecord? ReadAnnotation(ref JsonFileReader reader)
    {
        var record = new CocoRecord { Area = double.NaN };
        long? id = null, image = null, category = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsProperty("id"u8))
                id = Integer(ref reader);
            else if (reader.IsProperty("image_id"u8))
                image = Integer(ref reader);
            else if (reader.IsProperty("category_id"u8))
                category = Integer(ref reader);
            else if (reader.IsProperty("bbox"u8))
                record.HasBox = ReadBox(ref reader, ref record);
            else if (reader.IsProperty("area"u8))
                record.Area = Number(ref reader) ?? double.NaN;
            else if (reader.IsProperty("iscrowd"u8))
                record.IsCrowd = IsTrue(ref reader);
            else if (reader.IsProperty("difficult"u8))
                record.IsDifficult = IsTrue(ref reader);
            else if (reader.IsProperty("segmentation"u8))
                record.Segmentation = Part(ref reader);
            else if (reader.IsProperty("keypoints"u8))
                record.Keypoints = Part(ref reader);
            else
                reader.Skip();
        }

        if (id is null || image is null || category is null)
        {
            var missing = id is null ? "id" : image is null ? "image_id" : "category_id";
            Malformed($"no whole number as {missing}", "id, image_id and category_id");
            return null;
        }

        (record.Id, record.ImageId, record.CategoryId) = (id.Value, image.Value, category.Value);
        return record;
    }

    private static bool ReadBox(ref JsonFileReader reader, ref CocoRecord record)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return false;
        }

        Span<double> values = stackalloc double[4];
        var count = 0;
        var good = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            good &= count < 4 && reader.GetDouble() is { };
            if (good)
                values[count] = reader.GetDouble()!.Value;
            reader.Skip();
            count++;
        }

        (record.X, record.Y, record.Width, record.Height) = (values[0], values[1], values[2], values[3]);
        return good && count == 4;
    }

    private static CocoPart Part(ref JsonFileReader reader)
    {
        reader.Read();
        var start = reader.TokenStart;
        var isNull = reader.TokenType == JsonTokenType.Null;
        reader.Skip();
        var length = checked((int)(reader.TokenEnd - start));
        // "[]" and null say that there is none.
        return isNull || length <= 2 ? default : new CocoPart(start, length);
    }

    private static long? Integer(ref JsonFileReader reader)
    {
        reader.Read();
        var value = reader.GetInt64();
        reader.Skip();
        return value;
    }

    private static double? Number(ref JsonFileReader reader)
    {
        reader.Read();
        var value = reader.GetDouble();
        reader.Skip();
        return value;
    }

    private static string? Text(ref JsonFileReader reader)
    {
        reader.Read();
        var value = reader.GetString();
        reader.Skip();
        return value;
    }

    private static bool IsTrue(ref JsonFileReader reader)
    {
        reader.Read();
        var value = reader.TokenType == JsonTokenType.True || reader.GetDouble() is > 0;
        reader.Skip();
        return value;
    }

    private static List<string> Strings(ref JsonFileReader reader)
    {
        var strings = new List<string>();
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                strings.Add(reader.GetString() ?? "");
                reader.Skip();
            }
        }

        return strings;
    }

    /// <summary>Pairs of 1-based numbers, as COCO's skeletons are.</summary>
    private static List<(int, int)> Pairs(ref JsonFileReader reader)
    {
        var pairs = new List<(int, int)>();
        reader.Read();
        var depth = reader.Depth;
        var numbers = new List<int>();
        while (reader.TokenType != JsonTokenType.EndArray || reader.Depth > depth)
        {
            if (reader.GetInt64() is { } number)
                numbers.Add((int)number - 1);
            if (!reader.Read())
                break;
        }

        for (var i = 0; i + 1 < numbers.Count; i += 2)
            pairs.Add((numbers[i], numbers[i + 1]));
        return pairs;
    }

    private void Malformed(string found, string expected) => log.Error(FaultKind.AnnotationMalformed, file, field, found, expected);
}
