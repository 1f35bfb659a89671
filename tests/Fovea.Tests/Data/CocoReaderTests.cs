using Fovea.Data;
using Fovea.Data.Readers;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

public sealed class CocoReaderTests
{
    private const string Images = """[{"id": 7, "file_name": "a.jpg", "width": 40, "height": 30}, {"id": 9, "file_name": "b.jpg", "width": 20, "height": 10}]""";
    private const string Categories = """[{"id": 18, "name": "dog"}, {"id": 3, "name": "cat", "supercategory": "animal"}]""";

    [Fact]
    public void RecordsBecomeInstances()
    {
        // Annotations before images, unknown keys, nested skips: the order of a file is free.
        using var folder = Folder("""
            [{"extra": {"a": [1, {"b": 2}]}, "id": 1, "image_id": 9, "category_id": 18, "bbox": [1, 2, 3.5, 4], "area": 11.5, "iscrowd": 1},
             {"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 40.01, 30], "segmentation": []},
             {"id": 3, "image_id": 9, "category_id": 3, "bbox": [5, 5, 1, 1], "difficult": 1}]
            """);
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal((DatasetFormat.Coco, DatasetContent.Boxes, 2), (dataset.Format, dataset.Content, dataset.Count));
        Assert.Equal(["cat", "dog"], dataset.Labels.Names);
        Assert.Equal(("7", new ImageSize(30, 40)), (dataset[0].Id, dataset[0].DeclaredSize!.Value));
        // Reaching a hundredth of a pixel outside is rounding, and clipped.
        Assert.Equal([new Instance(0, new Box(0, 0, 40, 30)) { Id = "2" }], dataset[0].Annotation.Instances!);
        Assert.Equal(
            [new Instance(1, new Box(1, 2, 4.5f, 6)) { Id = "1", IsCrowd = true, Area = 11.5 }, new Instance(0, new Box(5, 5, 6, 6)) { Id = "3", IsDifficult = true }],
            dataset[1].Annotation.Instances!);
    }

