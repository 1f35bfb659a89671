using Fovea.Data;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

public sealed class CocoMaskTests
{
    [Fact]
    public void PolygonsAndRunLengthsBecomeMasks()
    {
        // A square of 2 x 2 pixels at column 1, row 1: as polygon, as counts, and as COCO's compressed counts ("52203").
        var square = new RunLengthMask(new ImageSize(4, 5), [5, 2, 2, 2, 9]);
        using var folder = Folder($$$"""
            {"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 1, 2, 2], "segmentation": [[1, 1, 3, 1, 3, 3, 1, 3]]},
            {"id": 2, "image_id": 7, "category_id": 3, "bbox": [1, 1, 2, 2], "iscrowd": 1, "segmentation": {"size": [4, 5], "counts": [5, 2, 2, 2, 9]}},
            {"id": 3, "image_id": 7, "category_id": 3, "bbox": [1, 1, 2, 2], "segmentation": {"counts": "{{{square}}}", "size": [4, 5]}},
            {"id": 4, "image_id": 7, "category_id": 3, "bbox": [1, 1, 2, 2]}
            """);
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal(DatasetContent.Boxes | DatasetContent.Masks, dataset.Content);
        Assert.All(dataset[0].Annotation.Instances!, static instance => Assert.Null(instance.Mask));
        var masks = dataset.Load(0).Annotation.Instances!.Select(static instance => instance.Mask).ToList();
        Assert.Equal(square.Counts, masks[0]!.Counts);
        Assert.Equal(square.Counts, masks[1]!.Counts);
        Assert.Equal(square.Counts, masks[2]!.Counts);
        Assert.Null(masks[3]);
    }

    [Theory]
    [InlineData("""[[1, 1, 3, 1]]""", "a polygon of 4 numbers")]
    [InlineData("""[[1, 1, 3, 1, 3, 3, 1]]""", "a polygon of 7 numbers")]
    [InlineData("""[[1, 1, 3, "x", 3, 3]]""", "a string")]
    [InlineData("""[[1, 1, 3, 10000000, 3, 3]]""", "10000000 in a polygon")]
    [InlineData("""[[1, 1, 3, 1, 1e300, 3]]""", "1E+300 in a polygon")]
    [InlineData("""[5, 5, 5]""", "a number")]
    [InlineData("\"all of it\"", "a string")]
    [InlineData("""{"counts": [20]}""", "an object without size and counts")]
    [InlineData("""{"counts": [20], "size": [5, 4]}""", "4x5")]
    [InlineData("""{"counts": [5, 2, 2], "size": [4, 5]}""", "9 pixels in all")]
    [InlineData("""{"counts": [25, -5], "size": [4, 5]}""", "a count that is negative or no whole number")]
    [InlineData("""{"counts": "52", "size": [4, 5]}""", "broken run-length string")]
    public void FaultyMasksAreNamed(string segmentation, string found)
    {
        using var folder = Folder($$"""{"id": 12, "image_id": 7, "category_id": 3, "bbox": [1, 1, 2, 2], "segmentation": {{segmentation}}}""");
        var dataset = Dataset.Open(folder.Path);
        var fault = Assert.Throws<DataException>(() => dataset.Load(0));
        Assert.StartsWith("annotation 12 segmentation", fault.Field, StringComparison.Ordinal);
        Assert.Contains(found, fault.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void MasksBecomeMapsForSemanticSegmentation()
    {
        using var folder = Folder("""
            {"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 1, 1, 1], "segmentation": {"size": [4, 5], "counts": [5, 1, 14]}},
            {"id": 2, "image_id": 7, "category_id": 18, "bbox": [0, 0, 3, 4], "segmentation": {"size": [4, 5], "counts": [0, 12, 8]}},
            {"id": 3, "image_id": 7, "category_id": 3, "bbox": [4, 0, 1, 4], "iscrowd": 1, "segmentation": {"size": [4, 5], "counts": [16, 4]}}
            """);
        var maps = Dataset.Open(folder.Path).AsMaps();
        Assert.Equal(["background", "cat", "dog"], maps.Labels.Names);
        Assert.Equal(DatasetContent.Maps, maps.Content);
        Assert.Equal(
            [2, 2, 2, 0, 255, 2, 1, 2, 0, 255, 2, 2, 2, 0, 255, 2, 2, 2, 0, 255],
            maps.Load(0).Annotation.Map!.Values);
        Assert.Same(maps, maps.AsMaps());
    }

    [Fact]
    public void KeypointsAreReadInTheOrderOfTheCategory()
    {
        using var folder = new TempFolder();
        folder.Touch("train/a.jpg");
        const string Images = """[{"id": 7, "file_name": "a.jpg", "width": 5, "height": 4}]""";
        const string Categories = """[{"id": 1, "name": "person", "keypoints": ["nose", "tail"], "skeleton": [[1, 2]]}]""";
        string Annotation(string keypoints) => CocoReaderTests.Json(Images, $$"""[{"id": 1, "image_id": 7, "category_id": 1, "bbox": [0, 0, 5, 4], "keypoints": {{keypoints}}}]""", Categories);
        folder.Write("annotations/person_keypoints_train.json", Annotation("[1.5, 2, 2, 0, 0, 0]"));
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal(DatasetFormat.CocoKeypoints, dataset.Format);
        Assert.Equal([new Keypoint(1.5f, 2, 2), new Keypoint(0, 0, 0)], dataset.Load(0).Annotation.Instances![0].Keypoints!);
        Assert.Equal([(0, 1)], dataset.Keypoints!.Skeleton);
        folder.Write("annotations/person_keypoints_train.json", Annotation("[1.5, 2, 2]"));
        Assert.Contains("found 3 numbers, expected 6", Assert.Throws<DataException>(() => Dataset.Open(folder.Path).Load(0)).Message, StringComparison.Ordinal);
        folder.Write("annotations/person_keypoints_train.json", Annotation("[1.5, 2, 2, 1, 1, 3]"));
        Assert.Contains("visibility 3", Assert.Throws<DataException>(() => Dataset.Open(folder.Path).Load(0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CocoSubsetMasksHaveTheAreasTheFileStates()
    {
        if (!TestData.TryFolder("coco-subset", out var path))
            return;
        var dataset = Dataset.Open(path);
        var masks = 0;
        var crowds = new SortedSet<long>();
        for (var i = 0; i < dataset.Count; i++)
        {
            var sample = dataset.Load(i);
            foreach (var instance in sample.Annotation.Instances!)
            {
                masks++;
                Assert.Equal(sample.DeclaredSize, instance.Mask!.Size);
                // The stated area of a polygon is near its pixels; that of COCO's crowds is not.
                if (instance.IsCrowd)
                    crowds.Add(instance.Mask.Area);
                else if (instance.Area > 400)
                    Assert.InRange(instance.Mask.Area / instance.Area!.Value, 0.85, 1.15);
            }
        }

        Assert.Equal(839, masks);
        // The sums of the odd counts in the file.
        Assert.Equal([776, 798, 914, 8603, 11710, 15800, 16573, 27008, 32885, 39683, 62164], crowds);
    }

    private static TempFolder Folder(string annotations)
    {
        var folder = new TempFolder();
        folder.Touch("train2017/a.jpg");
        folder.Write("annotations/instances_train2017.json", CocoReaderTests.Json(
            """[{"id": 7, "file_name": "a.jpg", "width": 5, "height": 4}]""", $"[{annotations}]", """[{"id": 18, "name": "dog"}, {"id": 3, "name": "cat"}]"""));
        return folder;
    }
}
