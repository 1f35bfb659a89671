using Fovea.Data;

namespace Fovea.Tests.Data;

public sealed class VocReaderTests
{
    private const string Size = "<size><width>640</width><height>480</height><depth>3</depth></size>";

    [Fact]
    public void OneBasedInclusiveCornersBecomeHalfOpen()
    {
        using var folder = Folder(Xml(Object("cat", 4, 6, 9, 7), Object("dog", 1, 1, 640, 480), Object("cat", 12.5, 3, 20.25, 4)));
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal(DatasetFormat.Voc, dataset.Format);
        Assert.Equal(["cat", "dog"], dataset.Labels.Names);
        Assert.Equal(new ImageSize(480, 640), dataset[0].DeclaredSize);
        Assert.Equal([new Box(3, 5, 9, 7), new Box(0, 0, 640, 480), new Box(11.5f, 2, 20.25f, 4)], Boxes(dataset[0]));
        Assert.Equal([0, 1, 0], dataset[0].Annotation.Instances!.Select(static instance => instance.Label));
        Assert.Contains("2 classes from the XML files: cat, dog", dataset.Notes);
    }

    [Fact]
    public void BoxWithoutExtentAsWrittenIsAFaultAndAOnePixelBoxUnderClip()
    {
        using var folder = Folder(Xml(Object("cat", 4, 6, 4, 6), Object("cat", 4, 6, 8, 8)));
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.Equal("line 1, object 1 (cat) bndbox", fault.Field);
        Assert.Contains("found xmin 4, ymin 6, xmax 4, ymax 6 (zero area), expected a box with width and height", fault.Message, StringComparison.Ordinal);
        Assert.Equal([new Box(3, 5, 8, 8)], Boxes(Open(folder, FaultPolicy.Skip)[0]));
        var clipped = Open(folder, FaultPolicy.Clip);
        Assert.Equal([new Box(3, 5, 4, 6), new Box(3, 5, 8, 8)], Boxes(clipped[0]));
        Assert.Contains("took as one pixel 1 x box empty", clipped.Notes);
    }

    [Theory]
    [InlineData(600, 10, 641, 20, "outside")]
    [InlineData(0, 10, 50, 20, "outside")]
    [InlineData(50, 10, 40, 20, "inverted")]
    [InlineData(50, 30, 60, 20, "inverted")]
    public void BadBoxesAreNamed(double xmin, double ymin, double xmax, double ymax, string word)
    {
        using var folder = Folder(Xml(Object("cat", xmin, ymin, xmax, ymax)));
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.Contains(word, fault.Found, StringComparison.Ordinal);
        Assert.Contains("object 1 (cat)", fault.Field, StringComparison.Ordinal);
        Assert.EndsWith("a.xml", fault.File, StringComparison.Ordinal);
    }

