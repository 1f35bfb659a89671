using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models.Segmentation;

[LeakCheck]
public class UNetTests
{
    [Theory]
    [InlineData(1, 1, 31_030_593, 31_042_369, 31_036_481)]
    [InlineData(3, 1, 31_031_745, 31_043_521, 31_037_633)]
    [InlineData(1, 2, 31_030_658, 31_042_434, 31_036_546)]
    [InlineData(3, 2, 31_031_810, 31_043_586, 31_037_698)]
    [InlineData(3, 21, 31_033_045, 31_044_821, 31_038_933)]
    public void Has_the_published_number_of_parameters(int inChannels, int classes, long plain, long normWithBias, long norm)
    {
        using var skip = Init.Skip();
        const NormKind Norm = NormKind.Batch;
        foreach (var (options, expected) in new[]
        {
            (new UNetOptions(), plain), (new UNetOptions { Norm = Norm, HasConvolutionBias = true }, normWithBias), (new UNetOptions { Norm = Norm }, norm),
        })
        {
            using var model = new UNet(inChannels, classes, options);
            Assert.Equal(expected, model.ParameterCount());
            using var valid = new UNetValid(inChannels, classes, options);
            Assert.Equal(expected, valid.ParameterCount());
        }
    }

    [Fact]
    public void Has_the_keys_of_the_usual_port()
    {
        using var skip = Init.Skip();
        using var model = ModelCatalog.Find("unet").Build(new ModelOptions { Outputs = 2 });
        var keys = model.StateDict().Select(t => t.Key).ToList();
        Assert.Equal(118, keys.Count);
        Assert.Equal(["inc.double_conv.0.weight", "inc.double_conv.1.weight", "inc.double_conv.1.bias", "inc.double_conv.1.running_mean",
            "inc.double_conv.1.running_var", "inc.double_conv.1.num_batches_tracked", "inc.double_conv.3.weight"], keys.Take(7));
        Assert.Contains("down4.maxpool_conv.1.double_conv.3.weight", keys);
        Assert.Contains("up1.up.bias", keys);
        Assert.Contains("up4.conv.double_conv.4.running_var", keys);
        Assert.Equal("outc.conv.bias", keys[^1]);
    }

    [Theory]
    [InlineData(32, 48)]
    [InlineData(33, 47)]
    [InlineData(15, 40)]
    [InlineData(1, 1)]
    public void Scores_every_pixel(int height, int width)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var varied = new UNetOptions { Upsampling = UpsamplingKind.Bilinear, HasAttentionGates = true, IsDeeplySupervised = true };
        foreach (var options in new[] { null, varied })
        {
            using var model = new UNet(3, 4, options);
            model.Eval();
            var images = Tensor.Rand([2, 3, height, width]);
            var scores = model.Forward(images)[0].Value;
            Assert.Equal([2, 4, height, width], scores.Shape);
            var size = new ImageSize(height, width);
            using var batch = new Batch { Images = images, Origins = [.. Enumerable.Repeat(new ImageOrigin("", "", size, size), 2)] };
            Assert.Equal(scores.ToArray<float>(), model.Scores(batch).ToArray<float>());
        }
    }

    [Fact]
    public void Trains_on_images_smaller_than_its_stride_at_every_depth()
    {
        using var scope = new TensorScope();
        RandomState.Seed(4);
        using var model = new UNet(1, 2, new UNetOptions { Norm = NormKind.Group, IsDeeplySupervised = true });
        SegmenterContract.Learns(model, SegmenterContract.Batch(2, 1, 9, 13), rate: 0.05);
    }

    [Fact]
    public void Without_padding_takes_the_published_sizes_only()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var model = new UNetValid(1, 2);
        model.Eval();
        Assert.Equal([1, 2, 4, 20], model.Forward(Tensor.Rand([1, 1, 188, 204])).Single().Value.Shape);
        var error = Assert.Throws<FoveaException>(() => model.Forward(Tensor.Rand([1, 1, 188, 200])));
        Assert.Contains("the next after 200 is 204", error.Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => model.Forward(Tensor.Rand([1, 1, 172, 188])));
    }

    [Fact]
    public void Mirrors_like_NumPy()
    {
        using var scope = new TensorScope();
        var image = Tensor.Arange(2 * 3 * 5, Dtype.Float32).View([1, 2, 3, 5]);
        var answer = PythonReference.Run("out['m'] = np.pad(x, ((0, 0), (0, 0), (7, 4), (2, 12)), mode='reflect')", ("x", new NdArray(image.ToArray<float>(), 1, 2, 3, 5)));
        Assert.Equal(answer.Floats("m"), Mirror.Cut(image, -7, -2, 14, 19).ToArray<float>());
        Assert.Equal(image[.., .., 1..3, 2..4].ToArray<float>(), Mirror.Cut(image, 1, 2, 2, 2).ToArray<float>());
        Assert.Equal([7f, 7, 7, 7], Mirror.Cut(Tensor.Full([1, 1, 1, 1], 7), -1, 0, 2, 2).ToArray<float>());
    }

    [Fact]
    public void Tiles_join_without_a_seam()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        RandomState.Seed(2);
        using var model = new UNetValid(1, 2);
        model.Eval();
        // Two tiles across: 388 and what remains of 400.
        var image = Tensor.Rand([1, 1, 20, 400]);
        var tiled = model.PredictTiles(image);
        var whole = model.Forward(Mirror.Cut(image, -92, -92, 20 + 184, 404 + 184)).Single().Value[.., .., .., ..400];
        Assert.Equal([1, 2, 20, 400], tiled.Shape);
        Assert.Equal(0, (tiled - whole).Abs().Max().ToDouble(), 1e-5 * whole.Abs().Max().ToDouble());
        var origin = new ImageOrigin("", "", new ImageSize(20, 400), new ImageSize(20, 400));
        using var batch = new Batch { Images = image, Origins = [origin], Maps = Tensor.Zeros([1, 20, 400], Dtype.Int64) };
        Assert.Equal(whole.Argmax(1).ToArray<long>().Select(v => (byte)v), model.Predict(batch)[0].Map!.Values);
        // Training sees the same scores.
        Assert.Equal(new Fovea.Losses.CrossEntropy().Compute(whole, batch.Maps).ToDouble(), model.Loss(batch).Total().ToDouble(), 1e-5);
    }
}
