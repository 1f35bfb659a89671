using System.Text;
using Fovea.Data;
using Fovea.Data.Checks;
using Fovea.Data.Splitting;
using Fovea.Imaging;
using Fovea.Training;

namespace Fovea.Tests.Data;

/// <summary>Annotation files with bytes changed, cut out, doubled or cut off: they open, or end in an error of ours that names a file.</summary>
public sealed class FuzzTests
{
    private const int Rounds = 60;

    [Fact]
    public void VocXml() => Fuzz("Annotations/a.xml", """
        <annotation><filename>a.png</filename><size><width>6</width><height>4</height></size><object><name>cat</name><difficult>0</difficult>
        <bndbox><xmin>2</xmin><ymin>1</ymin><xmax>5</xmax><ymax>4</ymax></bndbox></object></annotation>
        """, "JPEGImages/a.png");

    [Fact]
    public void CocoJson() => Fuzz("annotations/instances_train.json", """
        {"images": [{"id": 1, "file_name": "a.png", "width": 6, "height": 4}], "categories": [{"id": 1, "name": "cat", "keypoints": ["nose"], "skeleton": [[1, 1]]}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 3, 2], "area": 6, "iscrowd": 0, "segmentation": [[1, 1, 4, 1, 4, 3]], "keypoints": [1, 1, 2]},
        {"id": 2, "image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2], "segmentation": {"size": [4, 6], "counts": [0, 2, 2, 2, 18]}},
        {"id": 3, "image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2], "segmentation": {"size": [4, 6], "counts": "0220`0"}}]}
        """, "train/a.png");

    [Fact]
    public void YoloText() => Fuzz("labels/a.txt", "0 0.5 0.5 0.25 0.5\n1 0.1 0.1 0.9 0.1 0.9 0.9\n", "images/a.png");

    [Fact]
    public void YoloYaml() => Fuzz("data.yaml", "train: images\nnc: 2\nnames:\n  0: cat\n  1: dog\nkpt_shape: [2, 3]\n", "images/a.png", ("labels/a.txt", "0 0.5 0.5 0.25 0.5\n"));

    [Fact]
    public void MaskList() => Fuzz("train.txt", "train/a.png annot/a.png\ntrain/a.png annot/a.png\n", "train/a.png", ("annot/a.png", null));

    [Fact]
    public void MaskPng() => Fuzz("masks/a.png", Mask().Encode(".png"), "images/a.png");

    [Fact]
    public void ObjectMaskPng() => Fuzz("one/masks/a.png", Mask().Encode(".png"), "one/images/a.png");

