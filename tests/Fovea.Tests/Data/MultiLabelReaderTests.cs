using Fovea.Data;
using Fovea.Data.Checks;

namespace Fovea.Tests.Data;

public sealed class MultiLabelReaderTests
{
    [Fact]
    public void A_column_for_each_class_says_which_are_true()
    {
        using var folder = new TempFolder();
        folder.Touch("a.jpg", "images/b.png", "c,d.jpg");
        folder.Write("labels.csv", "picture, cat, dog\na.jpg,1,1\nb.png, 0, 1.0\n\n\"c,d.jpg\",false,0\n");
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal((DatasetFormat.MultiLabel, DatasetContent.Labels), (dataset.Format, dataset.Content));
        Assert.Equal(["cat", "dog"], dataset.Labels.Names);
        Assert.Equal([("a.jpg", "0 1"), ("images/b.png", "1"), ("c,d.jpg", "")], Rows(dataset));
        Assert.Empty(Dataset.Splits(folder.Path));
        Assert.Equal("2 classes from labels.csv: cat, dog", Assert.Single(dataset.Notes));
    }

    [Theory]
    [InlineData("night street;cat", "night street", new[] { "cat", "night street" })]
    [InlineData("dog|cat|dog", "", new[] { "cat", "dog" })]
    [InlineData("dog cat", "bird", new[] { "bird", "cat", "dog" })]
    public void One_column_lists_the_classes(string first, string second, string[] classes)
    {
        using var folder = new TempFolder();
        folder.Touch("a.jpg", "b.jpg");
        folder.Write("labels.csv", $"file,labels\na.jpg,{first}\nb.jpg,{second}\n");
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal(classes, dataset.Labels.Names);
        Assert.Equal(2, dataset[0].Annotation.Labels!.Count);
        Assert.Equal(second.Length == 0 ? 0 : 1, dataset[1].Annotation.Labels!.Count);
    }

    [Theory]
    [InlineData(';'), InlineData('\t')]
    public void Headings_tell_what_separates_values(char separator)
    {
        using var folder = new TempFolder();
        folder.Touch("a.jpg", "b,c.jpg");
        folder.Write("labels.csv", "picture;cat;dog\r\na.jpg;1;0\r\nb,c.jpg;0;1\r\n".Replace(';', separator));
        Assert.Equal([("a.jpg", "0"), ("b,c.jpg", "1")], Rows(Dataset.Open(folder.Path)));
        folder.Write("labels.csv", "picture;labels\r\na.jpg;cat|dog\r\nb,c.jpg;\r\n".Replace(';', separator));
        Assert.Equal([("a.jpg", "0 1"), ("b,c.jpg", "")], Rows(Dataset.Open(folder.Path)));
    }

    [Fact]
    public void A_table_without_rows_is_found_by_the_check()
    {
        using var folder = new TempFolder();
        folder.Touch("a.jpg");
        folder.Write("labels.csv", "picture,cat\n");
        Assert.Contains(DatasetCheck.Run(folder.Path, new DatasetOptions()).Problems, static problem => problem is { Severity: Severity.Error, Found: "no pictures" });
    }

    [Fact]
    public void Splits_are_folders_as_roboflow_exports_them_or_a_column()
    {
        using var folder = new TempFolder();
        folder.Touch("train/a.jpg", "valid/b.jpg");
        folder.Write("train/_classes.csv", "filename, cat\na.jpg, 1\n");
        folder.Write("valid/_classes.csv", "filename, dog\nb.jpg, 1\n");
        Assert.Equal(["train", "valid"], Dataset.Splits(folder.Path));
        var val = Dataset.Open(folder.Path, split: "val");
        Assert.Equal(["cat", "dog"], val.Labels.Names);
        Assert.Equal([("valid/b.jpg", "1")], Rows(val));

        using var column = new TempFolder();
        column.Touch("a.jpg", "b.jpg");
        column.Write("labels.csv", "file,split,labels\na.jpg,train,x\nb.jpg,val,y\n");
        Assert.Equal(["train", "val"], Dataset.Splits(column.Path));
        Assert.Equal([("b.jpg", "1")], Rows(Dataset.Open(column.Path, split: "val")));
    }

    [Theory]
    [InlineData("file,cat\na.jpg,2\n", "labels.csv: line 2, cat", "'2'")]
    [InlineData("file,cat\na.jpg,\n", "labels.csv: line 2, cat", "nothing")]
    [InlineData("file,cat\na.jpg\n", "labels.csv: line 2", "1 value,")]
    [InlineData("file\na.jpg\n", "labels.csv: line 1", "a column for each class")]
    [InlineData("file,cat,cat\na.jpg,1,0\n", "labels.csv: line 1", "'cat' twice")]
    [InlineData("file,labels\n\"a.jpg,x\n", "labels.csv: line 2", "not closed")]
    [InlineData("file,labels\na.jpg,x\na.jpg,y\n", "labels.csv: line 3", "one row for each picture")]
    [InlineData("file,labels\nb.jpg,x\n", "labels.csv: line 2", "'b.jpg'")]
    [InlineData("file,labels\n../b.jpg,x\n", "labels.csv: line 2", "outside")]
    public void Faults_name_line_and_column(string table, string place, string found)
    {
        using var folder = new TempFolder();
        folder.Touch("a.jpg");
        folder.Write("labels.csv", table);
        var message = Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Message;
        Assert.Contains(place, message, StringComparison.Ordinal);
        Assert.Contains(found, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_is_not_among_those_given_is_named()
    {
        using var folder = new TempFolder();
        folder.Touch("a.jpg", "b.jpg");
        folder.Write("labels.csv", "file,labels\na.jpg,cat\nb.jpg,cta\n");
        var labels = new LabelSpace(["cat", "dog"]);
        Assert.Contains("did you mean 'cat'?", Assert.Throws<DataException>(() => Dataset.Open(folder.Path, labels: labels)).Message, StringComparison.Ordinal);
        var kept = Dataset.Open(folder.Path, new DatasetOptions { Labels = labels, Faults = FaultPolicy.Skip });
        Assert.Equal([("a.jpg", "0")], Rows(kept));
        Assert.Contains("left out 1 x unknown class", kept.Notes[^1], StringComparison.Ordinal);
    }

    private static IEnumerable<(string, string)> Rows(IDataset dataset) =>
        Enumerable.Range(0, dataset.Count).Select(i => (dataset[i].Id, string.Join(' ', dataset[i].Annotation.Labels!)));
}
