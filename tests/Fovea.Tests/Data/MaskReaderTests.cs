using Fovea.Data;
using Fovea.Data.Checks;
using Fovea.Imaging;
using Fovea.Training;

namespace Fovea.Tests.Data;

public sealed class MaskReaderTests
{
    [Theory]
    [InlineData("image/1.png", "label/1.png", null)]
    [InlineData("images/1.jpg", "masks/1_mask.png", null)]
    [InlineData("imgs/1.jpg", "masks/1.png", null)]
    [InlineData("images/train/1.jpg", "annotations/train/1.png", "train")]
    [InlineData("train/images/1.jpg", "train/labels/1.png", "train")]
    [InlineData("val/1.png", "valannot/1.png", "val")]
    [InlineData("train/1.jpg", "train_masks/1.png", "train")]
    public void PairsAreFoundInTheUsualFolders(string picture, string mask, string? split)
    {
        using var folder = new TempFolder();
        folder.Save(picture, new Image(new ImageSize(2, 3), 3, new byte[18]));
        folder.Mask(mask, 2, 3, 0, 1, 2, 2, 1, 0);
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal((DatasetFormat.MaskPairs, DatasetContent.Maps, 1, 3), (dataset.Format, dataset.Content, dataset.Count, dataset.Labels.Count));
        Assert.Equal(split is null ? [] : [split], Dataset.Splits(folder.Path));
        Assert.Null(dataset[0].Annotation.Map);
        Assert.Equal([0, 1, 2, 2, 1, 0], dataset.Load(0).Annotation.Map!.Values);
        Assert.Equal(new ImageSize(2, 3), dataset.LoadImage(0).Size);
    }

