using Fovea.Torch;
using Fovea.Training;
using Fovea.Transforms;

namespace Fovea.Tests.Training;

[LeakCheck]
public class BatchMixerTests
{
    [Fact]
    public void Mixup_blends_neighbours_and_their_classes_by_the_share_drawn()
    {
        using var scope = new TensorScope();
        using var batch = Numbered(4, 2, 3);
        var mixed = new BatchMixer(new MixingSection { Mixup = 0.3 }, 5, 11).Mix(batch, 2, 7);
        var (images, targets) = (mixed.Images.ToArray<float>(), mixed.Labels!.ToArray<float>());
        // Picture i is all i, the one before it i - 1, and picture 0 has the last before it.
        var share = targets[0];
        Assert.InRange(share, 0.0001f, 0.9999f);
        for (var i = 0; i < 4; i++)
        {
            var before = (i + 3) % 4;
            Assert.All(images[(6 * i)..(6 * i + 6)], value => Assert.Equal(share * i + (1 - share) * before, value, 1e-5f));
            Assert.Equal(1, targets[(5 * i)..(5 * i + 5)].Sum(), 1e-6f);
            Assert.Equal(share, targets[5 * i + i], 1e-6f);
            Assert.Equal(1 - share, targets[5 * i + before], 1e-6f);
        }
    }

    [Fact]
    public void CutMix_puts_a_rectangle_in_and_counts_its_area()
    {
        using var scope = new TensorScope();
        var mixer = new BatchMixer(new MixingSection { Cutmix = 1 }, 4, 3);
        var areas = new List<int>();
        for (var number = 0; number < 40; number++)
        {
            using var batch = Numbered(4, 9, 12);
            var mixed = mixer.Mix(batch, 0, number);
            var (images, targets) = (mixed.Images.ToArray<float>(), mixed.Labels!.ToArray<float>());
            var foreign = Enumerable.Range(0, 108).Where(p => images[108 + p] != 1).ToList();
            Assert.All(foreign, p => Assert.Equal(0f, images[108 + p]));
            Assert.Equal(1 - foreign.Count / 108f, targets[5], 1e-5f);
            areas.Add(foreign.Count);
            if (foreign.Count == 0)
                continue;
            var (rows, columns) = (foreign.Select(static p => p / 12).Distinct().Count(), foreign.Select(static p => p % 12).Distinct().Count());
            Assert.Equal(foreign.Count, rows * columns);
        }

        Assert.True(areas.Distinct().Count() > 10);
    }

    [Fact]
    public void What_is_drawn_depends_on_seed_epoch_and_batch_alone()
    {
        using var scope = new TensorScope();
        float[] Mixed(int seed, int epoch, int number)
        {
            using var batch = Numbered(4, 6, 6);
            return new BatchMixer(new MixingSection { Mixup = 0.4, Cutmix = 1 }, 4, seed).Mix(batch, epoch, number).Images.ToArray<float>();
        }

        Assert.Equal(Mixed(1, 2, 3), Mixed(1, 2, 3));
        Assert.NotEqual(Mixed(1, 2, 3), Mixed(2, 2, 3));
        Assert.NotEqual(Mixed(1, 2, 3), Mixed(1, 3, 3));
        Assert.NotEqual(Mixed(1, 2, 3), Mixed(1, 2, 4));
        using var plain = Numbered(4, 6, 6);
        Assert.Same(plain, new BatchMixer(new MixingSection { Mixup = 1, Probability = 0 }, 4, 1).Mix(plain, 0, 0));
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(3)]
    public void Shares_follow_the_beta_distribution(double shape)
    {
        // Mean 1/2, variance 1 / (4 (2a + 1)): the mean of 20,000 has a standard error of at most 0.003.
        var draws = Enumerable.Range(0, 20000).Select(i => RandomStream.ForBatch(5, 0, i).NextBeta(shape)).ToList();
        Assert.Equal(0.5, draws.Average(), 0.01);
        Assert.Equal(1 / (4 * (2 * shape + 1)), draws.Average(static d => (d - 0.5) * (d - 0.5)), 0.005);
        Assert.All(draws, static d => Assert.InRange(d, 0, 1));
    }

    private static Batch Numbered(int count, int height, int width)
    {
        var size = new ImageSize(height, width);
        var pixels = Enumerable.Range(0, count).SelectMany(i => Enumerable.Repeat((float)i, height * width)).ToArray();
        return new Batch
        {
            Images = Tensor.FromArray(pixels, [count, 1, height, width]).Escape(),
            Labels = Tensor.FromArray([.. Enumerable.Range(0, count).Select(static i => (long)i)]).Escape(),
            Origins = [.. Enumerable.Range(0, count).Select(i => new ImageOrigin($"{i}", $"{i}", size, size))],
        };
    }
}
