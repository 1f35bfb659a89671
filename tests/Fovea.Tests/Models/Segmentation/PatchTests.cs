using Fovea.Models.Classification;
using Fovea.Models.Segmentation;
using Fovea.Torch;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>From judging windows one by one to one pass over the image.</summary>
[LeakCheck]
public sealed class PatchTests
{
    [Fact]
    public void Fully_convolutional_scores_are_those_of_every_window()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(1);
        using var network = new PatchClassifier(1, 3);
        network.To(dtype: Dtype.Float64);
        var images = Tensor.Rand([2, 1, 95 + 17, 95 + 35], Dtype.Float64);
        var strided = network.Strided(images);
        var dense = network.Dense(images);
        Assert.Equal([2, 3, 2, 3], strided.Shape);
        Assert.Equal([2, 3, 18, 36], dense.Shape);
        foreach (var (row, column) in new[] { (0, 0), (16, 0), (0, 16), (16, 32), (1, 0), (7, 31), (17, 35) })
        {
            var window = network.Logits(images.Narrow(2, row, 95).Narrow(3, column, 95));
            AssertEqual(window, dense[.., .., row, column]);
            if (row % 16 == 0 && column % 16 == 0)
                AssertEqual(window, strided[.., .., row / 16, column / 16]);
        }

        var error = Assert.Throws<FoveaException>(() => network.Logits(images));
        Assert.Contains("[N, 1, 95, 95]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_classifier_that_slides_over_every_pixel_is_the_dense_network()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(2);
        var images = Tensor.Rand([2, 1, 5, 9]);
        using var dense = new DensePatches(1, 2);
        using var sliding = new SlidingClassifier(Copy(dense), PatchClassifier.Side, 1);
        Assert.Equal(dense.HeadPrefixes, sliding.HeadPrefixes);
        var fine = sliding.Forward(images)[0].Value;
        AssertEqual(dense.Forward(images)[0].Value, fine, 1e-4);
        // A window every three pixels speaks for the pixel in its middle and those beside it.
        using var coarse = new SlidingClassifier(Copy(dense), PatchClassifier.Side, 3);
        var scores = coarse.Forward(images)[0].Value;
        Assert.Equal([2, 2, 5, 9], scores.Shape);
        for (var row = 0; row < 5; row++)
        {
            for (var column = 0; column < 9; column++)
                AssertEqual(fine[.., .., Math.Min(4, row / 3 * 3 + 1), column / 3 * 3 + 1], scores[.., .., row, column], 1e-4);
        }
    }

    [Fact]
    public void Any_classifier_slides()
    {
        using var scope = new TensorScope();
        RandomState.Seed(3);
        using var model = new SlidingClassifier(new LeNet5(classes: 2), 28, 8);
        using var batch = SegmenterContract.Batch(2, 1, 40, 33);
        SegmenterContract.Learns(model, batch, steps: 12, rate: 0.1);
        SegmenterContract.TakesAnySize(model, 1, 2, (1, 1), (9, 30));
        SegmenterContract.KeepsItsScoresInAPlan(model, 1);
    }

    [Fact]
    public void The_dense_network_learns()
    {
        using var scope = new TensorScope();
        using var model = SegmenterContract.Build("patch_n4", 2, inChannels: 1);
        using var batch = SegmenterContract.Batch(1, 1, 24, 24);
        SegmenterContract.Learns(model, batch, steps: 5, rate: 0.02);
        SegmenterContract.TakesAnySize(model, 1, 2, (1, 1), (3, 20));
        SegmenterContract.KeepsItsScoresInAPlan(model, 1);
    }

    private static PatchClassifier Copy(DensePatches dense)
    {
        var copy = new PatchClassifier(1, 2);
        foreach (var ((key, to), (name, from)) in copy.StateDict().Zip(dense.StateDict()))
        {
            Assert.Equal(key, name);
            to.CopyInPlace(from);
        }

        return copy;
    }

    private static void AssertEqual(Tensor expected, Tensor found, double tolerance = 1e-10) =>
        Assert.Equal(0, (expected - found).Abs().Max().ToDouble(), tolerance * expected.Abs().Max().ToDouble());
}
