using Fovea.Data;
using Fovea.Data.Writing;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

public sealed class DatasetConverterTests
{
    [Fact]
    public void BoxesSurviveTheTourOfAllFormats()
    {
        if (!TestData.TryFolder("raccoon", out var path))
            return;
        using var folder = new TempFolder();
        var original = Dataset.Open(path);
        Convert(original, DatasetFormat.Coco, folder.At("coco"));
        Convert(Dataset.Open(folder.At("coco")), DatasetFormat.Yolo, folder.At("yolo"));
        Convert(Dataset.Open(folder.At("yolo")), DatasetFormat.Voc, folder.At("voc"));
        foreach (var (name, tolerance) in new[] { ("coco", 0.0), ("yolo", 1e-3), ("voc", 1e-3) })
        {
            var copy = Dataset.Open(folder.At(name));
            Assert.Equal((89, name), (copy.Count, copy.Format.Name()));
            Assert.Equal(original.Labels, copy.Labels);
            var samples = Enumerable.Range(0, 89).ToDictionary(i => Path.GetFileName(copy[i].ImagePath), i => copy[i]);
            for (var i = 0; i < 89; i++)
            {
                var instances = samples[Path.GetFileName(original[i].ImagePath)].Annotation.Instances!;
                Assert.Equal(original[i].Annotation.Instances!.Count, instances.Count);
                Assert.All(Enumerable.Range(0, instances.Count), j => AssertNear(original[i].Annotation.Instances![j], instances[j], tolerance));
            }
        }
    }

    [Fact]
    public void MasksCrowdsAndKeypointsSurviveCocoAndTheRestIsSaid()
    {
        if (!TestData.TryFolder("coco-subset", out var path))
            return;
        using var folder = new TempFolder();
        var val = Dataset.Open(path, split: "val");
        Assert.Empty(Convert(val, DatasetFormat.Coco, folder.At("coco"), "val").Losses);
        var copy = Dataset.Open(folder.At("coco"), split: "val");
        for (var i = 0; i < val.Count; i++)
        {
            var (expected, actual) = (val.Load(i), copy.Load(i));
            Assert.Equal((expected.Id, expected.DeclaredSize), (actual.Id, actual.DeclaredSize));
            Assert.Equal(expected.Annotation.Instances!.Select(static item => item with { Mask = null }), actual.Annotation.Instances!.Select(static item => item with { Mask = null }));
            Assert.Equal(expected.Annotation.Instances!.Select(static item => item.Mask!.ToString()), actual.Annotation.Instances!.Select(static item => item.Mask!.ToString()));
        }

        var crowds = Enumerable.Range(0, val.Count).Sum(i => val[i].Annotation.Instances!.Count(static item => item.IsCrowd));
        var voc = Convert(val, DatasetFormat.Voc, folder.At("voc"), "val").Losses;
        Assert.Equal([$"{crowds} x crowd region left out: VOC has none", $"{219 - crowds} x mask lost: VOC XML holds boxes"], voc);
        Assert.Equal(219 - crowds, Objects(Dataset.Open(folder.At("voc"), split: "val")));

        var persons = Dataset.Open(path, DatasetFormat.CocoKeypoints, "val");
        Convert(persons, DatasetFormat.Coco, folder.At("persons"), "val");
        var personsCopy = Dataset.Open(folder.At("persons"), split: "val");
        Assert.Equal(persons.Keypoints!.Names, personsCopy.Keypoints!.Names);
        Assert.Equal(persons.Keypoints.Skeleton, personsCopy.Keypoints.Skeleton);
        Assert.Equal(
            Enumerable.Range(0, persons.Count).SelectMany(i => persons.Load(i).Annotation.Instances!).SelectMany(static item => item.Keypoints!),
            Enumerable.Range(0, persons.Count).SelectMany(i => personsCopy.Load(i).Annotation.Instances!).SelectMany(static item => item.Keypoints!));
        Assert.Contains(Convert(persons, DatasetFormat.Yolo, folder.At("pose"), "val").Losses, static line => line.Contains("keypoints lost", StringComparison.Ordinal));
    }

    [Fact]
    public void MasksBecomeYoloPolygonsThatCoverNearlyTheSame()
    {
        if (!TestData.TryFolder("dsb2018-nuclei", out var path))
            return;
        using var folder = new TempFolder();
        var nuclei = Dataset.Open(path).Subset(Enumerable.Range(0, 4));
        Convert(nuclei, DatasetFormat.Yolo, folder.At("yolo"));
        var copy = Dataset.Open(folder.At("yolo"));
        Assert.True(copy.Content.HasFlag(DatasetContent.Masks));
        for (var i = 0; i < 4; i++)
        {
            var sample = nuclei.Load(i);
            var other = Enumerable.Range(0, 4).Select(copy.Load).Single(item => Path.GetFileName(item.ImagePath) == Path.GetFileName(sample.ImagePath));
            for (var j = 0; j < sample.Annotation.Instances!.Count; j++)
            {
                var (expected, actual) = (sample.Annotation.Instances[j].Mask!, other.Annotation.Instances![j].Mask!);
                Assert.InRange(RunLengthMask.IoU(expected, actual, false), 0.95, 1);
            }
        }
    }

