using Fovea.Ops;
using Fovea.Ops.Kernels;

namespace Fovea.Tests.Ops.Kernels;

public class OverlapKernelTests
{
    private static readonly BoxOverlap[] Kinds = Enum.GetValues<BoxOverlap>();

    [Theory]
    [InlineData(37, 53)]
    [InlineData(1, 1)]
    [InlineData(300, 1000)]
    [InlineData(0, 4)]
    [InlineData(4, 0)]
    public void Pairs_equal_torchvision(int n, int m)
    {
        var (a, b) = (RandomArrays.Boxes(n, 1), RandomArrays.Boxes(m, 2));
        var expected = PythonReference.Run(
            """
            from torchvision import ops
            a, b = T(a), T(b)
            out['IoU'] = ops.box_iou(a, b); out['GIoU'] = ops.generalized_box_iou(a, b)
            out['DIoU'] = ops.distance_box_iou(a, b); out['CIoU'] = ops.complete_box_iou(a, b)
            """, ("a", new NdArray(a, n, 4)), ("b", new NdArray(b, m, 4)));
        foreach (var kind in Kinds)
        {
            var result = new float[n * m];
            OverlapKernel.Pairwise<float>(kind, a, b, result);
            if (kind == BoxOverlap.IoU)
                Assert.Equal(expected.Floats("IoU"), result);
            RandomArrays.AssertClose(expected.Floats(kind.ToString()), result, 2e-6);

            var wide = new double[n * m];
            OverlapKernel.Pairwise<double>(kind, RandomArrays.Double(a), RandomArrays.Double(b), wide);
            RandomArrays.AssertClose(RandomArrays.Double(result), wide, 2e-6);
        }
    }

    [Fact]
    public void Element_by_element_is_the_diagonal_of_all_pairs()
    {
        const int n = 77;
        var (a, b) = (RandomArrays.Boxes(n, 3), RandomArrays.Boxes(n, 4));
        foreach (var kind in Kinds)
        {
            var pairs = new float[n * n];
            OverlapKernel.Pairwise<float>(kind, a, b, pairs);
            var result = new float[n];
            OverlapKernel.Elementwise<float>(kind, a, b, result);
            Assert.Equal([.. Enumerable.Range(0, n).Select(i => pairs[i * n + i])], result);
        }
    }

    [Fact]
    public void Hand_calculated_values()
    {
        // Two 2x2 squares sharing one unit square: I = 1, U = 7, C = 3x3, d² = 2, c² = 18, equal aspect ratios.
        double[] a = [0, 0, 2, 2], b = [1, 1, 3, 3];
        Assert.Equal(1 / 7.0, Single(BoxOverlap.IoU, a, b), 12);
        Assert.Equal(1 / 7.0 - 2 / 9.0, Single(BoxOverlap.GIoU, a, b), 12);
        Assert.Equal(1 / 7.0 - 2 / 18.0, Single(BoxOverlap.DIoU, a, b), 8);
        Assert.Equal(1 / 7.0 - 2 / 18.0, Single(BoxOverlap.CIoU, a, b), 8);

        // A 1x1 square inside a 1x2 box, concentric: DIoU is IoU, CIoU differs by the aspect term.
        double[] tall = [0, 0, 1, 2], square = [0, 0.5, 1, 1.5];
        var v = 4 / (Math.PI * Math.PI) * Math.Pow(Math.Atan(0.5) - Math.PI / 4, 2);
        Assert.Equal(0.5, Single(BoxOverlap.GIoU, tall, square), 12);
        Assert.Equal(0.5, Single(BoxOverlap.DIoU, tall, square), 12);
        Assert.Equal(0.5 - v * v / (0.5 + v), Single(BoxOverlap.CIoU, tall, square), 7);
    }

    [Fact]
    public void Invariants_of_the_family()
    {
        const int n = 60;
        var (a, b) = (RandomArrays.Double(RandomArrays.Boxes(n, 5)), RandomArrays.Double(RandomArrays.Boxes(n, 6)));
        var scores = Kinds.ToDictionary(kind => kind, kind => All(kind, a, b));
        foreach (var kind in Kinds)
        {
            RandomArrays.AssertClose(scores[kind], All(kind, b, a), 1e-12);
            RandomArrays.AssertClose([.. Enumerable.Repeat(1.0, n)], All(kind, a, a), 1e-9);
            RandomArrays.AssertClose(scores[kind], All(kind, Moved(a), Moved(b)), 1e-7);
        }

        for (var i = 0; i < n; i++)
        {
            Assert.InRange(scores[BoxOverlap.GIoU][i], -1, scores[BoxOverlap.IoU][i]);
            Assert.InRange(scores[BoxOverlap.DIoU][i], -1, scores[BoxOverlap.IoU][i]);
            Assert.True(scores[BoxOverlap.CIoU][i] <= scores[BoxOverlap.DIoU][i]);
        }

        static double[] Moved(double[] boxes) => Array.ConvertAll(boxes, x => 3 * x + 17);
    }

    [Fact]
    public void Boxes_without_area_overlap_nothing()
    {
        double[] point = [5, 5, 5, 5], box = [0, 0, 10, 10];
        Assert.Equal(0, Single(BoxOverlap.IoU, point, point));
        Assert.Equal(0, Single(BoxOverlap.IoU, point, box));
        Assert.All(Kinds, kind => Assert.True(double.IsFinite(Single(kind, point, point))));
    }

    private static double[] All(BoxOverlap kind, double[] a, double[] b)
    {
        var result = new double[a.Length / 4];
        OverlapKernel.Elementwise<double>(kind, a, b, result);
        return result;
    }

    private static double Single(BoxOverlap kind, double[] a, double[] b) => All(kind, a, b)[0];
}
