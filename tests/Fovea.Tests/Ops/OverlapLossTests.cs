using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Tests.Ops;

public class OverlapLossTests
{
    [Fact]
    public void Losses_and_gradients_equal_torchvision()
    {
        using var scope = new TensorScope();
        const int n = 30;
        var (a, b) = (RandomArrays.Boxes(n, 1), RandomArrays.Boxes(n, 2));
        var expected = PythonReference.Run(
            """
            from torchvision import ops
            for name, f in (('GIoU', ops.generalized_box_iou_loss), ('DIoU', ops.distance_box_iou_loss), ('CIoU', ops.complete_box_iou_loss)):
                p = T(a).requires_grad_(); loss = f(p, T(b)); loss.sum().backward(); out[name] = loss; out[name + '_gradient'] = p.grad
            """, ("a", new NdArray(a, n, 4)), ("b", new NdArray(b, n, 4)));
        foreach (var kind in new[] { BoxOverlap.GIoU, BoxOverlap.DIoU, BoxOverlap.CIoU })
        {
            var predicted = Tensor.FromArray(a, [n, 4]);
            predicted.RequiresGrad = true;
            var loss = OverlapLoss.Compute(kind, predicted, Tensor.FromArray(b, [n, 4]));
            loss.Sum().Backward();
            RandomArrays.AssertClose(expected.Floats(kind.ToString()), loss.Detach().ToArray<float>(), 1e-6);
            RandomArrays.AssertClose(expected.Floats($"{kind}_gradient"), predicted.Gradient!.ToArray<float>(), 1e-6);
        }
    }

    [Fact]
    public void The_plain_loss_is_one_minus_IoU_and_nothing_gives_nothing()
    {
        using var scope = new TensorScope();
        var a = Tensor.FromArray(RandomArrays.Double(RandomArrays.Boxes(12, 3)), [12, 4]);
        var b = Tensor.FromArray(RandomArrays.Double(RandomArrays.Boxes(12, 4)), [12, 4]);
        var iou = BoxOps.PairedOverlap(BoxOverlap.IoU, a, b);
        RandomArrays.AssertClose((1 - iou).ToArray<double>(), OverlapLoss.Compute(BoxOverlap.IoU, a, b).ToArray<double>(), 1e-8);
        a.RequiresGrad = true;
        GradientCheck.Verify(inputs => OverlapLoss.Compute(BoxOverlap.GIoU, inputs[0], b), [a]);
        Assert.Equal(0, OverlapLoss.Compute(BoxOverlap.CIoU, Tensor.Zeros([0, 4]), Tensor.Zeros([0, 4])).Sum().ToDouble());
    }
}
