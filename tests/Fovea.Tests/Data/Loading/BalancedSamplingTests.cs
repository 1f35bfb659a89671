using Fovea.Data.Loading;
using Fovea.Torch.Tests;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Tests.Data.Loading;

[LeakCheck]
public class BalancedSamplingTests
{
    private static readonly Preprocessing AsIs = new() { Mean = [0, 0, 0], Std = [1 / 255f, 1 / 255f, 1 / 255f], SizeMultiple = 8 };

    // 3 images of class 0, 27 of class 1.
    private static MemoryDataset Skewed => new(30) { Change = static sample => sample with { Annotation = sample.Annotation with { Label = int.Parse(sample.Id) < 3 ? 0 : 1 } } };

    [Fact]
    public void Every_class_comes_as_often_and_every_image_in_its_turn()
    {
        var drawn = Drawn(0);
        Assert.Equal(30, drawn.Count);
        Assert.Equal(15, drawn.Count(static id => int.Parse(id) < 3));
        // The three rare images take turns: five times each.
        Assert.All(new[] { "0", "1", "2" }, id => Assert.Equal(5, drawn.Count(other => other == id)));
        Assert.Equal(15, drawn.Where(static id => int.Parse(id) >= 3).Distinct().Count());
        Assert.Equal(drawn, Drawn(0));
        Assert.NotEqual(drawn, Drawn(1));
    }

    [Fact]
    public void An_image_that_comes_again_is_augmented_otherwise()
    {
        var options = new LoaderOptions { BatchSize = 30, BalanceClasses = true, Shuffle = true };
        using var epoch = new DataLoader(Skewed, ModelTask.Classification, AsIs, options, new Pipeline(new RandomCrop(new(8, 8)))).Epoch(0);
        foreach (var batch in epoch)
        {
            using (batch)
            {
                var places = batch.Origins.Where(static origin => origin.Id == "0").Select(static origin => (origin.OffsetX, origin.OffsetY)).ToList();
                Assert.Equal(5, places.Count);
                Assert.True(places.Distinct().Count() > 1);
            }
        }
    }

    private static List<string> Drawn(int epoch)
    {
        var ids = new List<string>();
        var options = new LoaderOptions { BatchSize = 4, BalanceClasses = true, Shuffle = true, Seed = 3 };
        foreach (var batch in new DataLoader(Skewed, ModelTask.Classification, AsIs, options, new Pipeline(new CentreCropRule(new(8, 8)))).Epoch(epoch))
        {
            using (batch)
                ids.AddRange(batch.Origins.Select(static origin => origin.Id));
        }

        return ids;
    }
}
