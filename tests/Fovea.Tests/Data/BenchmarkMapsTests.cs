using Fovea.Data;
using Fovea.Data.Readers;
using Fovea.Data.Writing;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

public sealed class BenchmarkMapsTests
{
    private static readonly ImageSize Size = new(1, 4);

    [Fact]
    public void Cityscapes_gets_its_label_ids_back()
    {
        Assert.Equal([7, 33, 0, 26], Written(new LabelMap(Size, [0, 18, 255, 13]), CityscapesClasses.Labels, DatasetFormat.Cityscapes).Data);
        Assert.Equal([26, 7, 0, 0], Written(new LabelMap(Size, [0, 1, 255, 255]), new LabelSpace(["car", "road"]), DatasetFormat.Cityscapes).Data);
        var error = Assert.Throws<FoveaException>(() => BenchmarkMaps.Encode(new LabelMap(Size, new byte[4]), new LabelSpace(["cat"]), DatasetFormat.Cityscapes));
        Assert.Contains("class 'cat' is not in the class map", error.Message, StringComparison.Ordinal);
        // There and back again.
        using var folder = new TempFolder();
        folder.Save("leftImg8bit/val/ulm/u_leftImg8bit.png", new Image(Size, 3, new byte[12]));
        folder.Write("gtFine/val/ulm/u_gtFine_labelIds.png", BenchmarkMaps.Encode(new LabelMap(Size, [0, 18, 255, 13]), CityscapesClasses.Labels, DatasetFormat.Cityscapes));
        Assert.Equal([0, 18, 255, 13], Dataset.Open(folder.Path).Load(0).Annotation.Map!.Values);
    }

    [Fact]
    public void Others_get_theirs()
    {
        Assert.Equal([1, 150, 0, 2], Written(new LabelMap(Size, [0, 149, 255, 1]), ClassNamesOf(150), DatasetFormat.Ade20k).Data);
        Assert.Contains("found 2 classes, expected the 150", Assert.Throws<FoveaException>(() => BenchmarkMaps.Encode(new LabelMap(Size, new byte[4]), ClassNamesOf(2), DatasetFormat.Ade20k)).Message, StringComparison.Ordinal);
        Assert.Equal([0, 20, 255, 1], Written(new LabelMap(Size, [0, 20, 255, 1]), VocClasses.Labels, DatasetFormat.VocSegmentation).Data);
        Assert.Contains("expected one of cityscapes", Assert.Throws<FoveaException>(() => BenchmarkMaps.Encode(new LabelMap(Size, new byte[4]), VocClasses.Labels, DatasetFormat.Coco)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_palette_of_Voc_is_that_of_its_rule()
    {
        byte[][] first =
        [
            [0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0], [0, 0, 128], [128, 0, 128], [0, 128, 128], [128, 128, 128], [64, 0, 0], [192, 0, 0], [64, 128, 0],
            [192, 128, 0], [64, 0, 128], [192, 0, 128], [64, 128, 128], [192, 128, 128], [0, 64, 0], [128, 64, 0], [0, 192, 0], [128, 192, 0], [0, 64, 128],
        ];
        Assert.Equal(first.SelectMany(static colour => colour), VocClasses.Palette().Take(63));
        Assert.Equal([224, 224, 192], VocClasses.Palette()[^3..]);
        using var folder = new TempFolder();
        var path = folder.Write("map.png", BenchmarkMaps.Encode(new LabelMap(Size, [0, 20, 255, 1]), VocClasses.Labels, DatasetFormat.VocSegmentation));
        Assert.Equal([0, 0, 0, 0, 64, 128, 224, 224, 192, 128, 0, 0], Image.Load(path).Data);
    }

    private static LabelSpace ClassNamesOf(int count) => new(Enumerable.Range(1, count).Select(static i => $"{i}"));

    private static Image Written(LabelMap map, LabelSpace labels, DatasetFormat format)
    {
        using var folder = new TempFolder();
        return Image.LoadIndices(folder.Write("map.png", BenchmarkMaps.Encode(map, labels, format)));
    }
}
