using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>Every semantic network of the catalogue, as published but for channels and classes, on a picture whose sides nothing divides.</summary>
[LeakCheck]
public class SegmenterSizeTests
{
    private static readonly ImageSize Size = new(67, 93);

    // Each name has one of the three counts of classes and of channels, neighbours in the catalogue others.
    public static TheoryData<string, int, int> Networks
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (var (i, name) in ModelCatalog.All.Where(static e => e.Task == ModelTask.Semantic).Select(static e => e.Name).Index())
                data.Add(name, new[] { 2, 21, 1 }[i % 3], name == "rednet" ? 4 : new[] { 3, 1, 4 }[i / 3 % 3]);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_map_has_the_size_of_its_picture(string name, int classes, int channels)
    {
        using var scope = new TensorScope();
        using var skip = Init.Skip();
        using var noGrad = Autograd.NoGrad();
        using var model = SegmenterContract.Build(name, classes, channels);
        model.Eval();
        using var batch = new Batch { Images = Tensor.Rand([1, channels, Size.Height, Size.Width]), Origins = [new ImageOrigin("odd.png", "odd", Size, Size)] };
        Assert.Equal([1, classes, Size.Height, Size.Width], model.Scores(batch).Shape);
        var map = model.Predict(batch).Single().Map!;
        Assert.Equal(Size, map.Size);
        Assert.All(map.Values, value => Assert.InRange(value, 0, classes - 1));
    }
}
