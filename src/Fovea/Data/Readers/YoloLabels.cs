using System.Globalization;

namespace Fovea.Data.Readers;

/// <summary>One line of a YOLO label file; coordinates relative to the picture.</summary>
/// <param name="Line">1-based line number.</param>
/// <param name="Class">The class number of the file.</param>
/// <param name="Box">The box in [0, 1].</param>
/// <param name="HasPolygon">Whether the line is a polygon.</param>
/// <param name="HasKeypoints">Whether keypoints follow the box.</param>
internal readonly record struct YoloObject(int Line, int Class, Box Box, bool HasPolygon, bool HasKeypoints);

/// <summary>Parses YOLO label files.</summary>
internal static class YoloLabels
{
    // Six decimals, as most tools write, are off by less than this.
    private const float Tolerance = 1e-4f;

    /// <summary>The objects of a file; lines at fault go into the log.</summary>
    public static YoloObject[] Read(string path, (int Count, int Values)? keypoints, FaultLog log)
    {
        var objects = new List<YoloObject>();
        foreach (var (number, text) in Files.Lines(path))
        {
            try
            {
                if (ReadLine(path, number, text, keypoints, log) is { } item)
                    objects.Add(item);
            }
            catch (DataException fault)
            {
                log.Add(fault, FaultKind.AnnotationMalformed);
            }
        }

        return [.. objects];
    }

    /// <summary>The numbers of a line after the class.</summary>
    public static double[] Numbers(string path, int line)
    {
        var text = Files.Lines(path).FirstOrDefault(item => item.Number == line).Text
            ?? throw new DataException(path, $"line {line}", "the end of the file", "the line that was there when the data set was opened");
        return Numbers(path, line, text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static double[] Numbers(string path, int line, string[] fields)
    {
        var numbers = new double[fields.Length - 1];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!double.TryParse(fields[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !double.IsFinite(numbers[i]))
                throw new DataException(path, $"line {line}, field {i + 2}", $"'{fields[i + 1]}'", "a number");
        }

        return numbers;
    }

    private static YoloObject? ReadLine(string path, int line, string text, (int Count, int Values)? keypoints, FaultLog log)
    {
        var field = $"line {line}";
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var label))
            throw new DataException(path, $"{field}, class", $"'{fields[0]}'", "the number of a class");
        var numbers = Numbers(path, line, fields);
        var hasKeypoints = keypoints is var (count, values) && numbers.Length == 4 + count * values;
        var hasPolygon = !hasKeypoints && numbers.Length >= 6 && numbers.Length % 2 == 0;
        if (numbers.Length != 4 && !hasKeypoints && !hasPolygon)
        {
            throw new DataException(
                path, field, $"{fields.Length} fields", "5 (class, centre x, centre y, width, height), or the class and at least three corners x, y");
        }

        var box = hasPolygon ? Bounds(numbers)
            : Box.FromCenter((float)numbers[0], (float)numbers[1], (float)numbers[2], (float)numbers[3]);
        var written = string.Join(' ', fields.Skip(1).Take(4)) + (fields.Length > 5 ? " ..." : "");
        return BoxRules.Apply(box, false, new ImageSize(1, 1), written, log, path, field, Tolerance) is { } usable
            ? new YoloObject(line, label, usable, hasPolygon, hasKeypoints)
            : null;
    }

    private static Box Bounds(double[] corners)
    {
        var (x1, y1, x2, y2) = (double.MaxValue, double.MaxValue, double.MinValue, double.MinValue);
        for (var i = 0; i < corners.Length; i += 2)
        {
            (x1, x2) = (Math.Min(x1, corners[i]), Math.Max(x2, corners[i]));
            (y1, y2) = (Math.Min(y1, corners[i + 1]), Math.Max(y2, corners[i + 1]));
        }

        return new Box((float)x1, (float)y1, (float)x2, (float)y2);
    }
}
