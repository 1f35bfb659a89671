using Fovea.Data;
using Fovea.Data.Checks;
using Fovea.Imaging;
using Fovea.Training;

namespace Fovea.Tests.Data;

public sealed class DatasetCheckTests
{
    private static readonly byte[] Jpeg = Noise(48, 64).Encode(".jpg");

    [Fact]
    public void CleanSetHasNoProblems()
    {
        using var folder = Voc(("a", Noise(48, 64).Encode(".jpg"), "cat"), ("b", Noise(48, 64, 2).Encode(".jpg"), "dog"));
        var report = DatasetCheck.Run(folder.Path, new DatasetOptions());
        Assert.Empty(report.Problems);
        Assert.Equal((2, 2, DatasetFormat.Voc, false), (report.Images, report.Objects, report.Format!.Value, report.HasErrors));
        Assert.Equal([("all", 2)], report.Splits);
    }

    [Fact]
    public void TruncatedAndEmptyPicturesAreErrorsNamingThem()
    {
        using var folder = Voc(("cut", Jpeg[..(Jpeg.Length / 2)], "cat"), ("empty", [], "cat"), ("text", "hello"u8.ToArray(), "cat"));
        var problems = DatasetCheck.Run(folder.Path, new DatasetOptions()).Problems;
        Assert.Equal(["cut.jpg", "empty.jpg", "text.jpg"], problems.Select(static problem => Path.GetFileName(problem.File)));
        Assert.All(problems, static problem => Assert.Equal((Severity.Error, FaultKind.PictureUnreadable), (problem.Severity, problem.Kind)));
        // Headers alone show two of the three.
        Assert.Equal(2, DatasetCheck.Run(folder.Path, new DatasetOptions(), decode: false).Problems.Count);
    }

    [Fact]
    public void ASetWithoutAnyClassIsWarnedOfAndNotTrainedOnUnlessClassesAreNamed()
    {
        using var folder = Voc(("a", Jpeg, "cat"), ("b", Noise(48, 64, 2).Encode(".jpg"), "cat"));
        foreach (var name in new[] { "a", "b" })
            folder.Write($"Annotations/{name}.xml", "<annotation><size><width>64</width><height>48</height></size></annotation>");
        var report = DatasetCheck.Run(folder.Path, new DatasetOptions());
        Assert.False(report.HasErrors);
        Assert.Contains("0 classes from the XML files", report.Notes);
        Assert.Contains(report.Problems, static problem => (problem.Severity, problem.Kind, problem.Found) == (Severity.Warning, FaultKind.ClassUse, "none"));
        var section = new DataSection { Folder = folder.Path, ValidationFraction = 0.5 };
        Assert.Contains("classes: found none", Assert.Throws<FoveaException>(() => DataParts.Open(section, ModelTask.Detection, 0)).Message, StringComparison.Ordinal);
        Assert.Equal(1, DataParts.Open(section with { Classes = ["cat"] }, ModelTask.Detection, 0).Training.Count);
    }

    [Fact]
    public void EveryFaultOfAnXmlIsListed()
    {
        using var folder = Voc(("a", Jpeg, "cat"));
        folder.Write("Annotations/a.xml", """
            <annotation><size><width>65</width><height>48</height></size>
            <object><name>cat</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>
            <object><name>cat</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>5</xmax><ymax>12</ymax></bndbox></object>
            <object><name>dgo</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object>
            <object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>99</xmax><ymax>5</ymax></bndbox></object>
            <object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object>
            <object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object>
            </annotation>
            """);
        folder.Write("Annotations/b.xml", "<annotation/>");
        folder.Write("JPEGImages/c.jpg", Noise(8, 8, 3).Encode(".jpg"));
        folder.Write("JPEGImages/b.jpg", Noise(8, 8, 4).Encode(".jpg"));
        var report = DatasetCheck.Run(folder.Path, new DatasetOptions { Labels = new LabelSpace(["cat", "dog"]) });
        Assert.Equal(
            [FaultKind.BoxEmpty, FaultKind.BoxInverted, FaultKind.BoxOutside, FaultKind.SizeMissing, FaultKind.UnknownClass, FaultKind.SizeMismatch, FaultKind.DuplicateObject, FaultKind.ClassUse, FaultKind.AnnotationMissing],
            report.Problems.Select(static problem => problem.Kind));
        Assert.Contains("line 2, object 1 (cat) bndbox: found xmin 9, ymin 9, xmax 9, ymax 9 (zero area)", report.Problems[0].ToString(), StringComparison.Ordinal);
        Assert.Contains("did you mean 'dog'?", report.Problems[4].Expected, StringComparison.Ordinal);
        Assert.Equal(("65x48", "64x48, the size of the picture"), (report.Problems[5].Found, report.Problems[5].Expected));
        Assert.Contains("2 pictures, the first b.jpg, without annotation", report.Problems[8].Found, StringComparison.Ordinal);
        Assert.Equal((6, 3), (report.Count(Severity.Error), report.Count(Severity.Warning)));
    }

