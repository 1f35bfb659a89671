using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Tests.Ops;

public class NmsTests
{
    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(700, 0.3)]
    [InlineData(5000, 0.5)]
    public void Composed_from_ATen_keeps_what_the_kernel_keeps(int n, double threshold)
    {
        using var scope = new TensorScope();
        var boxes = Tensor.FromArray(RandomArrays.Boxes(n, 1), [n, 4]);
        var scores = Tensor.FromArray(RandomArrays.Scores(n, 2)).Mul(100).Floor();
        var classes = Tensor.FromArray(RandomArrays.Scores(n, 3)).Mul(7).To(Dtype.Int64);
        var (all, byClass) = (Nms.Run(boxes, scores, threshold), Nms.RunByClass(boxes, scores, classes, threshold, 50));
        using (OpsPath.ComposedOnly())
        {
            Assert.Equal(all.ToArray<long>(), Nms.Run(boxes, scores, threshold).ToArray<long>());
            Assert.Equal(byClass.ToArray<long>(), Nms.RunByClass(boxes, scores, classes, threshold, 50).ToArray<long>());
        }
    }

    [Fact]
    public void Half_precision_boxes_and_none_at_all_are_fine()
    {
        using var scope = new TensorScope();
        var boxes = Tensor.FromArray(new float[,] { { 0, 0, 4, 4 }, { 0, 0, 4, 3 }, { 9, 9, 12, 12 } });
        var scores = Tensor.FromArray([0.5f, 0.75f, 0.25f]);
        Assert.Equal([1, 2], Nms.Run(boxes.To(Dtype.BFloat16), scores.To(Dtype.BFloat16), 0.5).ToArray<long>());
        foreach (var composed in new[] { false, true })
        {
            using var path = composed ? OpsPath.ComposedOnly() : null;
            Assert.Equal([0], Nms.Run(Tensor.Zeros([0, 4]), Tensor.Zeros([0]), 0.5).Shape.ToArray());
            Assert.Equal([0], Nms.RunByClass(Tensor.Zeros([0, 4]), Tensor.Zeros([0]), Tensor.Zeros([0], Dtype.Int64), 0.5).Shape.ToArray());
        }
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        using var scope = new TensorScope();
        var (boxes, scores) = (Tensor.Zeros([3, 4]), Tensor.Zeros([3]));
        Assert.Throws<ArgumentException>(() => Nms.Run(boxes, Tensor.Zeros([2]), 0.5));
        Assert.Throws<ArgumentException>(() => Nms.Run(boxes, scores, 1.5));
        Assert.Throws<ArgumentException>(() => Nms.Run(boxes, scores, double.NaN));
        Assert.Throws<ArgumentException>(() => Nms.RunByClass(boxes, scores, Tensor.Zeros([3]), 0.5));
        Assert.Throws<ArgumentException>(() => Nms.Run(Tensor.Zeros([12]), scores, 0.5));
    }
}
