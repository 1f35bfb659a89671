using Fovea.Data;
using Fovea.Data.Checks;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

/// <summary>Small made-up folders in the layouts of public segmentation data sets.</summary>
public sealed class PublicSegmentationTests
{
    [Theory]
    [InlineData("labelIds", new byte[] { 7, 33, 0, 255, 26, 3 })]
    [InlineData("labelTrainIds", new byte[] { 0, 18, 255, 255, 13, 255 })]
    public void Cityscapes_has_19_classes_under_either_numbering(string kind, byte[] values)
    {
        using var folder = new TempFolder();
        Picture(folder, "leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png");
        folder.Mask($"gtFine/train/aachen/aachen_000000_000019_gtFine_{kind}.png", 2, 3, values);
        folder.Mask("gtFine/train/aachen/aachen_000000_000019_gtFine_instanceIds.png", 2, 3, values);
        var dataset = Dataset.Open(folder.Path, split: "train");
        Assert.Equal((DatasetFormat.Cityscapes, 19, "road", "bicycle"), (dataset.Format, dataset.Labels.Count, dataset.Labels[0], dataset.Labels[18]));
        Assert.Equal([0, 18, 255, 255, 13, 255], dataset.Load(0).Annotation.Map!.Values);
        // Some of the classes, in an order of one's own.
        var some = Dataset.Open(folder.Path, labels: new LabelSpace(["car", "road"]));
        Assert.Equal([1, 255, 255, 255, 0, 255], some.Load(0).Annotation.Map!.Values);
        Assert.Contains("did you mean 'road'", Assert.Throws<FoveaException>(() => Dataset.Open(folder.Path, labels: new LabelSpace(["raod"]))).Message, StringComparison.Ordinal);
        Assert.False(DatasetCheck.Run(folder.Path, new DatasetOptions()).HasErrors);
    }

