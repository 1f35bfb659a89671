using Fovea.Data;
using Fovea.Imaging;

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
        Assert.Contains("2 classes from the values of 1 of 1 masks (values 0: 50 %, 255: 50 %): background (0), foreground (255)", dataset.Notes);
        // Named or with 255 declared as no class.
        Assert.Equal([0, 1, 1, 0], Dataset.Open(folder.Path, labels: new LabelSpace(["membrane", "cell"])).Load(0).Annotation.Map!.Values);
        var ignoring = Dataset.Open(folder.Path, new DatasetOptions { Labels = new LabelSpace(["a", "b"]), IgnoreValues = [255] });
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
        Assert.StartsWith("values 0 to 2 (sky, road, car)", fault.Expected, StringComparison.Ordinal);
        var map = Dataset.Open(folder.Path, new DatasetOptions { Labels = labels, IgnoreValues = [11] }).Load(0).Annotation.Map!;
        Assert.Equal([0, 1, 2, 2, 2, 2, LabelMap.Ignore, LabelMap.Ignore], map.Values);
        Assert.Equal(12, Dataset.Open(folder.Path).Labels.Count);
    }

    [Fact]
    public void AmbiguousWhiteIsRefused()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 4, 0, 1, 2, 255);
        Assert.Contains("--ignore-value", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Expected, StringComparison.Ordinal);
        Assert.Equal(3, Dataset.Open(folder.Path, new DatasetOptions { IgnoreValues = [255] }).Labels.Count);
        folder.Pair("1", 1, 4, 0, 1, 1, 255);
        var binary = Dataset.Open(folder.Path, labels: new LabelSpace(["a", "b"]));
        Assert.Contains("either 0 and 1 or 0 and 255", Assert.Throws<DataException>(() => binary.Load(0)).Expected, StringComparison.Ordinal);
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
    [InlineData("/train/1.png annot/1.png", "'/train/1.png'")]
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
}
