using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;
using Fovea.Training;

namespace Fovea.Tests.Models.Classification;

[LeakCheck]
public sealed class DarknetTests : IDisposable
{
    // Networks spelled as Darknet's configurations do, which write their numbers as they run.
    private const string Code = """
        import torch, torch.nn.functional as F
        rng = np.random.default_rng(0)
        header = np.array([0, 1, 0], '<i4').tobytes() + np.array([640], '<u4').tobytes() if name == 'darknet19' else np.array([0, 2, 5], '<i4').tobytes() + np.array([640], '<u8').tobytes()
        file = open(path, 'wb'); file.write(header); count = 0
        def write(*arrays):
            global count
            for a in arrays: file.write(a.astype('<f4').tobytes()); count += a.size
        normal = lambda *s: 0.1 * rng.standard_normal(s, dtype=np.float32)
        act = F.mish if 'mish' in name else lambda x: F.leaky_relu(x, 0.1)
        def conv(x, n, k, s=1):
            c = x.shape[1]
            b, g, m, v = normal(n), 1 + normal(n), normal(n), 1 + abs(normal(n))
            w = normal(n, c, k, k) * np.float32(10 * (2 / (c * k * k)) ** 0.5)
            write(b, g, m, v, w)
            return act(F.batch_norm(F.conv2d(x, T(w), None, s, k // 2), T(m), T(v), T(g), T(b), False, 0, 1e-5))
        x = conv(T(image), 32, 3)
        for w, n in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
            if name == 'darknet19':
                x = F.max_pool2d(x, 2, 2)
                for i in range({64: 1, 128: 3, 256: 3, 512: 5, 1024: 5}[w]): x = conv(x, w // (1 + i % 2), 3 - 2 * (i % 2))
            elif name == 'darknet53':
                x = conv(x, w, 3, 2)
                for i in range(n): x = x + conv(conv(x, w // 2, 1), w, 3)
            else:
                x = conv(x, w, 3, 2)
                h = w if w == 64 else w // 2
                a = conv(x, h, 1); b = conv(x, h, 1)
                for i in range(n): b = b + conv(conv(b, 32 if w == 64 else h, 1), h, 3)
                x = conv(torch.cat([conv(b, h, 1), a], 1), w, 1)
        b, w = normal(1000), normal(1000, 1024)
        write(b, w); file.close()
        out['logits'] = x.mean((2, 3)) @ T(w).T + T(b); out['count'] = np.array([float(count)])
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-darknet-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("cspdarknet53_timm", 27_642_184, 404, -8.1927, -38.6673, 55.2565, 2.24572, 30.985, 340)]
    [InlineData("darknet53_timm", 41_609_928, 314, 471.051, 164.722, 365.945, 23.4494, 253.318, 64)]
    public void Equals_the_recorded_outputs(
        string name, long parameters, int entries, double first, double second, double last, double mean, double std, int best)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 1000 });
        Assert.Equal(parameters, model.ParameterCount());
        Assert.Equal(entries, model.StateDict().Count);
        GoldenFill.Fill(model);
        model.Eval();
        GoldenFill.AssertOutput(model.Forward(GoldenFill.Image(3, 256))[0].Value, first, second, last, mean, std, best);
    }

    [Theory]
    [InlineData("darknet19", 20_842_376, 20_856_776)]
    [InlineData("darknet53", 41_609_928, 41_645_640)]
    [InlineData("cspdarknet53", 27_642_184, 27_677_512)]
    [InlineData("cspdarknet53_mish", 27_642_184, 27_677_512)]
    public void Darknets_own_weights_give_darknets_outputs(string name, long parameters, long numbers)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var image = GoldenFill.Image(3, 64);
        var path = Path.Combine(folder, $"{name}.weights");
        var answer = PythonReference.Run($"name, path = '{name}', '{path}'\n{Code}", ("image", new NdArray(image.ToArray<float>(), 1, 3, 64, 64)));
        Assert.Equal(numbers, answer.Doubles("count")[0]);
        using var model = WeightedModel.Load(ModelCatalog.Find(name), path);
        Assert.Equal(parameters, model.ParameterCount());
        model.Eval();
        var found = model.Forward(image)[0].Value.ToArray<float>();
        var expected = answer.Doubles("logits");
        var scale = expected.Max(Math.Abs);
        // Darknet's first class, the kit fox, is number 278 of the usual order.
        Assert.Equal(expected[0], found[278], 1e-4 * scale);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[DarknetClasses.Usual[i]], 1e-4 * scale);
    }

    [Theory]
    [InlineData("inception_v4", 299, 341, Interpolation.BicubicAntialias, 0.5f)]
    [InlineData("inception_resnet_v2", 299, 333, Interpolation.BicubicAntialias, 0.5f)]
    [InlineData("inception_v3", 299, 342, Interpolation.BilinearAntialias, 0.5f)]
    [InlineData("darknet53_timm", 256, 288, Interpolation.BicubicAntialias, 0.485f)]
    [InlineData("cspdarknet53_timm", 256, 288, Interpolation.BilinearAntialias, 0.485f)]
    [InlineData("darknet53", 256, 256, Interpolation.BilinearAntialias, 0f)]
    [InlineData("seresnet50", 224, 235, Interpolation.BicubicAntialias, 0.485f)]
    [InlineData("legacy_seresnet50", 224, 256, Interpolation.BilinearAntialias, 0.485f)]
    [InlineData("resnet50", 224, 256, Interpolation.BilinearAntialias, 0.485f)]
    [InlineData("bn_inception", 224, 256, Interpolation.BilinearAntialias, 104 / 255f)]
    public void Pictures_are_prepared_as_the_publishers_of_the_weights_did(string name, int side, int shorterSide, Interpolation interpolation, float firstMean)
    {
        using var skip = Init.Skip();
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 2 });
        var own = model.Preprocessing;
        Assert.Equal((side, side, shorterSide, interpolation, firstMean), (own.Height, own.Width, own.ShorterSide, own.Interpolation, own.Mean[0]));
    }

    [Fact]
    public void Class_orders_are_permutations() =>
        Assert.Equal(Enumerable.Range(0, 1000), DarknetClasses.Usual.ToArray().Order().Select(c => (int)c));

    [Theory]
    [InlineData(20 + 4 * (20_856_776L - 10), "20856766 numbers", "20856776 of Darknet19 with 1000 classes")]
    [InlineData(20 + 4 * 1000L, "1000 numbers", "truncated")]
    [InlineData(20 + 4 * 20_856_776L - 2, "83427122 bytes", "truncated")]
    [InlineData(20, "20 bytes", "truncated")]
    public void A_truncated_file_is_one_clear_error(long length, string found, string expected)
    {
        var path = Zeros(length);
        var error = Assert.Throws<DataException>(() => WeightedModel.Load(ModelCatalog.Find("darknet19"), path));
        Assert.Equal(path, error.File);
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
        Assert.Contains(expected, error.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_networks_have_no_use_for_numbers_without_names()
    {
        var path = Zeros(20 + 4 * 20_856_776L);
        var error = Assert.Throws<FoveaException>(() => WeightedModel.Load(ModelCatalog.Find("resnet18"), path));
        Assert.Contains("have no names", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<FoveaException>(() => WeightedModel.Load(ModelCatalog.Find("darknet53_timm"), path));
        Assert.Contains("without '_timm'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_tell_their_class_count_and_may_end_before_the_head()
    {
        const long backbone = 20_856_776 - 1000 * 1025;
        var entry = ModelCatalog.Find("darknet19");
        using (var five = WeightedModel.Load(entry, Zeros(20 + 4 * (backbone + 5 * 1025))))
            Assert.Equal([5, 1024], five.StateDict().Single(t => t.Key == "head.fc.weight").Value.Shape);
        var path = Zeros(20 + 4 * backbone);
        using var skip = Init.Skip();
        using var model = entry.Build(new ModelOptions { Outputs = 3 });
        var error = Assert.Throws<FoveaException>(() => StateDict.Load(model, path));
        Assert.Contains("2 missing: head.fc.weight, head.fc.bias", error.Message, StringComparison.Ordinal);
        var report = StateDict.Load(model, path, new PartialLoading("the file holds the backbone alone", static name => name.StartsWith("head.", StringComparison.Ordinal)));
        Assert.Equal(["head.fc.weight", "head.fc.bias"], report.Kept);
        using var file = WeightsFile.Open(path);
        Assert.Equal(WeightsFormat.Darknet, file.Format);
        Assert.Equal("0.2.0", file.Metadata["version"]);
    }

    [Theory]
    [InlineData("darknet19")]
    [InlineData("darknet53")]
    [InlineData("cspdarknet53_mish")]
    public void Overwriting_inputs_changes_no_gradient(string name)
    {
        using var scope = new TensorScope();
        RandomState.Seed(5);
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 4 });
        var image = GoldenFill.Image(3, 64).Repeat([2, 1, 1, 1]) * Tensor.Rand([2, 3, 64, 64]);
        Tensor Gradient()
        {
            model.ZeroGradients();
            model.Forward(image)[0].Value.Pow(2).Sum().Backward();
            return model.NamedParameters().First(p => p.Key == "stem.conv1.conv.weight").Value.Gradient!.Detach().Clone();
        }

        var overwriting = Gradient();
        // A hook anywhere keeps every layer from overwriting its input.
        using var hook = ((Layer)model.Find("head")).OnForward(static (_, _) => null);
        var apart = Gradient();
        Assert.True(apart.Abs().Max().ToDouble() > 0);
        Assert.Equal(0, ((overwriting - apart).Abs().Max() / apart.Abs().Max()).ToDouble(), 1e-4);
    }

    // A hole in the file takes no room on the disk.
    private string Zeros(long length)
    {
        var path = Path.Combine(folder, $"{length}.weights");
        using var stream = File.Create(path);
        stream.Write([0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
        stream.SetLength(length);
        return path;
    }
}