    [Fact]
    public void Cityscapes_colours_are_read_where_there_is_nothing_else()
    {
        using var folder = new TempFolder();
        Picture(folder, "leftImg8bit/val/bonn/b_leftImg8bit.png");
        folder.Save("gtFine/val/bonn/b_gtFine_color.png", new Image(new ImageSize(2, 3), 3, [128, 64, 128, 119, 11, 32, 0, 0, 0, 81, 0, 81, 0, 0, 142, 70, 70, 70]));
        Assert.Equal([0, 18, 255, 255, 13, 2], Dataset.Open(folder.Path).Load(0).Annotation.Map!.Values);
        folder.Save("gtFine/val/bonn/b_gtFine_color.png", new Image(new ImageSize(2, 3), 3, [128, 64, 128, 119, 11, 33, 0, 0, 0, 81, 0, 81, 0, 0, 142, 70, 70, 70]));
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path).Load(0));
        Assert.Equal((folder.At("gtFine/val/bonn/b_gtFine_color.png"), "colour 119 11 33 at column 1 of row 0"), (fault.File, fault.Found));
        File.Delete(folder.At("gtFine/val/bonn/b_gtFine_color.png"));
        Assert.Equal(folder.At("leftImg8bit/val/bonn/b_leftImg8bit.png"), Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).File);
    }

    [Fact]
    public void A_label_id_that_Cityscapes_has_not_is_refused()
    {
        using var folder = new TempFolder();
        Picture(folder, "leftImg8bit/train/ulm/u_leftImg8bit.png");
        folder.Mask("gtFine/train/ulm/u_gtFine_labelIds.png", 2, 3, 7, 34, 0, 0, 0, 0);
        Assert.Contains("34: 16.67 %", Assert.Throws<DataException>(() => Dataset.Open(folder.Path).Load(0)).Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("701_StillsRaw_full/0001TP_006690.png", "LabeledApproved_full/0001TP_006690_L.png", null)]
    [InlineData("train/0001TP_006690.png", "train_labels/0001TP_006690_L.png", "train")]
    public void CamVid_groups_its_32_colours_into_11_classes(string picture, string mask, string? split)
    {
        using var folder = new TempFolder();
        Picture(folder, picture);
        // Sky, tunnel, traffic cone, void, truck, animal.
        folder.Save(mask, new Image(new ImageSize(2, 3), 3, [128, 128, 128, 64, 0, 64, 0, 0, 64, 0, 0, 0, 192, 128, 192, 64, 128, 64]));
        var dataset = Dataset.Open(folder.Path, split: split);
        Assert.Equal((DatasetFormat.CamVid, 11, 1), (dataset.Format, dataset.Labels.Count, dataset.Count));
        Assert.Equal([0, 1, 2, 255, 8, 9], dataset.Load(0).Annotation.Map!.Values);
    }

    [Fact]
    public void CamVid_as_SegNet_has_it_opens_by_name()
    {
        using var folder = new TempFolder();
        Picture(folder, "train/a.png");
        folder.Mask("trainannot/a.png", 2, 3, 0, 10, 11, 3, 11, 0);
        Assert.Equal(DatasetFormat.MaskPairs, Dataset.DetectFormat(folder.Path));
        var dataset = Dataset.Open(folder.Path, DatasetFormat.CamVid, "train");
        Assert.Equal([0, 10, 255, 3, 255, 0], dataset.Load(0).Annotation.Map!.Values);
        if (!TestData.TryFolder("camvid", out var camvid))
            return;
        var real = Dataset.Open(camvid, DatasetFormat.CamVid, "val");
        Assert.Equal((12, 11, "sky"), (real.Count, real.Labels.Count, real.Labels[0]));
        Assert.Contains(real.Load(0).Annotation.Map!.Values, static value => value == LabelMap.Ignore);
    }

    [Fact]
    public void Ade20k_counts_from_one()
    {
        using var folder = new TempFolder();
        Picture(folder, "images/training/ADE_train_00000001.png");
        folder.Mask("annotations/training/ADE_train_00000001.png", 2, 3, 0, 1, 150, 2, 1, 1);
        var dataset = Dataset.Open(folder.Path, split: "train");
        Assert.Equal((DatasetFormat.Ade20k, 150, "1"), (dataset.Format, dataset.Labels.Count, dataset.Labels[0]));
        Assert.Equal([255, 0, 149, 1, 0, 0], dataset.Load(0).Annotation.Map!.Values);
        folder.Write("objectInfo150.txt", "Idx\tRatio\tTrain\tVal\tStuff\tName\n" + string.Concat(Enumerable.Range(1, 150).Select(static i => $"{i}\t0.1\t1\t1\t0\t{(i is 1 or 8 ? "wall, rampart" : $"thing {i}")}\n")));
        Assert.Equal(["wall 1", "thing 2"], Dataset.Open(folder.Path).Labels.Names.Take(2));
        folder.Write("objectInfo150.txt", "1\twall\n1\tfloor\n");
        Assert.Equal(("line 2", "class 1"), Assert.Throws<DataException>(() => Dataset.Open(folder.Path)) is var fault ? (fault.Field, fault.Found) : default);
        File.Delete(folder.At("objectInfo150.txt"));
        folder.Mask("annotations/training/ADE_train_00000001.png", 2, 3, 0, 1, 151, 2, 1, 1);
        Assert.EndsWith("ADE_train_00000001.png", Assert.Throws<DataException>(() => Dataset.Open(folder.Path).Load(0)).File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train2017")]
    [InlineData("images/train2017")]
    public void Coco_stuff_has_171_classes_among_182_ids(string pictures)
    {
        using var folder = new TempFolder();
        Picture(folder, $"{pictures}/000000000009.png");
        // Person, the greatest id, void, then id 13 after the unused 12.
        folder.Mask("stuffthingmaps/train2017/000000000009.png", 2, 3, 0, 181, 255, 12, 0, 0);
        var dataset = Dataset.Open(folder.Path, split: "train");
        Assert.Equal((DatasetFormat.CocoStuff, 171), (dataset.Format, dataset.Labels.Count));
        Assert.Equal([0, 170, 255, 11, 0, 0], dataset.Load(0).Annotation.Map!.Values);
        folder.Write("labels.txt", "0: unlabeled\n1: person\n12: street sign\n13: stop sign\n");
        Assert.Equal(["person", "2"], Dataset.Open(folder.Path).Labels.Names.Take(2));
        Assert.Equal("stop sign", Dataset.Open(folder.Path).Labels[11]);
        folder.Mask("stuffthingmaps/train2017/000000000009.png", 2, 3, 0, 11, 255, 12, 0, 0);
        Assert.Contains("11: 16.67 %", Assert.Throws<DataException>(() => Dataset.Open(folder.Path).Load(0)).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Sbd_holds_its_maps_in_MATLAB_files()
    {
        using var folder = new TempFolder();
        Picture(folder, "img/2008_000002.png");
        folder.Write("cls/2008_000002.mat", MatFiles.Sbd(2, 3, [0, 15, 0, 0, 20, 1], compress: true));
        folder.Write("train.txt", "2008_000002\n");
        var dataset = Dataset.Open(folder.Path, split: "train");
        Assert.Equal((DatasetFormat.Sbd, 21, "tvmonitor"), (dataset.Format, dataset.Labels.Count, dataset.Labels[20]));
        Assert.Equal([0, 15, 0, 0, 20, 1], dataset.Load(0).Annotation.Map!.Values);
        folder.Write("train.txt", "2008_000002\n2008_000003\n");
        Assert.Equal("line 2", Assert.Throws<DataException>(() => Dataset.Open(folder.Path, split: "train")).Field);
    }

    [Fact]
    public void Voc_and_Sbd_together_train_on_what_is_not_validated_on()
    {
        using var folder = new TempFolder();
        foreach (var name in new[] { "a", "b", "c", "d" })
            Picture(folder, $"VOC2012/JPEGImages/{name}.png");
        folder.Mask("VOC2012/SegmentationClass/a.png", 2, 3, 0, 15, 255, 0, 0, 0);
        folder.Mask("VOC2012/SegmentationClass/b.png", 2, 3, 0, 1, 255, 0, 0, 0);
        folder.Write("VOC2012/ImageSets/Segmentation/train.txt", "a\n");
        folder.Write("VOC2012/ImageSets/Segmentation/val.txt", "b\n");
        var voc = folder.At("VOC2012");
        Assert.Equal(["train", "val"], Dataset.Splits(voc));
        // SBD has masks for a, which VOC drew better, for b, which is validated on, and for c and d.
        foreach (var name in new[] { "a", "b", "c", "d" })
            folder.Write($"VOC2012/cls/{name}.mat", MatFiles.Sbd(2, 3, [2, 2, 2, 2, 2, 2]));
        Assert.Equal(["train", "val", "train_aug"], Dataset.Splits(voc));
        var together = Dataset.Open(voc, split: "train_aug");
        Assert.Equal(["a", "c", "d"], Enumerable.Range(0, 3).Select(i => Path.GetFileNameWithoutExtension(together[i].ImagePath)));
        Assert.Equal(15, together.Load(0).Annotation.Map!.Values[1]);
        Assert.Equal([2, 2, 2, 2, 2, 2], together.Load(1).Annotation.Map!.Values);
        // That one holds the other is no fault.
        Assert.DoesNotContain(Fovea.Data.Checks.DatasetCheck.Run(voc, new DatasetOptions()).Problems, static problem => problem.Field == "split");
        // A list says it instead, in the words of other tools.
        folder.Mask("VOC2012/SegmentationClassAug/d.png", 2, 3, 3, 3, 3, 3, 3, 3);
        folder.Write("VOC2012/ImageSets/Segmentation/trainaug.txt", "a\n/JPEGImages/d.jpg /SegmentationClassAug/d.png\n");
        var listed = Dataset.Open(voc, split: "trainaug");
        Assert.Equal((2, 3), (listed.Count, listed.Load(1).Annotation.Map!.Values[0]));
    }

    [Fact]
    public void A_mask_saved_as_a_picture_is_said_to_be_one()
    {
        using var folder = new TempFolder();
        folder.Pair("1", 1, 2, 0, 1);
        folder.Save("masks/1.png", new Image(new ImageSize(1, 2), 3, [128, 0, 0, 0, 128, 0]));
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path, labels: new LabelSpace(["a", "b"])).Load(0));
        Assert.Equal((folder.At("masks/1.png"), "values", "3 channels of colour"), (fault.File, fault.Field, fault.Found));
        Assert.Contains("save it with its palette", fault.Expected, StringComparison.Ordinal);
        folder.Save("masks/1.png", new Image(new ImageSize(1, 2), 3, [1, 1, 1, 0, 0, 0]));
        Assert.Equal([1, 0], Dataset.Open(folder.Path, labels: new LabelSpace(["a", "b"])).Load(0).Annotation.Map!.Values);
    }

    private static void Picture(TempFolder folder, string relative) => folder.Save(relative, new Image(new ImageSize(2, 3), 3, new byte[18]));
}
