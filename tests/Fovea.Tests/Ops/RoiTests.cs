using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Tests.Ops;

public class RoiTests
{
    [Theory]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(0, false)]
    [InlineData(0, true)]
    public void RoiAlign_composed_from_ATen_agrees_and_gradients_are_right(int ratio, bool aligned)
    {
        using var scope = new TensorScope();
        var features = Tensor.FromArray(RandomArrays.Double(RandomArrays.Normal(2 * 2 * 6 * 7, 1)), [2, 2, 6, 7]);
        var regions = Tensor.FromArray(RandomArrays.Double(RandomArrays.Regions(8, 2, 24, 2)), [8, 5]);
        Tensor Pool(Tensor x) => RoiAlign.Run(x, regions, new ImageSize(3, 2), 0.25, ratio, aligned);
        AgreesAndDifferentiates(Pool, features);
    }

    [Fact]
    public void RoiPool_composed_from_ATen_agrees_and_gradients_are_right()
    {
        using var scope = new TensorScope();
        var features = Tensor.FromArray(RandomArrays.Double(RandomArrays.Normal(2 * 2 * 6 * 7, 3)), [2, 2, 6, 7]);
        var regions = Tensor.FromArray(RandomArrays.Double(RandomArrays.Regions(8, 2, 24, 4)), [8, 5]);
        AgreesAndDifferentiates(x => RoiPool.Run(x, regions, new ImageSize(3, 2), 0.25), features);
    }

    [Theory]
    [InlineData(64, 7, 2, false)]
    [InlineData(21, 3, 0, true)]
    [InlineData(2, 5, 2, true)]
    [InlineData(48, 1, 0, false)]
    public void RoiAlign_of_channels_last_maps_agrees_in_both_precisions(int channels, int bins, int ratio, bool aligned)
    {
        using var scope = new TensorScope();
        var size = new ImageSize(bins, bins + 2);
        var features = Tensor.FromArray(RandomArrays.Normal(2 * channels * 19 * 23, 5), [2, channels, 19, 23]);
        var regions = Tensor.FromArray(RandomArrays.Regions(30, 2, 84, 6), [30, 5]);
        var weights = Tensor.FromArray(RandomArrays.Normal(30 * channels * bins * (bins + 2), 7), [30, channels, bins, bins + 2]);
        (Tensor Result, Tensor Gradient) Pool(Tensor x)
        {
            var leaf = x.Detach();
            leaf.RequiresGrad = true;
            var result = RoiAlign.Run(leaf, regions, size, 0.25, ratio, aligned);
            result.Backward(weights.To(x.Dtype));
            return (result.Detach().To(Dtype.Float32), leaf.Gradient!.To(Dtype.Float32).Contiguous());
        }

        var last = features.Contiguous(MemoryFormat.ChannelsLast);
        Assert.True(RoiAlignLastFunction.Takes(last));
        var (expected, actual) = (Pool(features), Pool(last));
        RandomArrays.AssertClose(expected.Result.ToArray<float>(), actual.Result.ToArray<float>(), 1e-5);
        RandomArrays.AssertClose(expected.Gradient.ToArray<float>(), actual.Gradient.ToArray<float>(), 2e-5);

        var (half, halfLast) = (Pool(features.To(Dtype.BFloat16)), Pool(last.To(Dtype.BFloat16)));
        RandomArrays.AssertClose(half.Result.ToArray<float>(), halfLast.Result.ToArray<float>(), 0.01);
        RandomArrays.AssertClose(half.Gradient.ToArray<float>(), halfLast.Gradient.ToArray<float>(), 0.01);
        RandomArrays.AssertClose(expected.Result.ToArray<float>(), halfLast.Result.ToArray<float>(), 0.02);
    }

    [Fact]
    public void No_regions_give_an_empty_result_with_gradients_of_zero()
    {
        using var scope = new TensorScope();
        foreach (var composed in new[] { false, true })
        {
            using var path = composed ? OpsPath.ComposedOnly() : null;
            var features = Tensor.Ones([1, 2, 4, 4]);
            features.RequiresGrad = true;
            var aligned = RoiAlign.Run(features, Tensor.Zeros([0, 5]), new ImageSize(3, 3), 1, 2, true);
            var pooled = RoiPool.Run(features, Tensor.Zeros([0, 5]), new ImageSize(3, 3), 1);
            Assert.Equal([0, 2, 3, 3], aligned.Shape.ToArray());
            Assert.Equal([0, 2, 3, 3], pooled.Shape.ToArray());
            (aligned.Sum() + pooled.Sum()).Backward();
            Assert.All(features.Gradient!.ToArray<float>(), value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void Boxes_of_images_join_into_regions()
    {
        using var scope = new TensorScope();
        var joined = Regions.Join([Tensor.FromArray(new float[,] { { 1, 2, 3, 4 } }), Tensor.Zeros([0, 4]), Tensor.FromArray(new float[,] { { 5, 6, 7, 8 } })]);
        Assert.Equal([2, 5], joined.Shape.ToArray());
        Assert.Equal([0, 1, 2, 3, 4, 2, 5, 6, 7, 8], joined.ToArray<float>());
        Assert.Throws<ArgumentException>(() => Regions.Join([]));
    }

    [Fact]
    public void Regions_of_images_outside_the_batch_and_wrong_shapes_are_refused()
    {
        using var scope = new TensorScope();
        var features = Tensor.Zeros([1, 1, 4, 4]);
        var wrong = Tensor.FromArray(new float[,] { { 0, 0, 0, 2, 2 }, { 1, 0, 0, 2, 2 } });
        foreach (var composed in new[] { false, true })
        {
            using var path = composed ? OpsPath.ComposedOnly() : null;
            var message = "region 1: found image 1, expected 0 to 0, the images of the batch";
            Assert.Equal(message, Assert.Throws<FoveaException>(() => RoiAlign.Run(features, wrong, new ImageSize(2, 2), 1, 2, true)).Message);
            Assert.Equal(message, Assert.Throws<FoveaException>(() => RoiPool.Run(features, wrong, new ImageSize(2, 2), 1)).Message);
        }

        foreach (var composed in new[] { false, true })
        {
            using var path = composed ? OpsPath.ComposedOnly() : null;
            var unbounded = Tensor.FromArray(new float[,] { { 0, 0, 0, float.PositiveInfinity, 2 } });
            Assert.StartsWith("region 0: found coordinate", Assert.Throws<FoveaException>(() => RoiAlign.Run(features, unbounded, new ImageSize(2, 2), 1, 0, true)).Message, StringComparison.Ordinal);
            Assert.Contains("NaN", Assert.Throws<FoveaException>(() => RoiPool.Run(features, unbounded * double.NaN * 0, new ImageSize(2, 2), 1)).Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentException>(() => RoiAlign.Run(features, Tensor.Zeros([2, 4]), new ImageSize(2, 2), 1, 2, true));
        Assert.Throws<ArgumentException>(() => RoiAlign.Run(features, Tensor.Zeros([2, 5]), new ImageSize(0, 2), 1, 2, true));
        Assert.Throws<ArgumentException>(() => RoiPool.Run(Tensor.Zeros([4, 4]), Tensor.Zeros([2, 5]), new ImageSize(2, 2), 1));
    }

    private static void AgreesAndDifferentiates(Func<Tensor, Tensor> pool, Tensor features)
    {
        var expected = pool(features).ToArray<double>();
        features.RequiresGrad = true;
        GradientCheck.Verify(inputs => pool(inputs[0]), [features]);
        using var path = OpsPath.ComposedOnly();
        RandomArrays.AssertClose(expected, pool(features).Detach().ToArray<double>(), 1e-12);
        GradientCheck.Verify(inputs => pool(inputs[0]), [features]);
    }
}
