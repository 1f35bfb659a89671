using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Tests.Ops;

public class BoxOpsTests
{
    [Theory]
    [InlineData(BoxOverlap.IoU)]
    [InlineData(BoxOverlap.GIoU)]
    [InlineData(BoxOverlap.DIoU)]
    [InlineData(BoxOverlap.CIoU)]
    public void Kernel_and_composed_operators_agree_and_gradients_are_right(BoxOverlap kind)
    {
        using var scope = new TensorScope();
        var a = Tensor.FromArray(RandomArrays.Double(RandomArrays.Boxes(9, 1)), [9, 4]);
        var b = Tensor.FromArray(RandomArrays.Double(RandomArrays.Boxes(9, 2)), [9, 4]);
        var (pairs, paired) = (BoxOps.Overlap(kind, a, b), BoxOps.PairedOverlap(kind, a, b));
        using (OpsPath.ComposedOnly())
        {
            RandomArrays.AssertClose(BoxOps.Overlap(kind, a, b).ToArray<double>(), pairs.ToArray<double>(), 1e-12);
            RandomArrays.AssertClose(BoxOps.PairedOverlap(kind, a, b).ToArray<double>(), paired.ToArray<double>(), 1e-12);
        }

        a.RequiresGrad = true;
        Assert.True(BoxOps.Overlap(kind, a, b).RequiresGrad);
        RandomArrays.AssertClose(paired.ToArray<double>(), BoxOps.PairedOverlap(kind, a, b).Detach().ToArray<double>(), 1e-12);
        if (kind != BoxOverlap.CIoU)
            GradientCheck.Verify(inputs => BoxOps.Overlap(kind, inputs[0], b), [a]);
    }

    [Fact]
    public void Boxes_without_area_give_finite_gradients()
    {
        using var scope = new TensorScope();
        foreach (var kind in Enum.GetValues<BoxOverlap>())
        {
            var a = Tensor.FromArray(new double[,] { { 3, 3, 3, 3 }, { 0, 0, 2, 2 } });
            a.RequiresGrad = true;
            BoxOps.PairedOverlap(kind, a, a.Detach()).Sum().Backward();
            if (kind != BoxOverlap.CIoU)
                Assert.All(a.Gradient!.ToArray<double>(), value => Assert.True(double.IsFinite(value)));
        }
    }

    [Theory]
    [InlineData(BoxFormat.Xyxy, "xyxy")]
    [InlineData(BoxFormat.Xywh, "xywh")]
    [InlineData(BoxFormat.Cxcywh, "cxcywh")]
    public void Formats_convert_as_in_torchvision_and_back(BoxFormat format, string name)
    {
        using var scope = new TensorScope();
        var boxes = RandomArrays.Boxes(20, 5);
        var expected = PythonReference.Run($"import torchvision; out['b'] = torchvision.ops.box_convert(T(b), 'xyxy', '{name}')", ("b", new NdArray(boxes, 20, 4)));
        var converted = BoxOps.Convert(Tensor.FromArray(boxes, [20, 4]), BoxFormat.Xyxy, format);
        Assert.Equal(expected.Floats("b"), converted.ToArray<float>());
        foreach (var other in Enum.GetValues<BoxFormat>())
        {
            var there = BoxOps.Convert(converted, format, other);
            RandomArrays.AssertClose(boxes, BoxOps.Convert(there, other, BoxFormat.Xyxy).ToArray<float>(), 1e-6);
        }
    }

    [Fact]
    public void Clipping_areas_and_small_boxes_equal_torchvision()
    {
        using var scope = new TensorScope();
        var boxes = Array.ConvertAll(RandomArrays.Boxes(40, 6, 300, 60), x => x - 80);
        var expected = PythonReference.Run(
            """
            from torchvision import ops
            c = ops.clip_boxes_to_image(T(b), (90, 120)); out['clipped'] = c; out['area'] = ops.box_area(c); out['kept'] = ops.remove_small_boxes(c, 5)
            """, ("b", new NdArray(boxes, 40, 4)));
        var clipped = BoxOps.Clip(Tensor.FromArray(boxes, [40, 4]), new ImageSize(90, 120));
        Assert.Equal(expected.Floats("clipped"), clipped.ToArray<float>());
        Assert.Equal(expected.Floats("area"), BoxOps.Area(clipped).ToArray<float>());
        Assert.Equal(expected.Longs("kept"), BoxOps.NotSmallerThan(clipped, 5).ToArray<long>());
    }

    [Fact]
    public void Wrong_shapes_and_types_are_refused()
    {
        using var scope = new TensorScope();
        var boxes = Tensor.Zeros([3, 4]);
        Assert.Contains("[3, 5]", Assert.Throws<ArgumentException>(() => BoxOps.Overlap(BoxOverlap.IoU, boxes, Tensor.Zeros([3, 5]))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => BoxOps.Overlap(BoxOverlap.IoU, boxes, Tensor.Zeros([3, 4], Dtype.Float64)));
        Assert.Throws<ArgumentException>(() => BoxOps.Overlap(BoxOverlap.IoU, boxes, Tensor.Zeros([3, 4], Dtype.Int64)));
        Assert.Throws<ArgumentException>(() => BoxOps.PairedOverlap(BoxOverlap.IoU, boxes, Tensor.Zeros([2, 4])));
        Assert.Throws<ArgumentException>(() => BoxOps.Convert(Tensor.Zeros([3, 5]), BoxFormat.Xyxy, BoxFormat.Xywh));
    }
}