    [Fact]
    public void WhiteMasksAreBinary()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 4, 0, 255, 255, 0);
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal(["background", "foreground"], dataset.Labels.Names);
        Assert.Equal([0, 1, 1, 0], dataset.Load(0).Annotation.Map!.Values);
        Assert.Contains("2 classes from 1 of 1 mask (values 0: 50 %, 255: 50 %): background (0), foreground (255)", dataset.Notes);
        // Named or with 255 declared as no class.
        Assert.Equal([0, 1, 1, 0], Dataset.Open(folder.Path, labels: new LabelSpace(["membrane", "cell"])).Load(0).Annotation.Map!.Values);
        var ignoring = Dataset.Open(folder.Path, new DatasetOptions { Labels = new LabelSpace(["a", "b"]), PixelValues = new Dictionary<byte, string> { [255] = "ignore" } });
        Assert.Equal([0, 255, 255, 0], ignoring.Load(0).Annotation.Map!.Values);
    }

    [Fact]
    public void ValuesThatAreNoClassAreShownWithTheirShare()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 8, 0, 1, 2, 2, 2, 2, 11, 11);
        var labels = new LabelSpace(["sky", "road", "car"]);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path, labels: labels).Load(0));
        Assert.Equal("values 0: 12.5 %, 1: 12.5 %, 2: 50 %, 11: 25 %", fault.Found);
        Assert.StartsWith("0 (sky), 1 (road), 2 (car); declare values", fault.Expected, StringComparison.Ordinal);
        var map = Dataset.Open(folder.Path, new DatasetOptions { Labels = labels, PixelValues = new Dictionary<byte, string> { [11] = "ignore" } }).Load(0).Annotation.Map!;
        Assert.Equal([0, 1, 2, 2, 2, 2, LabelMap.Ignore, LabelMap.Ignore], map.Values);
        Assert.Equal(12, Dataset.Open(folder.Path).Labels.Count);
    }

    [Fact]
    public void AmbiguousWhiteIsRefused()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 4, 0, 1, 2, 255);
        Assert.Contains("--ignore-value", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Expected, StringComparison.Ordinal);
        Assert.Equal(3, Dataset.Open(folder.Path, new DatasetOptions { PixelValues = new Dictionary<byte, string> { [255] = "ignore" } }).Labels.Count);
        folder.Pair("1", 1, 4, 0, 1, 1, 255);
        var binary = Dataset.Open(folder.Path, labels: new LabelSpace(["a", "b"]));
        Assert.Contains("either 0 and 1 or 0 and 255", Assert.Throws<DataException>(() => binary.Load(0)).Expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0, 128, 128, 0 }, "--pixel-value 0=NAME --pixel-value 128=NAME")]
    [InlineData(new byte[] { 0, 85, 170, 0 }, "--pixel-value 0=NAME --pixel-value 85=NAME")]
    public void ShadesOfGreyAreNoClassNumbers(byte[] values, string expected)
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 4, values);
        Assert.Contains(expected, Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Expected, StringComparison.Ordinal);
        // A class that does not occur is none.
        folder.Pair("1", 1, 4, 0, 15, 20, 0);
        Assert.Equal(21, Dataset.Open(folder.Path).Labels.Count);
    }

    [Fact]
    public void MasksThatAreAllPicturesSaySo()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 2, 0, 1);
        folder.Save("masks/1.png", new Image(new ImageSize(1, 2), 3, [128, 0, 0, 0, 128, 0]));
        Assert.Equal("3 channels of colour", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Found);
        // Beside one that is whole it is found when it is loaded.
        folder.Pair("2", 1, 2, 0, 1);
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal("3 channels of colour", Assert.Throws<DataException>(() => dataset.Load(0)).Found);
        folder.Save("masks/1.png", new Image(new ImageSize(1, 2), 1, PixelType.UInt16));
        Assert.EndsWith("1.png", Assert.Throws<DataException>(() => dataset.Load(0)).File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void GreyValuesStoredAsColourAreReadAsGreyAndSaidOnce(int channels)
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 4, 0, 0, 0, 0);
        folder.Pair("2", 1, 4, 0, 0, 0, 0);
        folder.Save("masks/1.png", Colours(channels, [0, 2, 1, 0]));
        folder.Save("masks/2.png", Colours(channels, [1, 1, 0, 2]));
        foreach (var labels in new[] { null, new LabelSpace(["sky", "road", "car"]) })
        {
            var dataset = Dataset.Open(folder.Path, labels: labels);
            Assert.Equal(3, dataset.Labels.Count);
            Assert.Equal([0, 2, 1, 0], dataset.Load(0).Annotation.Map!.Values);
        }

        var report = DatasetCheck.Run(folder.Path, new DatasetOptions());
        Assert.DoesNotContain(report.Problems, static problem => problem.Severity == Severity.Error);
        Assert.Equal("2 of 2 masks looked at are stored with three channels, such as 1.png: where all three are equal they are read as one, grey values",
            Assert.Single(report.Notes, static note => note.Contains("channels", StringComparison.Ordinal)));
    }

    [Fact]
    public void PalettesReadAsColoursStayRefusedAlsoBesideMasksThatAreBlack()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 4, 0, 0, 0, 0);
        folder.Pair("2", 1, 4, 0, 0, 0, 0);
        folder.Save("masks/1.png", Colours(3, [0, 0, 0, 0]));
        // VOC's colours of the classes 1 and 2.
        folder.Save("masks/2.png", new Image(new ImageSize(1, 4), 3, [0, 0, 0, 128, 0, 0, 0, 128, 0, 0, 0, 0]));
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.Equal(("2.png", "3 channels of colour"), (Path.GetFileName(fault.File), fault.Found));
        var problem = Assert.Single(DatasetCheck.Run(folder.Path, new DatasetOptions()).Problems);
        Assert.Contains("the mask was saved as a picture of its colours", problem.Expected, StringComparison.Ordinal);
        // A mask that is broken says nothing about the others.
        File.WriteAllBytes(folder.At("masks/2.png"), []);
        Assert.Equal(["background", "foreground"], Dataset.Open(folder.Path).Labels.Names);
        folder.Save("masks/2.png", new Image(new ImageSize(1, 4), 3, [0, 0, 0, 128, 0, 0, 0, 128, 0, 0, 0, 0]));
        // With names given the masks are looked at one by one.
        Assert.Equal("3 channels of colour", Assert.Throws<DataException>(() => Dataset.Open(folder.Path, labels: new LabelSpace(["a", "b"])).Load(1)).Found);
    }

    [Fact]
    public void WhatIsToBeSeenInTheTransparencyOfAMaskIsNotGuessed()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 2, 0, 1);
        folder.Save("masks/1.png", new Image(new ImageSize(1, 2), 4, [0, 0, 0, 255, 0, 0, 0, 0]));
        Assert.Equal("4 channels of grey with transparency", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Found);
    }

    [Fact]
    public void MasksOfObjectsMayBeGreyStoredAsColour()
    {
        using var folder = new TempFolder();
        folder.Save("one/images/a.png", new Image(new ImageSize(1, 4), 3, new byte[12]));
        folder.Save("one/masks/x.png", Colours(3, [0, 255, 255, 0]));
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal(new Box(1, 0, 3, 1), dataset[0].Annotation.Instances!.Single().Box);
        Assert.Contains(dataset.Notes, static note => note.StartsWith("1 of 1 mask looked at is stored with three channels", StringComparison.Ordinal));
    }

    [Fact]
    public void ValuesCanBeGivenNames()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 4, 10, 0, 200, 10);
        var values = new Dictionary<byte, string> { [200] = "car", [10] = "road", [0] = "ignore" };
        var dataset = Dataset.Open(folder.Path, new DatasetOptions { PixelValues = values });
        Assert.Equal(["road", "car"], dataset.Labels.Names);
        Assert.Equal([0, LabelMap.Ignore, 1, 0], dataset.Load(0).Annotation.Map!.Values);
        values[11] = "cat";
        var fault = Assert.Throws<FoveaException>(() => Dataset.Open(folder.Path, new DatasetOptions { PixelValues = values, Labels = new LabelSpace(["road", "car"]) }));
        Assert.Contains("class 'cat' is not in the class map", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MaskOfAnotherSizeIsAFault()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 2, 2, 0, 1, 1, 0);
        folder.Mask("masks/1.png", 2, 3, 0, 1, 1, 0, 0, 0);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path).Load(0));
        Assert.Equal(("3x2", "2x2, the size of its picture"), (fault.Found, fault.Expected));
    }

    [Fact]
    public void WhatHasNoPartnerIsAFault()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 1, 0);
        folder.Touch("images/2.png");
        Assert.EndsWith("2.png", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).File, StringComparison.Ordinal);
        File.Move(folder.At("images/2.png"), folder.At("masks/2.png"));
        Assert.Contains("no picture", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train/1.png", "'train/1.png'")]
    [InlineData("train/1.png annot/2.png", "no file 'annot/2.png'")]
    [InlineData("train/2.png annot/1.png", "no file 'train/2.png'")]
    [InlineData("/train/2.png annot/1.png", "'/train/2.png'")]
    [InlineData("/elsewhere/1.png annot/1.png", "'/elsewhere/1.png'")]
    [InlineData("/SegNet/train/../../1.png annot/1.png", "'/SegNet/train/../../1.png'")]
    public void FaultyListLinesAreNamed(string line, string found)
    {
        using var folder = new TempFolder();
        folder.Mask("train/1.png", 1, 1, 0);
        folder.Mask("annot/1.png", 1, 1, 0);
        folder.Write("train.txt", "train/1.png annot/1.png\n\n" + line + "\n");
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.Equal(("line 3", found), (fault.Field, fault.Found));
    }

    [Fact]
    public void Lists_of_another_machine_are_read_by_the_end_of_their_paths()
    {
        using var folder = new TempFolder();
        folder.Mask("train/1.png", 1, 1, 0);
        folder.Mask("trainannot/1.png", 1, 1, 1);
        folder.Write("train.txt", "/SegNet/CamVid/train/1.png /SegNet/CamVid/trainannot/1.png\n");
        var sample = Dataset.Open(folder.Path)[0];
        Assert.Equal((folder.At("train/1.png"), folder.At("trainannot/1.png")), (sample.ImagePath, sample.AnnotationPath));
    }

    [Fact]
    public void A_folder_around_a_data_set_says_which_is_meant()
    {
        using var folder = new TempFolder();
        folder.Touch("VOC2012/JPEGImages/a.jpg", "VOC2012/SegmentationClass/a.png");
        var error = Assert.Throws<FoveaException>(() => Dataset.DetectFormat(folder.Path));
        Assert.Contains($"found VOC2012/, which holds voc-segmentation data, expected a data set itself; give {folder.At("VOC2012")}", error.Message, StringComparison.Ordinal);
        Assert.Equal(DatasetFormat.ImageFolder, Dataset.Open(folder.Path, DatasetFormat.ImageFolder).Format);
    }

    [Fact]
    public void VocSegmentationKnowsItsOutlines()
    {
        using var folder = new TempFolder();
        folder.Save("JPEGImages/1.jpg", new Image(new ImageSize(1, 3), 3, new byte[9]));
        folder.Mask("SegmentationClass/1.png", 1, 3, 0, 2, 255);
        folder.Write("ImageSets/Segmentation/train.txt", "1\n");
        var dataset = Dataset.Open(folder.Path, split: "train");
        Assert.Equal((DatasetFormat.VocSegmentation, 1, 3), (dataset.Format, dataset.Count, dataset.Labels.Count));
        Assert.Equal([0, 2, 255], dataset.Load(0).Annotation.Map!.Values);
        folder.Write("ImageSets/Segmentation/train.txt", "1\n2\n");
        Assert.Equal(("line 2", "'2'"), Assert.Throws<DataException>(() => Dataset.Open(folder.Path, split: "train")) is var fault ? (fault.Field, fault.Found) : default);
    }

    [Fact]
    public void StreetsAndMembranesOpen()
    {
        if (!TestData.TryFolder("camvid", out var camvid) || !TestData.TryFolder("isbi-em", out var membranes))
            return;
        Assert.Equal(["test", "train", "val"], Dataset.Splits(camvid));
        var (train, val, test) = (Dataset.Open(camvid, split: "train"), Dataset.Open(camvid, split: "val"), Dataset.Open(camvid, split: "test"));
        Assert.Equal((48, 12, 15, 12), (train.Count, val.Count, test.Count, train.Labels.Count));
        var pixels = new long[12];
        for (var i = 0; i < train.Count; i++)
        {
            foreach (var value in train.Load(i).Annotation.Map!.Values)
                pixels[value]++;
        }

        // The shares that the data's own notes give.
        double[] shares = [17.3, 22.5, 1.0, 31.8, 4.5, 9.6, 1.2, 1.1, 6.0, 0.5, 0.4, 4.2];
        Assert.All(Enumerable.Range(0, 12), i => Assert.Equal(shares[i], 100.0 * pixels[i] / pixels.Sum(), 0.051));

        var cells = Dataset.Open(membranes);
        Assert.Equal((22, 2), (cells.Count, cells.Labels.Count));
        Assert.InRange(cells.Load(0).Annotation.Map!.Values.Count(static value => value == 0) / (512.0 * 512), 0.15, 0.35);
    }

    [Fact]
    public void TrainingLeavesOutMasksThatCannotBeUsedWhenAskedTo()
    {
        using var folder = new TempFolder();
        foreach (var name in new[] { "a", "b", "c", "e" })
            folder.Pair(name, 1, 4, 0, 255, 255, 0);
        folder.Save("images/d.png", new Image(new ImageSize(1, 4), 3, new byte[12]));
        folder.Mask("masks/d.png", 1, 2, 0, 255);
        var section = new DataSection { Folder = folder.Path, ValidationFraction = 0.5 };
        Assert.Contains("d.png: size: found 2x1", Assert.Throws<DataException>(() => DataParts.Open(section, ModelTask.Semantic, 0)).Message, StringComparison.Ordinal);
        var parts = DataParts.Open(section with { SkipBroken = true }, ModelTask.Semantic, 0);
        Assert.Equal((2, 2), (parts.Training.Count, parts.Validation.Count));
        Assert.Contains(parts.Training.Notes, note => note.StartsWith("left out 1 image whose masks cannot be used, such as ", StringComparison.Ordinal) && note.Contains("d.png", StringComparison.Ordinal));
        Assert.Equal(2, DataParts.OpenFolds(section with { SkipBroken = true }, ModelTask.Semantic, 4, 0, out _)[0].Training.Count - 1);
    }

    [Fact]
    public void AStrayValueAmongMasksOfTwoValuesNamesItsMask()
    {
        using var folder = new TempFolder();
        folder.Pair("a", 1, 4, 0, 255, 255, 0);
        folder.Pair("b", 1, 4, 0, 255, 77, 0);
        folder.Pair("c", 1, 4, 0, 255, 255, 0);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.Equal("b.png", Path.GetFileName(fault.File));
        Assert.Equal("values 0: 50 %, 77: 25 %, 255: 25 %, the like in 1 of 3 masks", fault.Found);
    }

    [Fact]
    public void NucleiOpenWithOneMaskEach()
    {
        if (!TestData.TryFolder("dsb2018-nuclei", out var path))
            return;
        var dataset = Dataset.Open(path, labels: new LabelSpace(["nucleus"]));
        Assert.Equal((DatasetFormat.InstanceMasks, 72), (dataset.Format, dataset.Count));
        Assert.Equal(2495, Enumerable.Range(0, 72).AsParallel().Sum(i => dataset[i].Annotation.Instances!.Count));
        Assert.Equal(["stage1_train"], Dataset.Splits(path));
        Assert.Equal(72, Dataset.Open(path, split: "train").Count);
        Assert.Contains("expected one", Assert.Throws<FoveaException>(() => Dataset.Open(path, labels: new LabelSpace(["a", "b"]))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0 }, "an empty mask")]
    [InlineData(new byte[] { 0, 1, 255, 0 }, "values 0: 50 %, 1: 25 %, 255: 25 %")]
    [InlineData(new byte[] { 0, 1, 1, 0, 0, 0 }, "3x2")]
    public void FaultyObjectMasksAreNamed(byte[] values, string found)
    {
        using var folder = new TempFolder();
        folder.Save("one/images/a.png", new Image(new ImageSize(2, 2), 3, new byte[12]));
        folder.Mask("one/masks/x.png", 2, values.Length / 2, values);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path).Load(0));
        Assert.Equal(found, fault.Found);
        Assert.EndsWith("x.png", fault.File, StringComparison.Ordinal);
    }

    [Fact]
    public void ObjectMasksGiveBoxes()
    {
        using var folder = new TempFolder();
        folder.Save("one/images/a.png", new Image(new ImageSize(3, 4), 3, new byte[36]));
        folder.Mask("one/masks/x.png", 3, 4, 0, 0, 0, 0, 0, 255, 255, 0, 0, 255, 0, 0);
        var instance = Dataset.Open(folder.Path)[0].Annotation.Instances!.Single();
        Assert.Equal((new Box(1, 1, 3, 3), 3, "x.png"), (instance.Box, instance.Area, instance.Id));
        folder.Touch("one/images/b.png");
        Assert.Equal("2 pictures", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Found);
    }

    // One row, opaque, all channels of colour alike.
    private static Image Colours(int channels, byte[] values) =>
        new(new ImageSize(1, values.Length), channels, [.. values.SelectMany(value => Enumerable.Range(0, channels).Select(channel => channel < 3 ? value : byte.MaxValue))]);
}
