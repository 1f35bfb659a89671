using Fovea.Data;

namespace Fovea.Tests.Data;

public sealed class ImageFolderReaderTests
{
    [Fact]
    public void ClassesAreSubFoldersInOrdinalOrder()
    {
        using var folder = new TempFolder();
        folder.Touch("dogs/2.jpg", "dogs/1.PNG", "cats/deep/er.webp", "cats/.hidden.jpg", "cats/notes.txt");
        folder.Write("README.md", "no class");
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal((DatasetFormat.ImageFolder, DatasetContent.Classes), (dataset.Format, dataset.Content));
        Assert.Equal(["cats", "dogs"], dataset.Labels.Names);
        Assert.Equal(["cats/deep/er.webp", "dogs/1.PNG", "dogs/2.jpg"], Ids(dataset));
        Assert.Equal([0, 1, 1], Enumerable.Range(0, 3).Select(i => dataset[i].Annotation.Label!.Value));
        Assert.Empty(Dataset.Splits(folder.Path));
    }

    [Fact]
    public void ClassThatOneSplitLacksDoesNotShiftTheOthers()
    {
        using var folder = new TempFolder();
        folder.Touch("train/a/1.jpg", "train/b/1.jpg", "train/c/1.jpg", "valid/c/2.jpg");
        Assert.Equal(["train", "valid"], Dataset.Splits(folder.Path));
        var val = Dataset.Open(folder.Path, split: "val");
        Assert.Equal(["a", "b", "c"], val.Labels.Names);
        Assert.Equal(2, val[0].Annotation.Label);
        Assert.Equal(4, Dataset.Open(folder.Path).Count);
    }

    [Fact]
    public void ClassWithoutAPictureIsNamed()
    {
        using var folder = new TempFolder();
        folder.Touch("cats/1.jpg", "dogs/1.jpg", "notes/a.txt");
        Directory.CreateDirectory(folder.At("birds/deep"));
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.StartsWith($"{folder.At("birds")}: class: found no picture, expected at least one; put pictures there or remove the folder", fault.Message, StringComparison.Ordinal);
        var without = Dataset.Open(folder.Path, new DatasetOptions { Faults = FaultPolicy.Skip });
        Assert.Equal(["cats", "dogs"], without.Labels.Names);
        Assert.Contains(without.Notes, static note => note.Contains("birds", StringComparison.Ordinal));
        Assert.Contains("notes: holds files but no picture, so that it is taken for no class", without.Notes);
        // Somebody who names the classes knows of it.
        Assert.Contains("birds: holds no picture of this class", Dataset.Open(folder.Path, labels: new LabelSpace(["birds", "cats", "dogs"])).Notes);
    }

    [Fact]
    public void ClassThatOnePartLacksIsSaid()
    {
        using var folder = new TempFolder();
        folder.Touch("train/a/1.jpg", "train/b/1.jpg", "val/b/2.jpg");
        Directory.CreateDirectory(folder.At("val/a"));
        Assert.Contains("val/a: holds no picture of this class", Dataset.Open(folder.Path, split: "val").Notes);
        Directory.CreateDirectory(folder.At("train/c"));
        Assert.Contains("train/c", Assert.Throws<DataException>(() => Dataset.Open(folder.Path, split: "train")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FolderThatIsNoClassIsNamed()
    {
        using var folder = new TempFolder();
        folder.Touch("cats/1.jpg", "dgos/1.jpg");
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path, labels: new LabelSpace(["cats", "dogs"])));
        Assert.Contains("did you mean 'dogs'?", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("dgos", fault.File, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownFolderListsWhatWasLookedFor()
    {
        using var folder = new TempFolder();
        folder.Write("notes.txt", "nothing here");
        var message = Assert.Throws<FoveaException>(() => Dataset.Open(folder.Path)).Message;
        Assert.StartsWith($"{folder.Path}: found no known data format, expected one of: coco (", message, StringComparison.Ordinal);
        Assert.All(DatasetFormatNames.All, name => Assert.Contains(name + " (", message, StringComparison.Ordinal));
        Assert.Contains("found no yolo data", Assert.Throws<FoveaException>(() => Dataset.Open(folder.Path, DatasetFormat.Yolo)).Message, StringComparison.Ordinal);
        Assert.Contains("found nothing", Assert.Throws<FoveaException>(() => Dataset.Open(folder.At("missing"))).Message, StringComparison.Ordinal);
        Assert.Contains("found a file", Assert.Throws<FoveaException>(() => Dataset.Open(folder.At("notes.txt"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FlowersAndGarmentsOpen()
    {
        if (!TestData.TryFolder("flowers", out var flowers) || !TestData.TryFolder("fashion", out var fashion))
            return;
        var dataset = Dataset.Open(flowers);
        Assert.Equal(["daisy", "dandelion", "roses", "sunflowers", "tulips"], dataset.Labels.Names);
        Assert.Equal(160, dataset.Count);
        Assert.Equal((540, 140), (Dataset.Open(fashion, split: "train").Count, Dataset.Open(fashion, split: "val").Count));
        Assert.Equal(10, Dataset.Open(fashion).Labels.Count);
    }

    [Fact]
    public void SubsetsKeepTheirOrder()
    {
        using var folder = new TempFolder();
        folder.Touch("a/1.jpg", "a/2.jpg", "b/3.jpg");
        var subset = Dataset.Open(folder.Path).Subset([2, 0], "part");
        Assert.Equal(["b/3.jpg", "a/1.jpg"], Ids(subset));
        Assert.EndsWith("/part", subset.Name, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => subset.Subset([2]));
    }

    private static IEnumerable<string> Ids(IDataset dataset) => Enumerable.Range(0, dataset.Count).Select(i => dataset[i].Id);
}
