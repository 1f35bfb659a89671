using System.Globalization;

namespace Fovea.Data.Readers;

/// <summary>COCO JSON of objects.</summary>
internal static class CocoReader
{
    public static FormatReader Instances { get; } = Create(DatasetFormat.Coco, keypoints: false, "JSON files with images, annotations and categories in annotations/, the folder itself or its splits");

    public static FormatReader PersonKeypoints { get; } = Create(DatasetFormat.CocoKeypoints, keypoints: true, "person_keypoints_SPLIT.json in annotations/");

    private static FormatReader Create(DatasetFormat format, bool keypoints, string looksFor) => new(
        format, looksFor, folder => CocoLayout.Find(folder, keypoints).Count > 0,
        folder => [.. CocoLayout.Find(folder, keypoints).Select(static source => source.Split).OfType<string>()],
        (folder, options, log) => Open(folder, options, keypoints, log));

    private static CocoDataset Open(string folder, DatasetOptions options, bool keypoints, FaultLog log)
    {
        var all = CocoLayout.Find(folder, keypoints);
        var chosen = all.Where(source => options.Split is null || source.Split == options.Split).ToList();
        var files = chosen.ConvertAll(source => CocoFile.Read(source.Json, log));
        var labels = options.Labels;
        var notes = new List<string>();
        if (labels is null)
        {
            labels = FindLabels(files[0], log);
            notes.Add(ClassNames.Note(labels, Path.GetFileName(files[0].FilePath)));
            foreach (var source in all.Where(source => source.Json != files[0].FilePath))
                CompareCategories(files[0], source.Json, log);
        }

        var builder = new CocoBuilder(labels, log, chosen.Count > 1);
        for (var i = 0; i < files.Count; i++)
            builder.Add(files[i], chosen[i], folder);
        return builder.Build(FormatReader.NameOf(folder, options.Split), options.Format!.Value, notes);
    }

    /// <summary>The categories by ascending id, used or not.</summary>
    private static LabelSpace FindLabels(CocoFile file, FaultLog log)
    {
        var names = new List<string>();
        foreach (var category in file.Categories.OrderBy(static category => category.Id))
        {
            if (names.Contains(category.Name))
                log.Error(FaultKind.DuplicateId, file.FilePath, $"category {category.Id}", $"'{category.Name}' a second time", "every name once");
            else
                names.Add(category.Name);
        }

        return new LabelSpace(names);
    }

    /// <summary>Another split that numbers its categories otherwise would train or test on other classes.</summary>
    private static void CompareCategories(CocoFile file, string other, FaultLog log)
    {
        var ours = file.Categories.OrderBy(static category => category.Id).Select(static category => category.Name).ToList();
        var theirs = CocoFile.ReadCategories(other).OrderBy(static category => category.Id).Select(static category => category.Name).ToList();
        if (!ours.SequenceEqual(theirs, StringComparer.Ordinal))
        {
            log.Error(
                FaultKind.ClassUse, other, "categories", string.Join(", ", theirs.Except(ours).DefaultIfEmpty("another order").Take(5)),
                $"the categories of {Path.GetFileName(file.FilePath)}; give the class names to map both by name");
        }
    }
}

/// <summary>Puts the records of one or several COCO files in order, holding every one against the rules.</summary>
internal sealed class CocoBuilder(LabelSpace labels, FaultLog log, bool severalFiles)
{
    private readonly List<CocoDataset.Picture> pictures = [];
    private readonly List<CocoDataset.Entry> items = [];
    private KeypointLayout? layout;
    private DatasetContent content = DatasetContent.Boxes;