    [Fact]
    public void PoliciesClipOrSkipAndSaySo()
    {
        using var folder = Folder(Xml(Object("cat", 600, 10, 700, 20), Object("cat", 700, 10, 800, 20), Object("cat", 1, 1, 9, 9)));
        var skipped = Open(folder, FaultPolicy.Skip);
        Assert.Equal([new Box(0, 0, 9, 9)], Boxes(skipped[0]));
        Assert.Contains(skipped.Notes, static note => note.StartsWith("left out 2 x box outside, the first: ", StringComparison.Ordinal));
        var clipped = Open(folder, FaultPolicy.Clip);
        Assert.Equal([new Box(599, 9, 640, 20), new Box(0, 0, 9, 9)], Boxes(clipped[0]));
        Assert.Contains("clipped 1 x box outside", clipped.Notes);
        Assert.DoesNotContain(clipped.Notes, static note => note.StartsWith("took", StringComparison.Ordinal));
        Assert.Contains(clipped.Notes, static note => note.StartsWith("left out 1 x box outside", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("<annotation><size>", "broken XML")]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><annotation>&x;</annotation>", "broken XML")]
    [InlineData("<root/>", "<root>")]
    [InlineData("<annotation></annotation>", "nothing")]
    [InlineData("<annotation><size><width>640</width></size></annotation>", "nothing")]
    [InlineData("<annotation><size><width>0</width><height>0</height></size></annotation>", "0x0")]
    [InlineData("<annotation><size><width>wide</width><height>4</height></size></annotation>", "'wide'")]
    [InlineData("<annotation>" + Size + "<object><name>cat</name></object></annotation>", "no bndbox")]
    [InlineData("<annotation>" + Size + "<object><bndbox/></object></annotation>", "no name")]
    [InlineData("<annotation>" + Size + "<object><name>cat</name><bndbox><xmin>1</xmin></bndbox></object></annotation>", "nothing")]
    [InlineData("<annotation>" + Size + "<object><name>cat</name><bndbox><xmin>a</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>", "'a'")]
    public void BrokenFilesAreNamed(string xml, string found)
    {
        using var folder = Folder(xml);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.Contains(found, fault.Found, StringComparison.Ordinal);
        Assert.EndsWith("a.xml", fault.File, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownClassOffersTheNearestName()
    {
        using var folder = Folder(Xml(Object("racoon", 1, 1, 9, 9)));
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path, labels: new LabelSpace(["cat", "raccoon"])));
        Assert.Contains("found 'racoon', expected one of cat, raccoon; did you mean 'raccoon'?", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SplitsTakeTheirNamesFromImageSetsAndTheirClassesFromAll()
    {
        using var folder = Folder(Xml(Object("dog", 1, 1, 9, 9)));
        folder.Touch("JPEGImages/b.jpg");
        folder.Write("Annotations/b.xml", Xml(Object("ant", 1, 1, 9, 9)));
        folder.Write("ImageSets/Main/train.txt", "a\n");
        folder.Write("ImageSets/Main/val.txt", "b\n");
        folder.Write("ImageSets/Main/ant_val.txt", "b 1\n");
        Assert.Equal(["train", "val"], Dataset.Splits(folder.Path));
        var train = Dataset.Open(folder.Path, split: "train");
        Assert.Equal(["ant", "dog"], train.Labels.Names);
        Assert.Equal(["a"], Enumerable.Range(0, train.Count).Select(i => train[i].Id));
        Assert.Equal("b", Dataset.Open(folder.Path, split: "valid")[0].Id);
        Assert.Contains("found train, val, expected 'test'", Assert.Throws<FoveaException>(() => Dataset.Open(folder.Path, split: "test")).Message, StringComparison.Ordinal);

        folder.Write("ImageSets/Main/train.txt", "a\nmissing\na\n");
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path, split: "train"));
        Assert.Equal(("line 2", "'missing'"), (fault.Field, fault.Found));
        folder.Write("ImageSets/Main/train.txt", "../../etc/passwd\n");
        Assert.Contains("a path inside", Assert.Throws<DataException>(() => Dataset.Open(folder.Path, split: "train")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PictureIsThatOfTheXmlsNameOrTheOneItNames()
    {
        using var folder = Folder(Xml(Object("cat", 1, 1, 9, 9)));
        File.Move(folder.At("JPEGImages/a.jpg"), folder.At("JPEGImages/other.png"));
        Assert.Contains("no picture 'a.jpg'", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Message, StringComparison.Ordinal);
        folder.Write("Annotations/a.xml", Xml(Object("cat", 1, 1, 9, 9)).Replace("a.jpg", "other.jpg", StringComparison.Ordinal));
        Assert.EndsWith("other.png", Dataset.Open(folder.Path)[0].ImagePath, StringComparison.Ordinal);
    }

    [Fact]
    public void ImageWithoutObjectsIsLegal()
    {
        using var folder = Folder(Xml());
        Assert.Empty(Dataset.Open(folder.Path, labels: new LabelSpace(["cat"]))[0].Annotation.Instances!);
    }

    [Fact]
    public void BloodCellsOpenWithTheirTwoBoxesOfZeroArea()
    {
        if (!TestData.TryFolder("bccd", out var path))
            return;
        Assert.Contains("the first of 2 faults", Assert.Throws<DataException>(() => Dataset.Open(path)).Message, StringComparison.Ordinal);
        var train = Dataset.Open(path, new DatasetOptions { Split = "train", Faults = FaultPolicy.Skip });
        var val = Dataset.Open(path, new DatasetOptions { Split = "val", Faults = FaultPolicy.Skip });
        Assert.Equal((205, 87), (train.Count, val.Count));
        Assert.Equal(["Platelets", "RBC", "WBC"], train.Labels.Names);
        var counts = new int[3];
        foreach (var dataset in new[] { train, val })
        {
            for (var i = 0; i < dataset.Count; i++)
            {
                foreach (var instance in dataset[i].Annotation.Instances!)
                    counts[instance.Label]++;
            }
        }

        // 3,943 boxes, 3,350 of them RBC, less the two without area, both RBC.
        Assert.Equal([292, 3348, 301], counts);
    }

    [Fact]
    public void RaccoonsOpenFromLowerCaseFolders()
    {
        if (!TestData.TryFolder("raccoon", out var path))
            return;
        var dataset = Dataset.Open(path);
        Assert.Equal(89, dataset.Count);
        Assert.Equal(95, Enumerable.Range(0, 89).Sum(i => dataset[i].Annotation.Instances!.Count));
        var first = Enumerable.Range(0, 89).Select(i => dataset[i]).Single(static sample => sample.Id == "raccoon-1");
        Assert.Equal([new Box(80, 87, 522, 408)], Boxes(first));
    }

    private static IDataset Open(TempFolder folder, FaultPolicy policy) => Dataset.Open(folder.Path, new DatasetOptions { Faults = policy });

    private static Box[] Boxes(Sample sample) => [.. sample.Annotation.Instances!.Select(static instance => instance.Box)];

    private static TempFolder Folder(string xml)
    {
        var folder = new TempFolder();
        folder.Touch("JPEGImages/a.jpg");
        folder.Write("Annotations/a.xml", xml);
        return folder;
    }

    private static string Xml(params string[] objects) =>
        $"<annotation><filename>a.jpg</filename>{Size}{string.Concat(objects)}</annotation>";

    private static string Object(string name, double xmin, double ymin, double xmax, double ymax) => FormattableString.Invariant(
        $"<object><name>{name}</name><bndbox><xmin>{xmin}</xmin><ymin>{ymin}</ymin><xmax>{xmax}</xmax><ymax>{ymax}</ymax></bndbox></object>");
}
