using System.Text.Json;
using Fovea.Cli;
using Fovea.Data;
using Fovea.Imaging;
using Fovea.Tests.Data;

namespace Fovea.Tests.Cli;

public sealed class DataCommandTests
{
    [Fact]
    public void CheckListsTheFaultsAndFails()
    {
        using var folder = Voc();
        var good = CommandLine.Run("data", "check", folder.Path);
        Assert.Equal(0, good.Code);
        Assert.Contains("voc, 2 images, 2 objects, 2 classes", good.Output, StringComparison.Ordinal);
        Assert.EndsWith("0 errors, 0 warnings, 0 notes" + Environment.NewLine, good.Output, StringComparison.Ordinal);
        Assert.Contains("found 2 errors", Assert.Throws<FoveaException>(() => CommandLine.Run("data", "check", folder.Path, "--classes", "bird,fish")).Message, StringComparison.Ordinal);
        Assert.Contains("expected one of image-folder", Assert.Throws<FoveaException>(() => CommandLine.Run("data", "check", folder.Path, "--format", "vok")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckSpeaksJson()
    {
        using var folder = Voc();
        using var json = JsonDocument.Parse(CommandLine.Run("data", "check", folder.Path, "--json").Output);
        Assert.Equal("voc", json.RootElement.GetProperty("format").GetString());
        Assert.Equal(["cat", "dog"], json.RootElement.GetProperty("classes").EnumerateArray().Select(static item => item.GetString()!));
        Assert.Equal(0, json.RootElement.GetProperty("problems").GetArrayLength());
    }

    [Fact]
    public void StatsCountClasses()
    {
        using var folder = Voc();
        var output = CommandLine.Run("data", "stats", folder.Path).Output;
        Assert.Contains("2 images, 2 objects (0 crowds, 0 difficult), 0 images without objects", output, StringComparison.Ordinal);
        Assert.Matches(@"cat +1 +1 +50\.0", output);
        using var json = JsonDocument.Parse(CommandLine.Run("data", "stats", folder.Path, "--json").Output);
        Assert.Equal(2, json.RootElement.GetProperty("objects").GetInt32());
    }

    [Fact]
    public void ConvertWritesAndSaysWhatIsLost()
    {
        using var folder = Voc();
        var result = CommandLine.Run("data", "convert", folder.Path, "--to", "yolo", "--out", folder.At("out"));
        Assert.Equal((0, $"{folder.At("out")}: yolo, 2 images, nothing lost{Environment.NewLine}"), result);
        Assert.Equal(2, Dataset.Open(folder.At("out")).Count);
        Assert.Throws<FoveaException>(() => CommandLine.Run("data", "convert", folder.Path, "--to", "yolo", "--out", folder.At("out")));
    }

    [Fact]
    public void ScenesAreTheSamePicturesForClassifiersAndDetectors()
    {
        using var folder = new TempFolder();
        var (code, output) = CommandLine.Run("data", "scenes", "--out", folder.At("folders"), "--images", "20", "--size", "48");
        Assert.Equal((0, $"{folder.At("folders")}: image-folder, 28 pictures of disc, square, triangle, star, ring, cross{Environment.NewLine}"), (code, output));
        CommandLine.Run("data", "scenes", "--to", "coco", "--out", folder.At("coco"), "--images", "20", "--size", "48");
        foreach (var (split, count) in new[] { ("train", 20), ("val", 4), ("test", 4) })
        {
            var pictures = Dataset.Open(folder.At("folders"), split: split);
            var objects = Dataset.Open(folder.At("coco"), split: split);
            Assert.Equal((count, count), (pictures.Count, objects.Count));
            var byName = Enumerable.Range(0, count).ToDictionary(i => Path.GetFileName(objects[i].ImagePath));
            for (var i = 0; i < count; i++)
            {
                var same = byName[Path.GetFileName(pictures[i].ImagePath)];
                Assert.Equal(objects.LoadImage(same).Data, pictures.LoadImage(i).Data);
                Assert.Equal(objects.Labels[Assert.Single(objects.Load(same).Annotation.Instances!).Label], pictures.Labels[pictures[i].Annotation.Label!.Value]);
            }
        }

        CommandLine.Run("data", "scenes", "--to", "yolo", "--objects", "4", "--out", folder.At("yolo"), "--images", "10", "--size", "48");
        Assert.Contains(Enumerable.Range(0, 10), i => Dataset.Open(folder.At("yolo"), split: "train").Load(i).Annotation.Instances!.Count > 1);
        Assert.Contains("expected a new or empty folder", Assert.Throws<FoveaException>(() => CommandLine.Run("data", "scenes", "--out", folder.At("yolo"))).Message, StringComparison.Ordinal);
        Assert.Contains("a picture has one class", Assert.Throws<UsageException>(() => CommandLine.Run("data", "scenes", "--objects", "2", "--out", folder.At("two"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SplitWritesThePlan()
    {
        using var folder = Voc();
        var plan = folder.At("a.split");
        Assert.Matches(@"(?s)train +1 .*val +1 ", CommandLine.Run("data", "split", folder.Path, "--val", "0.5", "--out", plan).Output);
        Assert.Equal(4, File.ReadAllLines(plan).Length);
        CommandLine.Run("data", "split", folder.Path, "--folds", "2", "--out", plan, "--group", "^(.)");
        Assert.Contains("parts\tfold1\tfold2", File.ReadAllText(plan), StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => CommandLine.Run("data", "split", folder.Path, "--val", "1", "--out", plan));
        Assert.Throws<UsageException>(() => CommandLine.Run("data", "split", folder.Path, "--folds", "1", "--out", plan));
        Assert.Throws<UsageException>(() => CommandLine.Run("data", "split", folder.Path, "--group", "(", "--out", plan));
        Assert.Contains("no match", Assert.Throws<FoveaException>(() => CommandLine.Run("data", "split", folder.Path, "--group", "x", "--out", plan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ShowDrawsSamples()
    {
        using var folder = Voc();
        var result = CommandLine.Run("data", "show", folder.Path, "--out", folder.At("sheet.png"), "--size", "100");
        Assert.Equal((0, $"{folder.At("sheet.png")}: 2 of 2 images{Environment.NewLine}"), result);
        Assert.InRange(Image.Load(folder.At("sheet.png")).Width, 200, 300);
        Assert.StartsWith($"{folder.At("plain.png")}: 2 of 2", CommandLine.Run("data", "show", folder.Path, "--out", folder.At("plain")).Output, StringComparison.Ordinal);
        Assert.True(Image.Load(folder.At("plain.png")).Width > 200);
        Assert.Contains("1 of 2", CommandLine.Run("data", "show", folder.Path, "--out", folder.At("sheet.svg"), "--class", "dog").Output, StringComparison.Ordinal);
        Assert.Contains("dog", File.ReadAllText(folder.At("sheet.svg")), StringComparison.Ordinal);
        Assert.DoesNotContain("cat", File.ReadAllText(folder.At("sheet.svg")), StringComparison.Ordinal);
        Assert.Contains("1 of 2", CommandLine.Run("data", "show", folder.Path, "--out", folder.At("sheet.svg"), "--id", "a").Output, StringComparison.Ordinal);
        Assert.Contains("no image with id 'x'", Assert.Throws<FoveaException>(() => CommandLine.Run("data", "show", folder.Path, "--id", "x")).Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'dog'?", Assert.Throws<FoveaException>(() => CommandLine.Run("data", "show", folder.Path, "--class", "dogs")).Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => CommandLine.Run("data", "show", folder.Path, "--count", "0"));
    }

    [Fact]
    public void StatsAreDrawn()
    {
        using var folder = Voc();
        CommandLine.Run("data", "stats", folder.Path, "--out", folder.At("stats.svg"));
        var svg = File.ReadAllText(folder.At("stats.svg"));
        Assert.All(new[] { "objects per class", "cat", "dog", "2 images, 2 objects" }, text => Assert.Contains(text, svg, StringComparison.Ordinal));
        CommandLine.Run("data", "stats", folder.Path, "--out", folder.At("stats.png"));
        Assert.InRange(Image.Load(folder.At("stats.png")).Width, 1000, 1400);
    }

    [Fact]
    public void PixelValuesAreParsed()
    {
        using var folder = new TempFolder();
        folder.Pair("a", 1, 4, 0, 3, 3, 9);
        Assert.Equal(0, CommandLine.Run("data", "check", folder.Path, "--pixel-value", "0=sky", "--pixel-value", "3=road", "--ignore-value", "9").Code);
        Assert.Throws<FoveaException>(() => CommandLine.Run("data", "check", folder.Path, "--pixel-value", "0=sky", "--pixel-value", "3=road"));
        Assert.Throws<UsageException>(() => CommandLine.Run("data", "check", folder.Path, "--pixel-value", "300=sky"));
    }

    private static TempFolder Voc()
    {
        var folder = new TempFolder();
        foreach (var (name, label, shade) in new[] { ("a", "cat", (byte)1), ("b", "dog", (byte)2) })
        {
            folder.Save($"JPEGImages/{name}.png", new Image(new ImageSize(10, 20), 1, [.. Enumerable.Repeat(shade, 200)]));
            folder.Write($"Annotations/{name}.xml", $"<annotation><size><width>20</width><height>10</height></size><object><name>{label}</name>"
                + "<bndbox><xmin>2</xmin><ymin>3</ymin><xmax>5</xmax><ymax>7</ymax></bndbox></object></annotation>");
        }

        return folder;
    }
}