    public void Add(CocoFile file, CocoSource source, string folder)
    {
        var categories = MapCategories(file);
        var pictureIndex = AddPictures(file, source, folder);
        var ids = new HashSet<long>(file.Records.Count);
        foreach (ref readonly var record in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(file.Records))
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"annotation {record.Id}");
            if (!ids.Add(record.Id))
                log.Error(FaultKind.DuplicateId, file.FilePath, field, "the id a second time", "every annotation id once");
            else if (!pictureIndex.TryGetValue(record.ImageId, out var picture))
                log.Error(FaultKind.DanglingId, file.FilePath, $"{field} image_id", $"{record.ImageId}", "the id of one of the images");
            else if (!categories.TryGetValue(record.CategoryId, out var category))
                log.Error(FaultKind.DanglingId, file.FilePath, $"{field} category_id", $"{record.CategoryId}", "the id of one of the categories");
            else if (category.Label < 0)
                log.Error(FaultKind.UnknownClass, file.FilePath, $"{field} category", $"'{category.Name}'", ClassNames.Expected(labels, category.Name));
            else if (picture >= 0 && ReadBox(record, pictures[picture].Size, file.FilePath, field) is { } box)
                items.Add(new CocoDataset.Entry(picture, category.Label, box, record));
        }
    }

    public CocoDataset Build(string name, DatasetFormat format, IReadOnlyList<string> notes)
    {
        foreach (var item in items)
        {
            if (!item.Record.Segmentation.IsEmpty)
                content |= DatasetContent.Masks;
            if (!item.Record.Keypoints.IsEmpty)
                content |= DatasetContent.Keypoints;
        }

        return new CocoDataset([.. pictures], [.. items.OrderBy(static item => item.Picture)])
        {
            Name = name,
            Format = format,
            Labels = labels,
            Notes = notes,
            Content = content,
            Keypoints = content.HasFlag(DatasetContent.Keypoints) ? layout : null,
        };
    }

    private Dictionary<long, (int Label, string Name)> MapCategories(CocoFile file)
    {
        var map = new Dictionary<long, (int, string)>();
        foreach (var category in file.Categories)
        {
            var label = labels.TryIndexOf(category.Name, out var index) ? index : -1;
            if (!map.TryAdd(category.Id, (label, category.Name)))
                log.Error(FaultKind.DuplicateId, file.FilePath, $"category {category.Id}", "the id a second time", "every category id once");
            layout ??= category.Keypoints;
        }

        return map;
    }

    /// <summary>Numbers the pictures; one that is left out has number -1, so that its annotations are not called dangling.</summary>
    private Dictionary<long, int> AddPictures(CocoFile file, CocoSource source, string folder)
    {
        var index = new Dictionary<long, int>(file.Images.Count);
        var home = CocoLayout.PictureFolder(folder, source, file.Images);
        foreach (var image in file.Images)
        {
            var field = $"image {image.Id} file_name";
            var path = Files.Resolve(folder, home, image.FileName, file.FilePath, field);
            var exists = File.Exists(path);
            if (!index.TryAdd(image.Id, exists ? pictures.Count : -1))
                log.Error(FaultKind.DuplicateId, file.FilePath, $"image {image.Id}", "the id a second time", "every image id once");
            else if (!exists)
                log.Error(FaultKind.PictureMissing, file.FilePath, field, $"no file '{image.FileName}'", $"a picture in {home}");
            else
                pictures.Add(new CocoDataset.Picture(path, severalFiles ? $"{source.Split}/{image.Id}" : $"{image.Id}", image.Size, file.FilePath));
        }

        return index;
    }

    private Box? ReadBox(in CocoRecord record, ImageSize size, string file, string field)
    {
        if (!record.HasBox)
        {
            log.Error(FaultKind.AnnotationMalformed, file, $"{field} bbox", "no four numbers", "[x, y, width, height]");
            return null;
        }

        var box = new Box((float)record.X, (float)record.Y, (float)(record.X + record.Width), (float)(record.Y + record.Height));
        var written = string.Create(CultureInfo.InvariantCulture, $"[{record.X}, {record.Y}, {record.Width}, {record.Height}]");
        var empty = (record.Width == 0 && record.Height >= 0) || (record.Height == 0 && record.Width >= 0);
        return BoxRules.Apply(box, empty, size, written, log, file, $"{field} bbox");
    }
}
