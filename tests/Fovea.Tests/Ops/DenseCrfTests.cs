using System.Diagnostics;
using Fovea.Imaging;
using Fovea.Models.Segmentation;
using Fovea.Ops;
using Fovea.Ops.Kernels;
using Fovea.Torch;

namespace Fovea.Tests.Ops;

[LeakCheck]
public class DenseCrfTests
{
    // The mean field by its definition, over all pairs of pixels.
    private const string BruteForce = """
        K, H, W = p.shape; p = p.reshape(K, -1).astype(float)
        ys, xs = np.divmod(np.arange(H * W), W)
        def kernel(f): k = np.exp(-0.5 * ((f[:, None] - f[None]) ** 2).sum(-1)); n = k.sum(1); return k / np.sqrt(n[:, None] * n[None])
        place = np.stack([xs, ys], 1)
        total = 3 * kernel(place / 1.0) + 4 * kernel(np.concatenate([place / 67.0, rgb.reshape(-1, 3) / colour], 1))
        u = -np.log(np.maximum(p, 1e-5)); q = np.exp(-u); q /= q.sum(0)
        for _ in range(int(steps)):
            z = -u + q @ total; q = np.exp(z - z.max(0)); q /= q.sum(0)
        out['q'] = q
        """;

    [Theory]
    [InlineData(3, 1, new[] { 0.817984, 0.590377, 0.00919 })]
    [InlineData(3, 5, new[] { 0.998875, 0.995724, 0.002619 })]
    [InlineData(30, 1, new[] { 0.78908, 0.633877, 0.00919 })]
    [InlineData(30, 5, new[] { 0.998876, 0.996028, 0.002658 })]
    public void Three_pixels_by_hand(double colour, int iterations, double[] expected)
    {
        using var scope = new TensorScope();
        var probabilities = Tensor.FromArray([0.6f, 0.55f, 0.2f, 0.4f, 0.45f, 0.8f], [2, 1, 3]);
        var picture = new Image(new ImageSize(1, 3), 1, [0, 10, 200]);
        var crf = new DenseCrf { BilateralColour = colour, Iterations = iterations, IsExact = true };
        var refined = crf.Refine(probabilities, picture);
        Assert.All(expected.Zip(refined[0].ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
        Assert.All(refined.Sum([0]).ToArray<float>(), sum => Assert.Equal(1, sum, 1e-6));
    }

    [Theory]
    [InlineData(true, 5e-5, 1)]
    [InlineData(false, 0.02, 0.98)]
    public void Equals_the_sums_over_all_pairs(bool isExact, double tolerance, double agreement)
    {
        using var scope = new TensorScope();
        const int classes = 5;
        var (probabilities, picture) = Scene(classes, 21, 30);
        var answer = PythonReference.Run(BruteForce, ("p", new NdArray(probabilities.ToArray<float>(), classes, 21, 30)),
            ("rgb", new NdArray(picture.Data, 21 * 30, 3)), ("colour", new NdArray(new[] { 3f }, 1)), ("steps", new NdArray(new[] { 10f }, 1)));
        var expected = Tensor.FromArray(answer.Doubles("q"), [classes, 21, 30]).To(Dtype.Float32);
        var found = new DenseCrf { IsExact = isExact }.Refine(probabilities, picture);
        Assert.InRange((found - expected).Abs().Mean().ToDouble(), 0, tolerance);
        Assert.InRange(found.Argmax(0).Eq(expected.Argmax(0)).To(Dtype.Float32).Mean().ToDouble(), agreement, 1);
        // It does something: the noise of the scores is gone.
        Assert.InRange(probabilities.Argmax(0).Eq(expected.Argmax(0)).To(Dtype.Float32).Mean().ToDouble(), 0.3, 0.95);
    }

    [Fact]
    public void A_lattice_sums_as_a_Gaussian_does()
    {
        const int pixels = 400, dimensions = 5;
        var random = new Random(3);
        var features = Enumerable.Range(0, pixels * dimensions).Select(_ => (float)(random.NextDouble() * 3)).ToArray();
        var stride = Rows.Length(1);
        var values = new float[pixels * stride];
        for (var i = 0; i < pixels; i++)
            values[i * stride] = (float)random.NextDouble();
        var (exact, found) = (new float[values.Length], new float[values.Length]);
        float[] scales = [.. Enumerable.Repeat(1f, pixels)];
        new ExactFilter(features, dimensions).AddTo(exact, values, scales, 1, stride);
        var lattice = new PermutohedralLattice(features, dimensions);
        lattice.AddTo(found, values, scales, 1, stride);
        Assert.InRange(lattice.Count, dimensions + 1, pixels * (dimensions + 1));
        // Both up to a factor, which the normalisation of a field takes out.
        var factor = found.Sum(static v => (double)v) / exact.Sum(static v => (double)v);
        var errors = exact.Zip(found).Where(static pair => pair.First > 0).Select(pair => Math.Abs(pair.Second / factor - pair.First) / pair.First).ToList();
        Assert.InRange(errors.Average(), 0, 0.1);
    }

    [Fact]
    public void Gives_the_same_on_one_core_and_on_many()
    {
        using var scope = new TensorScope();
        var (probabilities, picture) = Scene(3, 40, 50);
        var threads = TorchRuntime.Threads;
        var many = new DenseCrf().Refine(probabilities, picture);
        TorchRuntime.Threads = 1;
        try
        {
            Assert.Equal(many.ToArray<float>(), new DenseCrf().Refine(probabilities, picture).ToArray<float>());
        }
        finally
        {
            TorchRuntime.Threads = threads;
        }
    }

    [Fact]
    public void Sharpens_what_a_network_predicts()
    {
        using var scope = new TensorScope();
        var (probabilities, picture) = Scene(3, 24, 32);
        using var model = new GivenScores(probabilities.Log());
        var size = picture.Size;
        var mean = Tensor.FromArray<float>([.. model.Preprocessing.Mean], [3, 1, 1]);
        var std = Tensor.FromArray<float>([.. model.Preprocessing.Std], [3, 1, 1]);
        var seen = (Tensor.FromArray(picture.Data, [24, 32, 3]).Permute([2, 0, 1]).To(Dtype.Float32) / 255 - mean) / std;
        using var batch = new Batch { Images = seen.Unsqueeze(0), Origins = [new ImageOrigin("", "", size, size)] };
        var crf = new DenseCrf { IsExact = true };
        var plain = model.Predict(batch)[0].Map!.Values;
        model.Crf = crf;
        var sharp = model.Predict(batch)[0].Map!.Values;
        Assert.Equal(crf.Refine(probabilities, picture).Argmax(0).ToArray<long>().Select(v => (byte)v), sharp);
        Assert.NotEqual(plain, sharp);
    }

    [Fact]
    public void Takes_seconds_for_a_photograph_and_the_classes_of_VOC()
    {
        if (!TestData.TryFolder("photos", out var folder))
            return;
        const int classes = 21, side = 500;
        using var scope = new TensorScope();
        RandomState.Seed(2);
        var picture = Image.Load(Path.Combine(folder, "darknet", "dog.jpg")).Resize(new ImageSize(side, side), Interpolation.BilinearAntialias);
        // Scores as a network at stride 8 gives them.
        var probabilities = (Tensor.Randn([1, classes, side / 8, side / 8]) * 3).UpsampleBilinear2d([side, side], false)[0].Softmax(0);
        var start = Stopwatch.GetTimestamp();
        var refined = new DenseCrf().Refine(probabilities, picture);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(FormattableString.Invariant($"a dense random field of {classes} classes on {side}x{side} pixels took {seconds:0.0} s"));
        // On a slow machine that does other things as well.
        Assert.InRange(seconds, 0, 60);
        Assert.InRange((refined.Sum([0]) - 1).Abs().Max().ToDouble(), 0, 1e-4);
    }

    [Fact]
    public void Refuses_another_picture()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<FoveaException>(() => new DenseCrf().Refine(Tensor.Rand([2, 4, 5]), new Image(new ImageSize(5, 4), 3)));
        Assert.Contains("found probabilities [2, 4, 5] for a picture of", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<FoveaException>(() => new DenseCrf { BilateralColour = 0 }.Refine(Tensor.Rand([2, 4, 5]), new Image(new ImageSize(4, 5), 3)));
        Assert.Contains("expected numbers above 0", error.Message, StringComparison.Ordinal);
    }

    // Two areas of different colour with some noise, and probabilities that often take the wrong one.
    private static (Tensor Probabilities, Image Picture) Scene(int classes, int height, int width)
    {
        var random = new Random(7);
        var picture = new Image(new ImageSize(height, width), 3);
        var scores = new float[classes * height * width];
        for (var i = 0; i < height * width; i++)
        {
            var area = i % width < width / 2 + i / width / 4 ? 0 : 1;
            for (var channel = 0; channel < 3; channel++)
                picture.Data[3 * i + channel] = (byte)((area == 0 ? 60 : 150) + random.Next(-4, 5));
            for (var k = 0; k < classes; k++)
                scores[k * height * width + i] = (float)(random.NextDouble() * 2 + (k == area ? 0.8 : 0));
        }

        return (Tensor.FromArray(scores, [classes, height, width]).Softmax(0), picture);
    }

    private sealed class GivenScores(Tensor scores) : Segmenter
    {
        public override IReadOnlyList<string> HeadPrefixes => [];

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images) => [KeyValuePair.Create("out", scores.Unsqueeze(0))];

        protected override Tensor BatchLogits(Batch batch) => scores.Unsqueeze(0);
    }
}