    [Theory]
    [InlineData("""[{"id": 1, "image_id": 8, "category_id": 3, "bbox": [0, 0, 1, 1]}]""", "annotation 1 image_id", "8")]
    [InlineData("""[{"id": 1, "image_id": 7, "category_id": 4, "bbox": [0, 0, 1, 1]}]""", "annotation 1 category_id", "4")]
    [InlineData("""[{"id": 1, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1]}, {"id": 1, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1]}]""", "annotation 1", "a second time")]
    [InlineData("""[{"id": 1, "image_id": 7, "category_id": 3, "bbox": [0, 0, 0, 5]}]""", "annotation 1 bbox", "[0, 0, 0, 5] (zero area)")]
    [InlineData("""[{"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 0, -5, 5]}]""", "annotation 1 bbox", "inverted")]
    [InlineData("""[{"id": 1, "image_id": 7, "category_id": 3, "bbox": [39, 0, 5, 5]}]""", "annotation 1 bbox", "outside the image")]
    [InlineData("""[{"id": 1, "image_id": 7, "category_id": 3, "bbox": [0, 0, 5]}]""", "annotation 1 bbox", "no four numbers")]
    [InlineData("""[{"id": 1, "image_id": 7, "category_id": 3, "bbox": "all"}]""", "annotation 1 bbox", "no four numbers")]
    [InlineData("""[{"id": 1, "image_id": 7, "category_id": 3}]""", "annotation 1 bbox", "no four numbers")]
    [InlineData("""[{"id": "1", "image_id": 7, "category_id": 3}]""", "annotations[0]", "no whole number as id")]
    [InlineData("""[{"id": 1, "category_id": 3}]""", "annotations[0]", "no whole number as image_id")]
    [InlineData("""[5]""", "annotations[0]", "a number")]
    [InlineData("""{}""", "annotations", "an object")]
    public void FaultyAnnotationsAreNamed(string annotations, string field, string found)
    {
        using var folder = Folder(annotations);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.Equal(field, fault.Field);
        Assert.Contains(found, fault.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "no coco data")]
    [InlineData("[]", "no coco data")]
    [InlineData("""{"images": []}""", "no coco data")]
    public void OtherJsonIsNoCoco(string json, string found)
    {
        using var folder = new TempFolder();
        folder.Write("data.json", json);
        Assert.Contains(found, Assert.Throws<FoveaException>(() => Dataset.Open(folder.Path, DatasetFormat.Coco)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null, "an empty file")]
    [InlineData("""{"images": [], "info": 1, "categories": []}""", "annotations", "only images, info, categories")]
    [InlineData("""{"images": [{"id": 1, "file""", "line 1, byte 22", "broken JSON")]
    [InlineData("""{"images": [], "annotations": [], "categories": []} x""", "line 1, byte 52", "broken JSON")]
    public void BrokenFilesAreNamed(string json, string? field, string found)
    {
        using var folder = new TempFolder();
        folder.Write("annotations/instances_train2017.json", json);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.Contains(found, fault.Found, StringComparison.Ordinal);
        Assert.Equal(field, fault.Field);
    }

    [Theory]
    [InlineData("""[{"id": 7, "file_name": "a.jpg", "width": 40}]""", "height missing")]
    [InlineData("""[{"id": 7, "file_name": "a.jpg", "width": 40, "height": 0}]""", "height 0")]
    [InlineData("""[{"id": 7, "width": 40, "height": 30}]""", "no file_name")]
    [InlineData("""[{"id": 7, "file_name": "a.jpg", "width": 40, "height": 30}, {"id": 7, "file_name": "b.jpg", "width": 40, "height": 30}]""", "the id a second time")]
    [InlineData("""[{"id": 7, "file_name": "missing.jpg", "width": 40, "height": 30}]""", "no file 'missing.jpg'")]
    [InlineData("""[{"id": 7, "file_name": "../../../etc/passwd", "width": 40, "height": 30}]""", "'../../../etc/passwd'")]
    public void FaultyImagesAreNamed(string images, string found)
    {
        using var folder = Folder("[]", images);
        Assert.Contains(found, Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void ClassesAreMappedByName()
    {
        using var folder = Folder("""[{"id": 1, "image_id": 7, "category_id": 18, "bbox": [0, 0, 1, 1]}]""");
        Assert.Equal(0, Dataset.Open(folder.Path, labels: new LabelSpace(["dog", "cow"]))[0].Annotation.Instances![0].Label);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path, labels: new LabelSpace(["cat", "dogs"])));
        Assert.Contains("found 'dog', expected one of cat, dogs; did you mean 'dogs'?", fault.Message, StringComparison.Ordinal);
        var skipped = Dataset.Open(folder.Path, new DatasetOptions { Labels = new LabelSpace(["cat"]), Faults = FaultPolicy.Skip });
        Assert.Empty(skipped[0].Annotation.Instances!);
        Assert.Contains(skipped.Notes, static note => note.StartsWith("left out 1 x unknown class", StringComparison.Ordinal));
    }

    [Fact]
    public void SplitsMustAgreeOnTheirCategories()
    {
        using var folder = Folder("[]");
        folder.Write("annotations/instances_val2017.json", Json("[]", "[]", """[{"id": 3, "name": "cat"}, {"id": 18, "name": "wolf"}]"""));
        folder.Write("annotations/captions_val2017.json", Json("[]", "[]", "[]"));
        Assert.Equal(["train2017", "val2017"], Dataset.Splits(folder.Path));
        Assert.Contains("found wolf, expected the categories of", Assert.Throws<DataException>(() => Dataset.Open(folder.Path, split: "train")).Message, StringComparison.Ordinal);
        Assert.Equal(2, Dataset.Open(folder.Path, split: "train", labels: new LabelSpace(["cat", "dog", "wolf"])).Count);
    }

    [Fact]
    public void JsonIsReadThroughASmallBuffer()
    {
        using var folder = new TempFolder();
        var text = """{"name": "a rather long string that is longer than the buffer", "n": [1, 22, 333, 4444.5, -1e3], "t": true, "z": null}""";
        var path = folder.Write("a.json", text);
        var reader = new JsonFileReader(path, bufferSize: 16);
        var seen = new List<string>();
        try
        {
            while (reader.Read())
                seen.Add(text[(int)reader.TokenStart..(int)reader.TokenEnd].TrimEnd(':'));
        }
        finally
        {
            reader.Dispose();
        }

        Assert.Equal(
            ["{", "\"name\"", "\"a rather long string that is longer than the buffer\"", "\"n\"", "[", "1", "22", "333", "4444.5", "-1e3", "]", "\"t\"", "true", "\"z\"", "null", "}"],
            seen);
    }

    [Fact]
    public void CocoSubsetOpens()
    {
        if (!TestData.TryFolder("coco-subset", out var path))
            return;
        var (train, val) = (Dataset.Open(path, split: "train"), Dataset.Open(path, split: "val"));
        Assert.Equal((63, 26, 80), (train.Count, val.Count, train.Labels.Count));
        Assert.Equal(train.Labels, val.Labels);
        Assert.Equal(("person", "toothbrush"), (train.Labels[0], train.Labels[79]));
        Assert.Equal((620, 219), (Objects(train), Objects(val)));
        var both = Dataset.Open(path);
        Assert.Equal(89, both.Count);
        Assert.Equal(11, Enumerable.Range(0, 89).Sum(i => both[i].Annotation.Instances!.Count(static instance => instance.IsCrowd)));
        Assert.Equal(DatasetContent.Boxes | DatasetContent.Masks, train.Content);
        var persons = Dataset.Open(path, DatasetFormat.CocoKeypoints, "train");
        Assert.Equal((42, 86, 17, 19), (persons.Count, Objects(persons), persons.Keypoints!.Names.Count, persons.Keypoints.Skeleton.Count));
        Assert.Equal((15, 13), persons.Keypoints.Skeleton[0]);
    }

    internal static string Json(string images, string annotations, string categories) =>
        $$"""{"info": {"year": 2017}, "annotations": {{annotations}}, "images": {{images}}, "categories": {{categories}}}""";

    private static int Objects(IDataset dataset) => Enumerable.Range(0, dataset.Count).Sum(i => dataset[i].Annotation.Instances!.Count);

    private static TempFolder Folder(string annotations, string images = Images)
    {
        var folder = new TempFolder();
        folder.Touch("train2017/a.jpg", "train2017/b.jpg");
        folder.Write("annotations/instances_train2017.json", Json(images, annotations, Categories));
        return folder;
    }
}
