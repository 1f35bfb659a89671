using Fovea.Data;

namespace Fovea.Tests.Data;

public sealed class YoloReaderTests
{
    [Theory]
    [InlineData("1 0.5 0.5", "line 1", "3 fields")]
    [InlineData("1 0.5 0.5 0.1 0.1 0.9", "line 1", "6 fields")]
    [InlineData("cat 0.5 0.5 0.1 0.1", "line 1, class", "'cat'")]
    [InlineData("-1 0.5 0.5 0.1 0.1", "line 1, class", "'-1'")]
    [InlineData("0 0.5 0.5 0.1 0.1\n\n0 0.5 x 0.1 0.1", "line 3, field 3", "'x'")]
    [InlineData("0 0.5 nan 0.1 0.1", "line 1, field 3", "'nan'")]
    [InlineData("2 0.5 0.5 0.1 0.1", "line 1, class", "2")]
    [InlineData("0 320 240 100 50", "line 1", "320 240 100 50 (outside the image)")]
    [InlineData("0 0.98 0.5 0.1 0.1", "line 1", "0.98 0.5 0.1 0.1 (outside the image)")]
    [InlineData("0 0.5 0.5 0 0.1", "line 1", "0.5 0.5 0 0.1 (zero area)")]
    [InlineData("0 0.5 0.5 -0.1 0.1", "line 1", "0.5 0.5 -0.1 0.1 (inverted)")]
    public void FaultyLinesAreNamed(string text, string field, string found)
    {
        using var folder = Folder(text);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.EndsWith("a.txt", fault.File, StringComparison.Ordinal);
        Assert.Equal((field, found), (fault.Field, fault.Found));
    }

    [Fact]
    public void LabelWithoutPictureIsAFault()
    {
        using var folder = Folder("0 0.5 0.5 0.1 0.1");
        folder.Write("labels/train/orphan.txt", "0 0.5 0.5 0.1 0.1");
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.EndsWith("orphan.txt", fault.File, StringComparison.Ordinal);
    }

    [Fact]
    public void PictureWithoutLabelsIsBackground()
    {
        using var folder = Folder("");
        var dataset = Dataset.Open(folder.Path, split: "train");
        Assert.Contains("1 picture has no objects and trains as background", dataset.Notes);
    }

    [Theory]
    [InlineData("names: [cat, cat]", "names", "twice")]
    [InlineData("names: {0: cat, 2: dog}", "names", "key '2'")]
    [InlineData("names: [cat, dog]\nnc: 3", "nc", "3")]
    [InlineData("names: cat", "names", "'cat'")]
    [InlineData("names: [cat", "line", "broken YAML")]
    [InlineData("names: [cat, dog]\nkpt_shape: [17]", "kpt_shape", "17")]
    public void FaultyDataYamlIsNamed(string yaml, string field, string found)
    {
        using var folder = Folder("0 0.5 0.5 0.1 0.1");
        folder.Write("data.yaml", yaml);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.StartsWith(field, fault.Field, StringComparison.Ordinal);
        Assert.Contains(found, fault.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void DataYamlNamesSplitsInsideTheFolder()
    {
        using var folder = Folder("1 0.5 0.5 0.1 0.1");
        folder.Touch("valid/images/b.jpg");
        folder.Write("valid/labels/b.txt", "");
        folder.Write("data.yaml", "path: /somewhere/else\ntrain: images/train\nval: ../valid/images\nnames:\n  0: cat\n  1: dog\n");
        Assert.Equal(["train", "val"], Dataset.Splits(folder.Path));
        Assert.Equal(1, Dataset.Open(folder.Path, split: "val").Count);
        folder.Write("data.yaml", "train: list.txt\nnames: [cat, dog]\n");
        folder.Write("list.txt", "./images/train/a.jpg\nmissing.jpg\n");
        Assert.Equal("line 2", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Field);
        folder.Write("data.yaml", "train: /etc\nval: images/train\nnames: [cat, dog]\n");
        Assert.Equal("train", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Field);
        folder.Write("data.yaml", "train: images/../../..\nval: images/train\nnames: [cat, dog]\n");
        Assert.Equal("train", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Field);
    }

    [Fact]
    public void ClassesComeFromNamesOrTheHighestNumberOfAllSplits()
    {
        using var folder = Folder("1 0.5 0.5 0.1 0.1");
        File.Delete(folder.At("classes.txt"));
        folder.Touch("images/val/b.jpg");
        folder.Write("labels/val/b.txt", "4 0.5 0.5 0.1 0.1");
        Assert.Equal(["0", "1", "2", "3", "4"], Dataset.Open(folder.Path, split: "train").Labels.Names);
    }

    [Fact]
    public void DarknetFilesAreRead()
    {
        using var folder = new TempFolder();
        folder.Touch("obj_train_data/a.jpg");
        folder.Write("obj_train_data/a.txt", "1 0.5 0.5 0.1 0.1");
        folder.Write("obj.data", "classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n");
        folder.Write("obj.names", "cat\ndog\n");
        folder.Write("train.txt", "obj_train_data/a.jpg\n");
        var dataset = Dataset.Open(folder.Path, split: "train");
        Assert.Equal((DatasetFormat.Yolo, 1), (dataset.Format, dataset.Count));
        Assert.Equal(["cat", "dog"], dataset.Labels.Names);
    }

    [Fact]
    public void FolderAboveNamedImagesIsNotTheirs()
    {
        using var folder = new TempFolder();
        folder.Touch("images/set/a.jpg");
        folder.Write("images/set/a.txt", "0 0.5 0.5 0.1 0.1");
        Assert.Equal(DatasetFormat.Yolo, Dataset.DetectFormat(folder.At("images/set") + "/"));
        Assert.DoesNotContain(Dataset.Open(folder.At("images/set") + "/").Notes, static note => note.Contains("no objects", StringComparison.Ordinal));
    }

    private static TempFolder Folder(string text)
    {
        var folder = new TempFolder();
        folder.Touch("images/train/a.jpg");
        folder.Write("labels/train/a.txt", text);
        folder.Write("classes.txt", "cat\ndog\n");
        return folder;
    }
}
