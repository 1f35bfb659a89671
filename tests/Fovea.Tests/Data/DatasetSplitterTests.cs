using Fovea.Data;
using Fovea.Data.Splitting;

namespace Fovea.Tests.Data;

public sealed class DatasetSplitterTests
{
    [Fact]
    public void EveryClassKeepsItsShare()
    {
        using var folder = Folder(("a", 100), ("b", 50), ("c", 10));
        var dataset = Dataset.Open(folder.Path);
        var plan = DatasetSplitter.Split(dataset, [("train", 0.7), ("val", 0.2), ("test", 0.1)], seed: 5);
        Assert.Equal([70, 35, 7], Classes(plan.Part(dataset, "train")));
        Assert.Equal([20, 10, 2], Classes(plan.Part(dataset, "val")));
        Assert.Equal([10, 5, 1], Classes(plan.Part(dataset, "test")));
        Assert.Equal([30, 15, 3], Classes(plan.Except(dataset, "train")));
    }

    [Fact]
    public void SameSeedSameParts()
    {
        using var folder = Folder(("a", 40), ("b", 30));
        var dataset = Dataset.Open(folder.Path);
        var shares = new[] { ("train", 0.8), ("val", 0.2) };
        Assert.Equal(DatasetSplitter.Split(dataset, shares, 1).Images, DatasetSplitter.Split(dataset, shares, 1).Images);
        Assert.NotEqual(DatasetSplitter.Split(dataset, shares, 1).Images, DatasetSplitter.Split(dataset, shares, 2).Images);
    }

    [Fact]
    public void FoldsCoverTheSetOnce()
    {
        using var folder = Folder(("a", 33), ("b", 12));
        var dataset = Dataset.Open(folder.Path);
        var plan = DatasetSplitter.Folds(dataset, 5, seed: 1);
        Assert.Equal(["fold1", "fold2", "fold3", "fold4", "fold5"], plan.Parts);
        Assert.Equal(45, plan.Images.Select(static image => image.Id).Distinct().Count());
        foreach (var fold in plan.Parts)
        {
            var counts = Classes(plan.Part(dataset, fold));
            Assert.InRange(counts[0], 6, 7);
            Assert.InRange(counts[1], 2, 3);
            Assert.Equal(45, plan.Part(dataset, fold).Count + plan.Except(dataset, fold).Count);
        }
    }

    [Fact]
    public void GroupsStayWhole()
    {
        using var folder = Folder(("a", 60), ("b", 60));
        var dataset = Dataset.Open(folder.Path);
        static string Group(Sample sample) => sample.Id[..4];
        var plan = DatasetSplitter.Folds(dataset, 4, seed: 1, Group);
        var partsOfGroup = plan.Images.GroupBy(static image => image.Id[..4], static image => image.Part);
        Assert.All(partsOfGroup, static parts => Assert.Single(parts.Distinct()));
        Assert.Contains("12 groups kept whole", plan.Description, StringComparison.Ordinal);
        Assert.Contains("found 12 groups", Assert.Throws<FoveaException>(() => DatasetSplitter.Folds(dataset, 13, 1, Group)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ObjectsOfRareClassesAreSpread()
    {
        if (!TestData.TryFolder("bccd", out var path))
            return;
        var dataset = Dataset.Open(path, new DatasetOptions { Faults = FaultPolicy.Skip });
        var plan = DatasetSplitter.Split(dataset, [("train", 0.8), ("val", 0.2)], seed: 3);
        var holding = Holding(dataset);
        var held = Holding(plan.Part(dataset, "val"));
        Assert.All(Enumerable.Range(0, 3), label => Assert.InRange(held[label], holding[label] * 0.2 - 3, holding[label] * 0.2 + 3));
    }

    [Fact]
    public void PlanIsWrittenAndReadBack()
    {
        using var folder = Folder(("a", 6), ("b", 4));
        var dataset = Dataset.Open(folder.Path);
        var plan = DatasetSplitter.Split(dataset, [("train", 0.5), ("val", 0.5)], seed: 1);
        plan.Save(folder.At("split.txt"));
        Assert.StartsWith($"# {dataset.Name}: train 0.5, val 0.5; seed 1\nparts\ttrain\tval\n", File.ReadAllText(folder.At("split.txt")), StringComparison.Ordinal);
        var read = SplitPlan.Load(folder.At("split.txt"));
        Assert.Equal(plan.Description, read.Description);
        Assert.Equal(plan.Parts, read.Parts);
        Assert.Equal(plan.Images, read.Images);

        folder.Touch("a/new.jpg");
        Assert.Contains("found image 'a/new.jpg' that the split does not know", Assert.Throws<FoveaException>(() => read.Part(Dataset.Open(folder.Path), "val")).Message, StringComparison.Ordinal);
        File.Delete(folder.At("a/new.jpg"));
        File.Delete(folder.At("a/000.jpg"));
        Assert.Contains("found 9 images, expected the 10", Assert.Throws<FoveaException>(() => read.Part(Dataset.Open(folder.Path), "val")).Message, StringComparison.Ordinal);
        Assert.Contains("found no part 'test'", Assert.Throws<FoveaException>(() => read.Part(dataset, "test")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null, "no parts")]
    [InlineData("train\ta\n", "line 1", "'train\ta'")]
    [InlineData("parts\ttrain\ntrain\ta\nval\tb\n", "line 3", "'val\tb'")]
    [InlineData("parts\ttrain\ntrain\ta\ntrain\ta\n", "line 3", "image 'a' a second time")]
    public void BrokenPlansAreNamed(string text, string? field, string found)
    {
        using var folder = new TempFolder();
        var fault = Assert.Throws<DataException>(() => SplitPlan.Load(folder.Write("split.txt", text)));
        Assert.Equal((field, found), (fault.Field, fault.Found));
    }

    [Fact]
    public void SharesAreChecked()
    {
        using var folder = Folder(("a", 2), ("b", 1));
        var dataset = Dataset.Open(folder.Path);
        Assert.Throws<FoveaException>(() => DatasetSplitter.Split(dataset, [("train", 1)], 1));
        Assert.Throws<FoveaException>(() => DatasetSplitter.Split(dataset, [("train", 1), ("val", 0)], 1));
        Assert.Throws<FoveaException>(() => DatasetSplitter.Folds(dataset, 4, 1));
        Assert.Contains("no images left for 'val'", Assert.Throws<FoveaException>(() => DatasetSplitter.Split(dataset, [("train", 0.99), ("val", 0.01)], 1)).Message, StringComparison.Ordinal);
    }

    private static TempFolder Folder(params (string Class, int Count)[] classes)
    {
        var folder = new TempFolder();
        foreach (var (name, count) in classes)
            folder.Touch([.. Enumerable.Range(0, count).Select(i => $"{name}/{i:000}.jpg")]);
        return folder;
    }

    private static int[] Classes(IDataset dataset)
    {
        var counts = new int[dataset.Labels.Count];
        for (var i = 0; i < dataset.Count; i++)
            counts[dataset[i].Annotation.Label!.Value]++;
        return counts;
    }

    private static int[] Holding(IDataset dataset)
    {
        var counts = new int[dataset.Labels.Count];
        for (var i = 0; i < dataset.Count; i++)
        {
            foreach (var label in dataset[i].Annotation.Instances!.Select(static instance => instance.Label).Distinct())
                counts[label]++;
        }

        return counts;
    }
}