    [Fact]
    public void OrientationThatTheAnnotationIgnoresIsTold()
    {
        if (!TestData.TryFolder("exif-orientation", out var photos))
            return;
        using var folder = new TempFolder();
        folder.Write("images/a.jpg", File.ReadAllBytes(Path.Combine(photos, "Portrait_6.jpg")));
        folder.Write("annotations/a.xml", "<annotation><size><width>1800</width><height>1200</height></size></annotation>");
        var problem = DatasetCheck.Run(folder.Path, new DatasetOptions()).Problems.Single(static item => item.Severity == Severity.Error);
        Assert.Equal((FaultKind.Orientation, "1800x1200, the size before EXIF orientation 6"), (problem.Kind, problem.Found));
        folder.Write("annotations/a.xml", "<annotation><size><width>1200</width><height>1800</height></size></annotation>");
        Assert.False(DatasetCheck.Run(folder.Path, new DatasetOptions()).HasErrors);
        Assert.Equal(new ImageSize(1800, 1200), Dataset.Open(folder.Path).LoadImage(0).Size);
    }

    [Fact]
    public void LoadingAPictureOfAnotherSizeIsRefused()
    {
        using var folder = Voc(("a", Noise(48, 60).Encode(".png"), "cat"));
        var dataset = Dataset.Open(folder.Path);
        Assert.Contains("found 64x48, expected 60x48", Assert.Throws<DataException>(() => dataset.LoadImage(0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ImageWithoutObjectsIsANote()
    {
        using var folder = Voc(("a", Jpeg, "cat"));
        folder.Write("Annotations/a.xml", "<annotation><size><width>64</width><height>48</height></size></annotation>");
        var report = DatasetCheck.Run(folder.Path, new DatasetOptions { Labels = new LabelSpace(["cat"]) });
        Assert.Equal((Severity.Note, FaultKind.NoObjects), report.Problems.Select(static item => (item.Severity, item.Kind)).Single());
        Assert.False(report.HasErrors);
    }

    [Fact]
    public void SamePictureInTwoSplitsIsTold()
    {
        using var folder = new TempFolder();
        folder.Write("train/cat/1.jpg", Jpeg);
        folder.Write("train/dog/1.jpg", Noise(8, 8, 5).Encode(".jpg"));
        folder.Write("val/cat/2.jpg", Jpeg);
        folder.Write("val/dog/2.jpg", Noise(8, 8, 6).Encode(".jpg"));
        var problem = DatasetCheck.Run(folder.Path, new DatasetOptions()).Problems.Single();
        Assert.Equal((Severity.Warning, FaultKind.DuplicatePicture), (problem.Severity, problem.Kind));
        Assert.Contains("in 'val' as in 'train'", problem.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void SamePictureInTwoListsIsTold()
    {
        using var folder = Voc(("a", Jpeg, "cat"), ("b", Noise(48, 64, 2).Encode(".jpg"), "cat"));
        folder.Write("ImageSets/Main/train.txt", "a\nb\n");
        folder.Write("ImageSets/Main/val.txt", "b\nmissing\n");
        folder.Write("ImageSets/Main/trainval.txt", "a\nb\n");
        var problems = DatasetCheck.Run(folder.Path, new DatasetOptions()).Problems;
        Assert.Equal([FaultKind.AnnotationMissing, FaultKind.DuplicatePicture], problems.Select(static item => item.Kind));
        Assert.Equal("train and val", problems[1].Found);
    }

    [Fact]
    public void MasksAreHeldAgainstPictureAndClasses()
    {
        using var folder = new TempFolder();
        folder.Pair("a", 2, 2, 0, 1, 1, 0);
        folder.Pair("b", 2, 2, 0, 1, 7, 0);
        folder.Pair("c", 2, 2, 0, 1, 1, 0);
        folder.Mask("masks/c.png", 2, 3, 0, 1, 1, 0, 0, 0);
        folder.Pair("d", 2, 2, 0, 1, 1, 0);
        folder.Write("masks/d.png", []);
        var report = DatasetCheck.Run(folder.Path, new DatasetOptions { Labels = new LabelSpace(["sky", "road"]) });
        Assert.Equal(
            [FaultKind.MaskValues, FaultKind.MaskSize, FaultKind.PictureUnreadable],
            report.Problems.Where(static item => item.Severity == Severity.Error).Select(static item => item.Kind));
        Assert.Equal("values 0: 50 %, 1: 25 %, 7: 25 %", report.Problems[0].Found);
    }

    [Fact]
    public void SlipOfThePenIsSuspected()
    {
        using var folder = new TempFolder();
        for (byte i = 0; i < 30; i++)
            folder.Save($"raccoon/{i}.png", Noise(4, 4, i));
        folder.Save("racoon/1.png", Noise(4, 4, 99));
        var problem = DatasetCheck.Run(folder.Path, new DatasetOptions()).Problems.Single();
        Assert.Equal((Severity.Warning, "'racoon' 1 times beside 'raccoon'"), (problem.Severity, problem.Found));
    }

    [Fact]
    public void AFaultIsListedOnceHoweverTheFolderIsSpelled()
    {
        using var folder = Voc(("a", Noise(48, 64).Encode(".jpg"), "cat"));
        folder.Write("Annotations/a.xml", "<annotation><size><width>64</width><height>48</height></size><object><name>cat</name>"
            + "<bndbox><xmin>5</xmin><ymin>6</ymin><xmax>5</xmax><ymax>6</ymax></bndbox></object></annotation>");
        folder.Write("ImageSets/Main/train.txt", "a\n");
        var roundabout = Path.Combine(folder.Path, "..", Path.GetFileName(folder.Path));
        Assert.Single(DatasetCheck.Run(roundabout, new DatasetOptions()).Problems, static problem => problem.Severity == Severity.Error);
    }

    [Fact]
    public void SetThatCannotBeOpenedIsReported()
    {
        using var folder = new TempFolder();
        folder.Write("annotations/instances_train.json", "{\"images\": [");
        var report = DatasetCheck.Run(folder.Path, new DatasetOptions());
        Assert.True(report.HasErrors);
        Assert.Contains("broken JSON", report.Problems[0].Found, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => DatasetCheck.Run(folder.At("missing"), new DatasetOptions()));
    }

    [Theory]
    [InlineData("bccd", 292, 2)]
    [InlineData("raccoon", 89, 0)]
    [InlineData("flowers", 160, 0)]
    [InlineData("fashion", 680, 0)]
    [InlineData("isbi-em", 22, 0)]
    [InlineData("camvid", 75, 0)]
    [InlineData("mnist", 5000, 0)]
    [InlineData("dsb2018-nuclei", 72, 0)]
    [InlineData("coco-subset", 89, 0)]
    public void RealSetsHaveTheFaultsThatAreKnown(string name, int images, int errors)
    {
        if (!TestData.TryFolder(name, out var path))
            return;
        var report = DatasetCheck.Run(path, new DatasetOptions());
        Assert.Equal((images, errors), (report.Images, report.Count(Severity.Error)));
        foreach (var problem in report.Problems.Where(static item => item.Severity != Severity.Note))
            Console.WriteLine(problem);
    }

    private static TempFolder Voc(params (string Name, byte[] Picture, string Class)[] samples)
    {
        var folder = new TempFolder();
        foreach (var (name, picture, label) in samples)
        {
            folder.Write($"JPEGImages/{name}.jpg", picture);
            folder.Write($"Annotations/{name}.xml", $"<annotation><size><width>64</width><height>48</height></size><object><name>{label}</name>"
                + "<bndbox><xmin>2</xmin><ymin>3</ymin><xmax>20</xmax><ymax>30</ymax></bndbox></object></annotation>");
        }

        return folder;
    }

    private static Image Noise(int height, int width, int seed = 1)
    {
        var image = new Image(new ImageSize(height, width), 3);
        new Random(seed).NextBytes(image.Data);
        return image;
    }
}