    [Fact]
    public void IdxImages() => Fuzz("train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8], null, ("train-labels-idx1-ubyte", "\0\0\u0008\u0001\0\0\0\u0002\u0001\0"));

    [Fact]
    public void IdxLabels() => Fuzz("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 1, 0], null, ("train-images-idx3-ubyte", "\0\0\u0008\u0003\0\0\0\u0001\0\0\0\u0001\0\0\0\u0001a"));

    [Fact]
    public void LabelTable() => Fuzz("labels.csv", "picture,cat,dog,split\na.png,1,0,train\n", "a.png");

    [Fact]
    public void CifarBatch() => Fuzz("data_batch_1.bin", new byte[2 * 3073], null);

    [Fact]
    public void RecipeYaml() => FuzzText("""
        model: {name: lenet5}
        data: {format: idx, classes: [a, b]}
        transforms: {train: [horizontal_flip, {random_affine: {degrees: 8, scale: [0.9, 1.1]}}]}
        optimizer: {name: adam, learning_rate: 0.002, betas: [0.9, 0.99]}
        stages: [{epochs: 1, train: [f6.*]}, {learning_rate_factor: 0.5}]
        """, static path => Recipe.Load(path).ToYaml());

    [Fact]
    public void SplitFile() => FuzzText("# cats, seed 1\nparts\ttrain\tval\ntrain\tcat/a.jpg\nval\tcat/b.jpg\n", static path => SplitPlan.Load(path));

    [Fact]
    public void NestingWithoutEndIsRefused()
    {
        using var folder = new TempFolder();
        folder.Touch("images/a.jpg");
        folder.Write("labels/a.txt", "0 0.5 0.5 0.25 0.5\n");
        folder.Write("data.yaml", "names: " + new string('[', 100_000));
        Assert.Contains("more than 32 levels", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Found, StringComparison.Ordinal);
        folder.Write("annotations/instances_train.json", "{\"info\": " + new string('[', 100_000));
        Assert.Contains("broken JSON", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Found, StringComparison.Ordinal);
        using var voc = new TempFolder();
        voc.Touch("a.jpg");
        voc.Write("a.xml", "<annotation><size><width>6</width><height>4</height></size><object><name>" + string.Concat(Enumerable.Repeat("<a>", 100_000)) + "cat"
            + string.Concat(Enumerable.Repeat("</a>", 100_000)) + "</name></object></annotation>");
        Assert.Contains("more than 32 levels", Assert.Throws<DataException>(() => Dataset.Open(voc.Path)).Found, StringComparison.Ordinal);
    }

    private static void Fuzz(string file, string text, string? picture, params (string, string?)[] others) => Fuzz(file, Encoding.UTF8.GetBytes(text), picture, others);

    private static void Fuzz(string file, byte[] bytes, string? picture, params (string Path, string? Text)[] others)
    {
        using var folder = new TempFolder();
        if (picture is not null)
            folder.Save(picture, new Image(new ImageSize(4, 6), 3, new byte[72]));
        foreach (var (path, text) in others)
        {
            if (text is null)
                folder.Save(path, Mask());
            else
                folder.Write(path, Encoding.Latin1.GetBytes(text));
        }

        folder.Write(file, bytes);
        var (opened, refused) = (0, 0);
        Use(folder.Path, ref opened, ref refused);
        Assert.Equal((1, 0), (opened, refused));
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            folder.Write(file, Mutate(bytes, random));
            Use(folder.Path, ref opened, ref refused);
        }

        Assert.Equal(Rounds + 1, opened + refused);
        Assert.True(refused > Rounds / 10, $"{refused} of {Rounds} broken files were refused");
    }

    private static void FuzzText(string text, Action<string> read)
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "file");
        File.WriteAllText(path, text);
        read(path);
        var (random, refused) = (new Random(1), 0);
        for (var round = 0; round < 10 * Rounds; round++)
        {
            File.WriteAllBytes(path, Mutate(Encoding.UTF8.GetBytes(text), random));
            try
            {
                read(path);
            }
            catch (FoveaException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 10, 10 * Rounds - 1);
    }

    private static void Use(string folder, ref int opened, ref int refused)
    {
        try
        {
            var dataset = Dataset.Open(folder);
            for (var i = 0; i < dataset.Count; i++)
            {
                dataset.Load(i);
                dataset.LoadImage(i);
            }

            opened++;
        }
        catch (FoveaException)
        {
            refused++;
        }

        try
        {
            DatasetCheck.Run(folder, new DatasetOptions());
        }
        catch (FoveaException)
        {
            // No format recognised any more.
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var result = bytes.ToList();
        for (var change = random.Next(1, 4); change > 0 && result.Count > 0; change--)
        {
            var at = random.Next(result.Count);
            switch (random.Next(5))
            {
                case 0: result[at] = (byte)random.Next(256); break;
                case 1: result[at] = (byte)"0123456789-.[]{}<>\", :\n"[random.Next(23)]; break;
                case 2: result.RemoveRange(at, Math.Min(random.Next(1, 12), result.Count - at)); break;
                case 3: result.InsertRange(at, result.GetRange(at, Math.Min(random.Next(1, 12), result.Count - at))); break;
                default: result.RemoveRange(at, result.Count - at); break;
            }
        }

        return [.. result];
    }

    private static Image Mask() => new(new ImageSize(4, 6), 1, [.. Enumerable.Repeat((byte)0, 12), .. Enumerable.Repeat((byte)1, 12)]);
}