    [Fact]
    public void SplitsAndNamesAreKept()
    {
        using var folder = new TempFolder();
        foreach (var split in new[] { "train", "val" })
        {
            folder.Save($"source/{split}/a.png", new Image(new ImageSize(10, 20), 3));
            folder.Write($"source/{split}/a.xml", "<annotation><size><width>20</width><height>10</height></size><object><name>b: \"c\"</name><difficult>1</difficult>"
                + "<bndbox><xmin>2</xmin><ymin>3</ymin><xmax>5</xmax><ymax>7</ymax></bndbox></object></annotation>");
        }

        foreach (var target in DatasetConverter.Targets)
        {
            var splits = Dataset.Splits(folder.At("source")).Select(split => ((string?)split, Dataset.Open(folder.At("source"), split: split))).ToList();
            var report = DatasetConverter.Convert(splits, target, folder.At(target.Name()));
            Assert.Equal(2, report.Images);
            Assert.Equal(target == DatasetFormat.Yolo ? 1 : 0, report.Losses.Count);
            Assert.Equal(["train", "val"], Dataset.Splits(folder.At(target.Name())));
            var copy = Dataset.Open(folder.At(target.Name()), split: "val");
            Assert.Equal(["b: \"c\""], copy.Labels.Names);
            var instance = copy.Load(0).Annotation.Instances!.Single();
            AssertNear(new Instance(0, new Box(1, 2, 5, 7)), instance, 1e-4);
            Assert.Equal(target != DatasetFormat.Yolo, instance.IsDifficult);
            Assert.Equal(new ImageSize(10, 20), copy.LoadImage(0).Size);
        }
    }

    [Fact]
    public void NothingIsOverwrittenAndNothingHalfWritten()
    {
        using var folder = new TempFolder();
        folder.Save("source/images/a.png", new Image(new ImageSize(10, 20), 3));
        folder.Save("source/images/b.png", new Image(new ImageSize(10, 20), 3));
        foreach (var name in new[] { "a", "b" })
            folder.Write($"source/annotations/{name}.xml", "<annotation><size><width>20</width><height>10</height></size></annotation>");
        var dataset = Dataset.Open(folder.At("source"), labels: new LabelSpace(["cat"]));
        folder.Write("full/notes.txt", "mine");
        Assert.Contains("nothing was written", Assert.Throws<FoveaException>(() => Convert(dataset, DatasetFormat.Coco, folder.At("full"))).Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => Convert(dataset, DatasetFormat.Idx, folder.At("idx")));
        File.Delete(folder.At("source/images/b.png"));
        Assert.Throws<DataException>(() => Convert(dataset, DatasetFormat.Yolo, folder.At("yolo")));
        Assert.Equal(["full", "source"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void PicturesCanBeLinked()
    {
        using var folder = new TempFolder();
        var picture = folder.Save("source/images/a.png", new Image(new ImageSize(10, 20), 3));
        folder.Write("source/annotations/a.xml", "<annotation><size><width>20</width><height>10</height></size></annotation>");
        var dataset = Dataset.Open(folder.At("source"), labels: new LabelSpace(["cat"]));
        DatasetConverter.Convert([(null, dataset)], DatasetFormat.Coco, folder.At("coco"), link: true);
        Assert.Equal(picture, new FileInfo(folder.At("coco/images/a.png")).LinkTarget);
        Assert.Equal(1, Dataset.Open(folder.At("coco")).Count);
    }

    [Fact]
    public void RingsAreJoinedByBridges()
    {
        double[] joined = PolygonBridge.Join([[0, 0, 4, 0, 4, 4, 0, 4], [6, 1, 8, 1, 8, 3, 6, 3]]);
        Assert.Equal([0, 0, 4, 0, 6, 1, 8, 1, 8, 3, 6, 3, 6, 1, 4, 0, 4, 4, 0, 4], joined);
        var size = new ImageSize(6, 10);
        var mask = RunLengthMask.FromPolygons([joined], size);
        Assert.Equal(RunLengthMask.FromPolygons([[0, 0, 4, 0, 4, 4, 0, 4], [6, 1, 8, 1, 8, 3, 6, 3]], size).Area, mask.Area, 2.0);
    }

    private static ConversionReport Convert(IDataset dataset, DatasetFormat target, string folder, string? split = null) =>
        DatasetConverter.Convert([(split, dataset)], target, folder);

    private static int Objects(IDataset dataset) => Enumerable.Range(0, dataset.Count).Sum(i => dataset[i].Annotation.Instances!.Count);

    private static void AssertNear(Instance expected, Instance actual, double tolerance)
    {
        Assert.Equal(expected.Label, actual.Label);
        Assert.Equal(expected.Box.X1, actual.Box.X1, tolerance);
        Assert.Equal(expected.Box.Y1, actual.Box.Y1, tolerance);
        Assert.Equal(expected.Box.X2, actual.Box.X2, tolerance);
        Assert.Equal(expected.Box.Y2, actual.Box.Y2, tolerance);
    }
}
