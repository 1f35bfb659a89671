namespace Fovea.Data.Readers;

/// <summary>PASCAL VOC detection: a picture, an XML file of the same name, and lists of names for the splits.</summary>
internal static class VocReader
{
    public static FormatReader Reader { get; } = new(
        DatasetFormat.Voc, "XML files in Annotations/ (or beside the pictures) and pictures in JPEGImages/ or images/", Recognises, Splits, Open);

    private static bool Recognises(string folder) => VocLayout.Find(folder).Count > 0;

    private static IReadOnlyList<string> Splits(string folder)
    {
        var layouts = VocLayout.Find(folder);
        return layouts is [(null, var single)] ? VocLayout.SplitsOf(single.Lists) : [.. layouts.Select(static pair => pair.Split!)];
    }

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var labels = options.Labels ?? ClassNames.Find(folder, out _);
        var source = options.Labels is not null ? null : ClassNames.Find(folder, out var file) is null ? "the XML files" : Path.GetFileName(file);
        var layouts = VocLayout.Find(folder);
        var wanted = new List<Entry>();
        var others = new List<string>();
        foreach (var (split, layout) in layouts)
            Select(folder, split, layout, options.Split, labels is null, wanted, others, log);

        var parsed = ParseAll([.. wanted.Select(static entry => entry.Xml), .. others], log);
        for (var i = 0; i < wanted.Count; i++)
            log.Add(parsed[i].Log);
        labels ??= new LabelSpace(parsed.SelectMany(static item => item.Xml?.Objects ?? []).Select(static item => item.Name)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        return new FileDataset(Samples(wanted, parsed, labels, log))
        {
            Name = FormatReader.NameOf(folder, options.Split),
            Format = DatasetFormat.Voc,
            Content = DatasetContent.Boxes,
            Labels = labels,
            Notes = source is null ? [] : [ClassNames.Note(labels, source)],
        };
    }

    /// <summary>Finds the XML files of the split; those of the other splits are read too when the class names come from them.</summary>
    private static void Select(
        string folder, string? split, VocLayout layout, string? wantedSplit, bool needsOthers, List<Entry> wanted, List<string> others, FaultLog log)
    {
        var files = Files.List(layout.Annotations, static path => Path.GetExtension(path).Equals(".xml", StringComparison.OrdinalIgnoreCase));
        var pictures = Files.ByStem(Files.Pictures(layout.Pictures));
        var prefix = split is null ? "" : split + "/";
        if (wantedSplit is null || split == wantedSplit)
        {
            wanted.AddRange(files.Select(path => new Entry(prefix + Files.Stem(path), path, layout.Pictures, pictures)));
        }
        else
        {
            var listed = split is null ? Listed(folder, layout, wantedSplit, log) : [];
            wanted.AddRange(listed.Select(path => new Entry(Files.Stem(path), path, layout.Pictures, pictures)));
            if (needsOthers)
                others.AddRange(files.Except(listed, StringComparer.Ordinal));
        }
    }

    private static List<string> Listed(string folder, VocLayout layout, string split, FaultLog log)
    {
        var list = Path.Combine(layout.Lists!, split + ".txt");
        var found = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (number, name) in Files.Lines(list))
        {
            var path = Files.Resolve(folder, layout.Annotations, name + ".xml", list, $"line {number}");
            if (!seen.Add(name))
                log.Error(FaultKind.DuplicateId, list, $"line {number}", $"'{name}' a second time", "every name once");
            else if (!File.Exists(path))
                log.Error(FaultKind.AnnotationMissing, list, $"line {number}", $"'{name}'", $"a name with an XML file in {layout.Annotations}");
            else
                found.Add(path);
        }

        return found;
    }

    private static Parsed[] ParseAll(IReadOnlyList<string> files, FaultLog parent)
    {
        var parsed = new Parsed[files.Count];
        AllCores.For(files.Count, i =>
        {
            var log = parent.Branch();
            try
            {
                parsed[i] = new Parsed(VocXml.Read(files[i], log), log);
            }
            catch (DataException fault)
            {
                log.Add(fault, FaultKind.AnnotationMalformed);
                parsed[i] = new Parsed(null, log);
            }
        });
        return parsed;
    }

    private static List<Sample> Samples(List<Entry> entries, Parsed[] parsed, LabelSpace labels, FaultLog log)
    {
        var samples = new List<Sample>(entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            if (parsed[i].Xml is { Size: not null } xml && FindPicture(entries[i], xml, log) is { } picture)
            {
                samples.Add(new Sample(picture, new Annotation { Instances = Instances(xml, entries[i].Xml, labels, log) })
                {
                    Id = entries[i].Id,
                    AnnotationPath = entries[i].Xml,
                    DeclaredSize = xml.Size,
                });
            }
        }

        return samples;
    }

    private static Instance[] Instances(VocXml xml, string path, LabelSpace labels, FaultLog log)
    {
        var instances = new List<Instance>(xml.Objects.Count);
        foreach (var item in xml.Objects)
        {
            if (labels.TryIndexOf(item.Name, out var label))
                instances.Add(new Instance(label, item.Box) { IsDifficult = item.IsDifficult, Id = item.Field });
            else
                log.Error(FaultKind.UnknownClass, path, $"{item.Field} name", $"'{item.Name}'", ClassNames.Expected(labels, item.Name));
        }

        return [.. instances];
    }

    /// <summary>The picture of the XML file's own name, or else the one that it names.</summary>
    private static string? FindPicture(Entry entry, VocXml xml, FaultLog log)
    {
        var stem = Files.Stem(entry.Xml);
        var same = entry.Pictures[stem].ToList();
        var named = xml.FileName is null ? null : Files.Stem(xml.FileName);
        if (same.Count > 0)
        {
            var picture = same.Find(path => Path.GetFileName(path) == xml.FileName) ?? same[0];
            if (named is not null && named != stem && entry.Pictures[named].Any())
                log.Warn(FaultKind.AnnotationMalformed, entry.Xml, "filename", $"'{xml.FileName}', another picture", $"'{Path.GetFileName(picture)}', which is used");
            return picture;
        }

        if (named is not null && entry.Pictures[named].FirstOrDefault() is { } other)
            return other;
        log.Error(FaultKind.PictureMissing, entry.Xml, "filename", $"no picture '{xml.FileName ?? stem}'", $"a picture named {stem} in {entry.PictureFolder}");
        return null;
    }

    private sealed record Entry(string Id, string Xml, string PictureFolder, ILookup<string, string> Pictures);

    private sealed record Parsed(VocXml? Xml, FaultLog Log);
}
