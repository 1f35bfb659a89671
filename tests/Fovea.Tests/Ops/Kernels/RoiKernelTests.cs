using Fovea.Ops.Kernels;

namespace Fovea.Tests.Ops.Kernels;

public class RoiKernelTests
{
    [Theory]
    [InlineData(7, 7, 0.25, 2, false, 50)]
    [InlineData(7, 7, 0.25, 2, true, 50)]
    [InlineData(7, 5, 0.25, 0, false, 30)]
    [InlineData(3, 20, 0.5, 0, true, 30)]
    [InlineData(14, 14, 0.125, 2, false, 20)]
    [InlineData(1, 1, 1.0, 3, true, 10)]
    [InlineData(7, 7, 0.25, 2, false, 0)]
    public void RoiAlign_equals_torchvision(int height, int width, double scale, int ratio, bool aligned, int count)
    {
        var shape = new MapShape(2, 5, 23, 31);
        var parameters = new RoiAlignParameters(height, width, scale, ratio, aligned);
        var map = RandomArrays.Normal(2 * 5 * 23 * 31, 1);
        var regions = RandomArrays.Regions(count, 2, (float)(27 / scale), 2);
        var weights = RandomArrays.Normal(count * 5 * height * width, 3);
        var expected = PythonReference.Run(
            """
            import torchvision
            def run(m, r, w):
                m = T(m).requires_grad_()
                a = torchvision.ops.roi_align(m, T(r), tuple(int(v) for v in size[:2]), float(s[0]), int(size[2]), bool(size[3]))
                a.backward(T(w))
                return a, m.grad
            out['result'], out['gradient'] = run(m, r, w)
            out['wide'], out['wideGradient'] = run(*(a.astype(np.float64) for a in (m, r, w)))
            """, ("m", new NdArray(map, 2, 5, 23, 31)), ("r", new NdArray(regions, count, 5)), ("w", new NdArray(weights, count, 5, height, width)),
            ("size", new[] { height, width, ratio > 0 ? ratio : -1, aligned ? 1 : 0 }), ("s", new[] { scale }));

        var result = Filled<float>(weights.Length);
        RoiAlignKernel.Forward<float>(map, shape, regions, parameters, result);
        RandomArrays.AssertClose(expected.Floats("result"), result, 1e-5);
        var gradient = Filled<float>(map.Length);
        RoiAlignKernel.Backward<float>(weights, shape, regions, parameters, gradient);
        RandomArrays.AssertClose(expected.Floats("gradient"), gradient, 1e-5);

        var wide = Filled<double>(weights.Length);
        RoiAlignKernel.Forward<double>(RandomArrays.Double(map), shape, RandomArrays.Double(regions), parameters, wide);
        RandomArrays.AssertClose(expected.Doubles("wide"), wide, 1e-12);
        var wideGradient = Filled<double>(map.Length);
        RoiAlignKernel.Backward<double>(RandomArrays.Double(weights), shape, RandomArrays.Double(regions), parameters, wideGradient);
        RandomArrays.AssertClose(expected.Doubles("wideGradient"), wideGradient, 1e-12);
    }

    [Fact]
    public void RoiAlign_of_a_ramp_is_the_ramp_at_the_bin_centres()
    {
        var shape = new MapShape(1, 1, 40, 40);
        var map = new double[1600];
        for (var i = 0; i < map.Length; i++)
            map[i] = 3 * (i % 40) - 2 * (i / 40) + 1;
        var result = new double[12];
        RoiAlignKernel.Forward<double>(map, shape, new double[] { 0, 5, 7, 25, 16 }, new RoiAlignParameters(3, 4, 1, 0, true), result);
        for (var bin = 0; bin < 12; bin++)
        {
            var (x, y) = (5 + (bin % 4 + 0.5) * 5 - 0.5, 7 + (bin / 4 + 0.5) * 3 - 0.5);
            Assert.Equal(3 * x - 2 * y + 1, result[bin], 9);
        }
    }

    [Fact]
    public void Values_beside_a_region_do_not_leak_into_it()
    {
        var map = new float[2 * 20 * 20];
        Array.Fill(map, float.NaN);
        for (var y = 0; y < 20; y++)
            map.AsSpan(y * 20, 6).Fill(1);
        var result = new float[2 * 49];
        RoiAlignKernel.Forward<float>(map, new MapShape(1, 2, 20, 20), new float[] { 0, 0, 2, 5, 9 }, new RoiAlignParameters(7, 7, 1, 2, true), result);
        Assert.All(result[..49], value => Assert.Equal(1, value, 1e-6));
    }

    [Theory]
    [InlineData(7, 7, 0.25, 40)]
    [InlineData(3, 5, 0.5, 20)]
    [InlineData(6, 6, 1.0, 0)]
    public void RoiPool_equals_torchvision(int height, int width, double scale, int count)
    {
        var shape = new MapShape(2, 3, 19, 26);
        var map = RandomArrays.Normal(2 * 3 * 19 * 26, 4);
        var regions = RandomArrays.Regions(count, 2, (float)(22 / scale), 5);
        var weights = RandomArrays.Normal(count * 3 * height * width, 6);
        var expected = PythonReference.Run(
            """
            import torchvision
            m = T(m).requires_grad_()
            r = torchvision.ops.roi_pool(m, T(r), tuple(int(v) for v in size), float(s[0]))
            r.backward(T(w)); out['result'] = r; out['gradient'] = m.grad
            """, ("m", new NdArray(map, 2, 3, 19, 26)), ("r", new NdArray(regions, count, 5)), ("w", new NdArray(weights, count, 3, height, width)),
            ("size", new[] { height, width }), ("s", new[] { scale }));

        var (result, argmax) = (Filled<float>(weights.Length), new int[weights.Length]);
        RoiPoolKernel.Forward<float>(map, shape, regions, new ImageSize(height, width), scale, result, argmax);
        Assert.Equal(expected.Floats("result"), result);
        var gradient = Filled<float>(map.Length);
        RoiPoolKernel.Backward<float>(weights, argmax, shape, regions, height * width, gradient);
        RandomArrays.AssertClose(expected.Floats("gradient"), gradient, 1e-5);
    }

    [Fact]
    public void RoiPool_of_the_whole_grid_is_the_identity()
    {
        var map = RandomArrays.Normal(6 * 8, 7);
        var (result, argmax) = (new float[48], new int[48]);
        RoiPoolKernel.Forward<float>(map, new MapShape(1, 1, 6, 8), new float[] { 0, 0, 0, 7, 5 }, new ImageSize(6, 8), 1, result, argmax);
        Assert.Equal(map, result);
        Assert.Equal([.. Enumerable.Range(0, 48)], argmax);
    }

    [Fact]
    public void A_region_of_an_image_that_is_not_in_the_batch_is_refused()
    {
        var error = Assert.Throws<FoveaException>(() => RoiAlignKernel.Forward<float>(
            new float[100], new MapShape(1, 1, 10, 10), new float[] { 1, 0, 0, 5, 5 }, new RoiAlignParameters(1, 1, 1, 2, true), new float[1]));
        Assert.Equal("region 0: found image 1, expected 0 to 0, the images of the batch", error.Message);
    }

    // Outputs start as rubbish, so that a kernel which leaves a place out is caught.
    private static T[] Filled<T>(int count) where T : System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var values = new T[count];
        Array.Fill(values, T.NaN);
        return values;
    }
}
