using System.Text.Json;

namespace Fovea.Data.Readers;

/// <summary>An image of a COCO file.</summary>
internal readonly record struct CocoImage(long Id, string FileName, ImageSize Size);

/// <summary>A category of a COCO file.</summary>
internal sealed record CocoCategory(long Id, string Name, KeypointLayout? Keypoints);

/// <summary>A stretch of the file: a value that is read only when it is wanted.</summary>
internal readonly record struct CocoPart(long Start, int Length)
{
    public bool IsEmpty => Length == 0;
}

/// <summary>An annotation of a COCO file without its mask and keypoints, of which it knows only the place.</summary>
internal struct CocoRecord
{
    public long Id;
    public long ImageId;
    public long CategoryId;
    public double X, Y, Width, Height;
    public double Area;
    public bool HasBox;
    public bool IsCrowd;
    public bool IsDifficult;
    public CocoPart Segmentation;
    public CocoPart Keypoints;
}

/// <summary>The contents of one COCO JSON file.</summary>
internal sealed class CocoFile(string path)
{
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);

    public string FilePath { get; } = path;

    public List<CocoImage> Images { get; } = [];

    public List<CocoCategory> Categories { get; } = [];

    public List<CocoRecord> Records { get; } = [];

    /// <summary>Whether a JSON file has the lists of COCO, judged by the keys at its top.</summary>
    public static bool IsCoco(string path)
    {
        var file = new CocoFile(path);
        try
        {
            file.ReadTop(new FaultLog(FaultPolicy.Skip), static _ => false, static keys => keys.Contains("images") && keys.Contains("annotations"));
        }
        catch (DataException)
        {
            // A broken file is reported when it is opened, if its keys were COCO's up to there.
        }

        return file.keys.Contains("images") && (file.keys.Contains("annotations") || file.keys.Contains("categories"));
    }

    /// <summary>Reads a file; faults of single records go into the log.</summary>
    /// <exception cref="DataException">The JSON is broken or lacks one of its lists.</exception>
    public static CocoFile Read(string path, FaultLog log)
    {
        var file = new CocoFile(path);
        file.ReadTop(log, static _ => true, static _ => false);
        foreach (var key in new[] { "images", "annotations", "categories" })
        {
            if (!file.keys.Contains(key))
            {
                var found = file.keys.Count == 0 ? "nothing" : $"only {string.Join(", ", file.keys)}";
                throw new DataException(path, key, $"{found} at the top", $"a list '{key}', as COCO files of objects have");
            }
        }

        return file;
    }

    /// <summary>Reads the categories of a file and passes over the rest.</summary>
    public static IReadOnlyList<CocoCategory> ReadCategories(string path)
    {
        var file = new CocoFile(path);
        file.ReadTop(new FaultLog(FaultPolicy.Skip), static key => key == "categories", static keys => keys.Contains("categories"));
        return file.Categories;
    }

    private void ReadTop(FaultLog log, Func<string, bool> wanted, Func<HashSet<string>, bool> enough)
    {
        var reader = new JsonFileReader(FilePath);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new DataException(FilePath, null, JsonWords.Of(reader.TokenType), "an object with images, annotations and categories");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = reader.GetString()!;
                keys.Add(key);
                reader.Read();
                if (wanted(key) && key is ("images" or "annotations" or "categories"))
                    ReadList(ref reader, key, log);
                else if (!enough(keys))
                    reader.Skip();
                if (enough(keys))
                    return;
            }

            // The token after the closing brace: a second value or a cut-off file shows here.
            reader.Read();
        }
        finally
        {
            reader.Dispose();
        }
    }

    private void ReadList(ref JsonFileReader reader, string key, FaultLog log)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new DataException(FilePath, key, JsonWords.Of(reader.TokenType), "a list");
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            var field = $"{key}[{i}]";
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new DataException(FilePath, field, JsonWords.Of(reader.TokenType), "an object");
            var parser = new CocoRecordParser(FilePath, field, log);
            switch (key)
            {
                case "images" when parser.ReadImage(ref reader) is { } image:
                    Images.Add(image);
                    break;
                case "categories" when parser.ReadCategory(ref reader) is { } category:
                    Categories.Add(category);
                    break;
                case "annotations" when parser.ReadAnnotation(ref reader) is { } record:
                    Records.Add(record);
                    break;
            }
        }
    }
}
