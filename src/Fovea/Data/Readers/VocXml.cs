using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Fovea.Data.Readers;

/// <summary>An object of a VOC XML file, its class still a name.</summary>
internal sealed record VocObject(string Name, Box Box, bool IsDifficult, string Field);

/// <summary>One VOC XML file.</summary>
internal sealed record VocXml(string? FileName, ImageSize? Size, IReadOnlyList<VocObject> Objects)
{
    private const int DeepestNesting = 32;
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>Parses a file; boxes go from VOC's 1-based, inclusive corners to half-open pixels.</summary>
    /// <exception cref="DataException">The file is no VOC XML.</exception>
    public static VocXml Read(string path, FaultLog log)
    {
        var root = Load(path);
        var size = ReadSize(root, path, log);
        var objects = new List<VocObject>();
        var number = 0;
        foreach (var element in root.Elements("object"))
        {
            number++;
            try
            {
                if (ReadObject(element, number, path, size, log) is { } item)
                    objects.Add(item);
            }
            catch (DataException fault)
            {
                log.Add(fault, FaultKind.AnnotationMalformed);
            }
        }

        return new VocXml(root.Element("filename")?.Value.Trim(), size, objects);
    }

    private static XElement Load(string path)
    {
        try
        {
            RequireShallow(path);
            using var reader = XmlReader.Create(path, Settings);
            var root = XDocument.Load(reader, LoadOptions.SetLineInfo).Root!;
            return root.Name.LocalName == "annotation"
                ? root
                : throw new DataException(path, null, $"<{root.Name.LocalName}>", "<annotation>, the root of VOC XML");
        }
        catch (XmlException exception)
        {
            var found = new FileInfo(path).Length == 0 ? "an empty file" : $"broken XML ({exception.Message.TrimEnd('.')})";
            throw new DataException(path, null, found, "VOC XML", exception);
        }
    }

    /// <summary>Building a tree takes time by the square of its depth: a small file could keep a core busy for minutes.</summary>
    private static void RequireShallow(string path)
    {
        using var reader = XmlReader.Create(path, Settings);
        while (reader.Read())
        {
            if (reader.Depth > DeepestNesting)
                throw new DataException(path, $"line {((IXmlLineInfo)reader).LineNumber}", $"more than {DeepestNesting} levels", "VOC XML");
        }
    }

    private static ImageSize? ReadSize(XElement root, string path, FaultLog log)
    {
        var size = root.Element("size");
        if (size is null)
        {
            log.Error(FaultKind.SizeMissing, path, "size", "nothing", "the width and height of the picture in pixels");
            return null;
        }

        try
        {
            var width = Number(size, "width", path, "size");
            var height = Number(size, "height", path, "size");
            if (width >= 1 && height >= 1 && width <= int.MaxValue && height <= int.MaxValue)
                return new ImageSize((int)height, (int)width);
            log.Error(FaultKind.SizeMissing, path, "size", $"{Text(width)}x{Text(height)}", "the width and height of the picture in pixels");
        }
        catch (DataException fault)
        {
            log.Add(fault, FaultKind.SizeMissing);
        }

        return null;
    }

    private static VocObject? ReadObject(XElement element, int number, string path, ImageSize? size, FaultLog log)
    {
        var field = $"line {((IXmlLineInfo)element).LineNumber}, object {number}";
        var name = element.Element("name")?.Value.Trim();
        if (string.IsNullOrEmpty(name))
            throw new DataException(path, field, "no name", "the name of its class");
        field += $" ({name})";
        var corners = element.Element("bndbox") ?? throw new DataException(path, field, "no bndbox", "a bndbox with xmin, ymin, xmax, ymax");
        var (xmin, ymin) = (Number(corners, "xmin", path, field), Number(corners, "ymin", path, field));
        var (xmax, ymax) = (Number(corners, "xmax", path, field), Number(corners, "ymax", path, field));
        // Corners that coincide are one pixel by the convention, and nothing by every tool that has ever written them.
        var empty = (xmin == xmax && ymin <= ymax) || (ymin == ymax && xmin <= xmax);
        var written = $"xmin {Text(xmin)}, ymin {Text(ymin)}, xmax {Text(xmax)}, ymax {Text(ymax)}";
        if (!empty && (xmax < xmin || ymax < ymin))
        {
            log.Error(FaultKind.BoxInverted, path, $"{field} bndbox", $"{written} (inverted)", "xmin < xmax and ymin < ymax");
            return null;
        }

        var box = new Box((float)(xmin - 1), (float)(ymin - 1), (float)xmax, (float)ymax);
        return BoxRules.Apply(box, empty, size, written, log, path, $"{field} bndbox") is { } usable
            ? new VocObject(name, usable, element.Element("difficult")?.Value.Trim() == "1", field)
            : null;
    }

    private static double Number(XElement parent, string name, string path, string field)
    {
        var text = parent.Element(name)?.Value.Trim()
            ?? throw new DataException(path, $"{field} {name}", "nothing", "a number of pixels");
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new DataException(path, $"{field} {name}", $"'{text}'", "a number of pixels");
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
