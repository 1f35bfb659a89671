using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Tests.Ops;

public class DetectionTargetTests
{
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(10, 10, 5, 5)]
    public void Box_codes_equal_torchvision_and_decode_back(double x, double y, double width, double height)
    {
        using var scope = new TensorScope();
        const int n = 60;
        var (boxes, anchors) = (RandomArrays.Boxes(n, 1), RandomArrays.Boxes(n, 2));
        var codes = RandomArrays.Normal(n * 12, 3);
        codes[2] = 1e4f;
        var expected = PythonReference.Run(
            """
            from torchvision.models.detection._utils import BoxCoder
            coder = BoxCoder(tuple(float(v) for v in w))
            out['codes'] = coder.encode_single(T(b), T(a)); out['boxes'] = coder.decode(T(c), [T(a)])
            """, ("b", new NdArray(boxes, n, 4)), ("a", new NdArray(anchors, n, 4)), ("c", new NdArray(codes, n, 12)), ("w", new[] { x, y, width, height }));
        var coder = new BoxCoder(new BoxWeights(x, y, width, height));
        var (targets, references) = (Tensor.FromArray(boxes, [n, 4]), Tensor.FromArray(anchors, [n, 4]));
        foreach (var composed in new[] { false, true })
        {
            using var path = composed ? OpsPath.ComposedOnly() : null;
            var encoded = coder.Encode(targets, references);
            RandomArrays.AssertClose(expected.Floats("codes"), encoded.ToArray<float>(), 2e-6);
            RandomArrays.AssertClose(boxes, coder.Decode(encoded, references).ToArray<float>(), 1e-5);
            var decoded = coder.Decode(Tensor.FromArray(codes, [n, 12]), references);
            Assert.Equal([n, 3, 4], decoded.Shape.ToArray());
            RandomArrays.AssertClose(expected.Floats("boxes"), decoded.ToArray<float>(), 1e-5);
            Assert.All(coder.Encode(references, references).ToArray<float>(), value => Assert.Equal(0, value, 1e-6));
            Assert.Equal([0, 4], coder.Decode(Tensor.Zeros([0, 4]), Tensor.Zeros([0, 4])).Shape.ToArray());
        }
    }

    [Fact]
    public void Box_codes_differentiate()
    {
        using var scope = new TensorScope();
        var coder = new BoxCoder(BoxWeights.BoxHead);
        var anchors = Tensor.FromArray(RandomArrays.Double(RandomArrays.Boxes(6, 4)), [6, 4]);
        var boxes = Tensor.FromArray(RandomArrays.Double(RandomArrays.Boxes(6, 5)), [6, 4]);
        var codes = Tensor.FromArray(RandomArrays.Double(RandomArrays.Normal(48, 6)), [6, 8]);
        boxes.RequiresGrad = codes.RequiresGrad = true;
        GradientCheck.Verify(inputs => coder.Encode(inputs[0], anchors), [boxes]);
        GradientCheck.Verify(inputs => coder.Decode(inputs[0], anchors), [codes]);
    }

    [Fact]
    public void Anchors_equal_torchvision()
    {
        using var scope = new TensorScope();
        var expected = PythonReference.Run(
            """
            import torch
            from torchvision.models.detection.anchor_utils import AnchorGenerator
            from torchvision.models.detection.image_list import ImageList
            maps = [torch.zeros(1, 1, h, w) for h, w in ((25, 42), (13, 21), (7, 11), (4, 6), (2, 3))]
            image = ImageList(torch.zeros(1, 3, 100, 168), [(100, 168)])
            g = AnchorGenerator(tuple((s,) for s in (32, 64, 128, 256, 512)), ((0.5, 1.0, 2.0),) * 5)
            out['fpn'] = g(image, maps)[0]; out['cells'] = torch.cat(g.cell_anchors)
            g = AnchorGenerator(tuple((x, int(x * 2 ** (1 / 3)), int(x * 2 ** (2 / 3))) for x in (32, 64, 128, 256, 512)), ((0.5, 1.0, 2.0),) * 5)
            out['retina'] = g(image, maps)[0]
            """);
        ImageSize[] maps = [new(25, 42), new(13, 21), new(7, 11), new(4, 6), new(2, 3)];
        float[] sides = [32, 64, 128, 256, 512];
        var fpn = AnchorGenerator.WithRatios([.. sides.Select(side => new[] { side })], 0.5f, 1, 2);
        Assert.Equal(expected.Floats("fpn"), fpn.Generate(maps, new ImageSize(100, 168), Device.Cpu).ToArray<float>());
        Assert.Equal([3, 3, 3, 3, 3], fpn.CountPerCell);
        var retina = AnchorGenerator.WithRatios(
            [.. sides.Select(side => new[] { side, MathF.Truncate(side * MathF.Pow(2, 1 / 3f)), MathF.Truncate(side * MathF.Pow(2, 2 / 3f)) })], 0.5f, 1, 2);
        Assert.Equal(expected.Floats("retina"), retina.Generate(maps, new ImageSize(100, 168), Device.Cpu).ToArray<float>());
    }

    [Fact]
    public void Anchors_of_a_cell_are_the_known_ones()
    {
        using var scope = new TensorScope();
        var anchors = AnchorGenerator.WithRatios([[32], [512]], 0.5f, 1, 2).Generate([new(1, 1), new(1, 1)], new ImageSize(64, 64), Device.Cpu);
        Assert.Equal(
            [-23, -11, 23, 11, -16, -16, 16, 16, -11, -23, 11, 23, -362, -181, 362, 181, -256, -256, 256, 256, -181, -362, 181, 362],
            anchors.ToArray<float>());
        ImageSize[] maps = [new(200, 336), new(100, 168), new(50, 84), new(25, 42), new(13, 21)];
        var all = AnchorGenerator.WithRatios([[32], [64], [128], [256], [512]], 0.5f, 1, 2);
        Assert.Equal(268_569, all.Generate(maps, new ImageSize(800, 1344), Device.Cpu).Shape[0]);
        Assert.Throws<ArgumentException>(() => all.Generate(maps[..4], new ImageSize(800, 1344), Device.Cpu));
        Assert.Throws<ArgumentException>(() => AnchorGenerator.WithRatios([[0]], 1));
    }

    [Theory]
    [InlineData(0.7, 0.3, true, 6, 5000)]
    [InlineData(0.5, 0.4, true, 40, 3000)]
    [InlineData(0.5, 0.5, false, 9, 1000)]
    [InlineData(0.9, 0.1, true, 1, 3)]
    public void Matches_equal_torchvision(double high, double low, bool lowQuality, int m, int n)
    {
        using var scope = new TensorScope();
        var (targets, candidates) = (RandomArrays.Boxes(m, 1), RandomArrays.Boxes(n, 2));
        targets.AsSpan(0, 4).CopyTo(candidates);
        targets.AsSpan(0, 4).CopyTo(candidates.AsSpan(4));
        var expected = PythonReference.Run(
            """
            import torchvision
            from torchvision.models.detection._utils import Matcher
            out['m'] = Matcher(float(h[0]), float(h[1]), bool(h[2]))(torchvision.ops.box_iou(T(t), T(c)))
            """, ("t", new NdArray(targets, m, 4)), ("c", new NdArray(candidates, n, 4)), ("h", new[] { high, low, lowQuality ? 1 : 0 })).Longs("m");
        var matcher = new BoxMatcher(high, low, lowQuality);
        var (t, c) = (Tensor.FromArray(targets, [m, 4]), Tensor.FromArray(candidates, [n, 4]));
        Assert.Equal(expected, matcher.Match(t, c).ToArray<long>());
        Assert.Equal(expected, matcher.Match(BoxOps.Overlap(BoxOverlap.IoU, t, c)).ToArray<long>());
        using (OpsPath.ComposedOnly())
            Assert.Equal(expected, matcher.Match(t, c).ToArray<long>());
        Assert.Equal(expected, matcher.Match(t.To(Dtype.Float64), c.To(Dtype.Float64)).ToArray<long>());
    }

    [Fact]
    public void A_restored_candidate_takes_the_target_it_overlaps_most_itself()
    {
        // Candidate 1 is the best of target 1 (0.3), but overlaps target 0 more (0.4), and so goes to target 0.
        using var scope = new TensorScope();
        var quality = Tensor.FromArray(new float[,] { { 0.9f, 0.4f, 0.1f }, { 0f, 0.3f, 0f } });
        Assert.Equal([0, 0, -1], new BoxMatcher(0.7, 0.3, true).Match(quality).ToArray<long>());
        Assert.Equal([0, -2, -1], new BoxMatcher(0.7, 0.3, false).Match(quality).ToArray<long>());
    }

    [Fact]
    public void Without_targets_everything_is_background()
    {
        using var scope = new TensorScope();
        var matcher = new BoxMatcher(0.5, 0.5, true);
        foreach (var composed in new[] { false, true })
        {
            using var path = composed ? OpsPath.ComposedOnly() : null;
            Assert.Equal([-1, -1], matcher.Match(Tensor.Zeros([0, 4]), Tensor.FromArray(RandomArrays.Boxes(2, 1), [2, 4])).ToArray<long>());
            Assert.Equal([0], matcher.Match(Tensor.FromArray(RandomArrays.Boxes(2, 1), [2, 4]), Tensor.Zeros([0, 4])).Shape.ToArray());
        }

        Assert.Throws<ArgumentException>(() => new BoxMatcher(0.3, 0.7, true));
    }

    [Theory]
    [InlineData(256, 0.5, 3000, 0.02)]
    [InlineData(64, 0.25, 500, 0.5)]
    [InlineData(512, 0.25, 40, 0.3)]
    [InlineData(16, 0.5, 30, 0)]
    public void Samples_equal_torchvision_after_the_same_seed(int size, double share, int n, double positives)
    {
        using var scope = new TensorScope();
        var random = new Random(n);
        var labels = Enumerable.Range(0, n).Select(_ => random.NextDouble() < positives ? random.Next(1, 9) : random.Next(-1, 1)).Select(label => (long)label).ToArray();
        var expected = PythonReference.Run(
            """
            import torch
            from torchvision.models.detection._utils import BalancedPositiveNegativeSampler
            torch.manual_seed(77)
            p, q = BalancedPositiveNegativeSampler(int(s[0]), float(s[1]))([T(l)])
            out['p'] = torch.where(p[0])[0]; out['n'] = torch.where(q[0])[0]
            """, ("l", labels), ("s", new[] { size, share }));
        RandomState.Seed(77);
        var sampler = new BalancedSampler(size, share);
        var (positive, negative) = sampler.Sample(Tensor.FromArray(labels));
        Assert.Equal(expected.Longs("p"), positive.ToArray<long>());
        Assert.Equal(expected.Longs("n"), negative.ToArray<long>());
        Assert.True(positive.Shape[0] <= (long)(size * share) && positive.Shape[0] + negative.Shape[0] <= size);

        var given = new BalancedSampler(size, share, count => Tensor.Arange(count));
        Assert.Equal([.. Enumerable.Range(0, n).Where(i => labels[i] == 0).Select(i => (long)i).Take(size - (int)positive.Shape[0])],
            given.Sample(Tensor.FromArray(labels)).Negative.ToArray<long>());
    }
}
