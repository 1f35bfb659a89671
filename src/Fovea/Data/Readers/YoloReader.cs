namespace Fovea.Data.Readers;

/// <summary>YOLO text labels.</summary>
internal static class YoloReader
{
    public static FormatReader Reader { get; } = new(
        DatasetFormat.Yolo, "images/ and labels/ with a text file per picture, class names in data.yaml or classes.txt", YoloLayout.Recognises, YoloLayout.Splits, Open);

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var config = YoloConfig.Find(folder);
        var shape = config?.KeypointShape;
        var (names, source) = FindNames(folder, config);
        var pictures = YoloLayout.Pictures(folder, options.Split, config, log);
        var objects = ReadAll(folder, pictures, shape, log);
        var labels = options.Labels ?? names;
        if (labels is null)
        {
            var all = options.Split is null ? objects : ReadAll(folder, YoloLayout.Pictures(folder, null, config, new FaultLog(FaultPolicy.Skip)), shape, new FaultLog(FaultPolicy.Skip));
            labels = ClassNames.Numbered(all.SelectMany(static list => list).Select(static item => item.Class + 1).DefaultIfEmpty(1).Max());
            source = "the highest class number, as there is no data.yaml, classes.txt or obj.names";
        }

        MapClasses(folder, pictures, objects, names ?? labels, labels, log);
        var notes = options.Labels is null ? new List<string> { ClassNames.Note(labels, source!) } : [];
        var background = objects.Count(static list => list.Length == 0);
        if (background > 0)
            notes.Add($"{Counted.Of(background, "picture has no objects and trains", "pictures have no objects and train")} as background");
        return new YoloDataset(folder, [.. pictures], objects, shape)
        {
            Name = FormatReader.NameOf(folder, options.Split),
            Labels = labels,
            Notes = notes,
        };
    }

    private static (LabelSpace? Names, string? Source) FindNames(string folder, YoloConfig? config)
    {
        if (config?.Names is not null)
            return (config.Names, Path.GetFileName(config.FilePath));
        foreach (var place in new[] { folder, Path.Combine(folder, "labels") })
        {
            if (ClassNames.Find(place, out var file) is { } names)
                return (names, Path.GetFileName(file));
        }

        return (null, null);
    }

    private static YoloObject[][] ReadAll(string folder, List<string> pictures, (int, int)? shape, FaultLog log)
    {
        var objects = new YoloObject[pictures.Count][];
        var logs = new FaultLog[pictures.Count];
        AllCores.For(pictures.Count, i =>
        {
            logs[i] = log.Branch();
            var labels = YoloLayout.LabelFile(folder, pictures[i]);
            objects[i] = File.Exists(labels) ? YoloLabels.Read(labels, shape, logs[i]) : [];
        });
        foreach (var part in logs)
            log.Add(part);
        return objects;
    }

    /// <summary>Replaces the class numbers of the files by those of the label space; by name where the files have names.</summary>
    private static void MapClasses(string folder, List<string> pictures, YoloObject[][] objects, LabelSpace fileNames, LabelSpace labels, FaultLog log)
    {
        for (var i = 0; i < objects.Length; i++)
        {
            var kept = new List<YoloObject>(objects[i].Length);
            foreach (var item in objects[i])
            {
                var (path, field) = (YoloLayout.LabelFile(folder, pictures[i]), $"line {item.Line}, class");
                if (item.Class >= fileNames.Count)
                    log.Error(FaultKind.UnknownClass, path, field, $"{item.Class}", $"0 to {fileNames.Count - 1}, the numbers of the {Counted.Of(fileNames.Count, "class")}");
                else if (!labels.TryIndexOf(fileNames[item.Class], out var label))
                    log.Error(FaultKind.UnknownClass, path, field, $"{item.Class} ('{fileNames[item.Class]}')", ClassNames.Expected(labels, fileNames[item.Class]));
                else
                    kept.Add(item with { Class = label });
            }

            objects[i] = [.. kept];
        }
    }
}
