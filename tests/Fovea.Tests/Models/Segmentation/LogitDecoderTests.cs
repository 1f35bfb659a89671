using Fovea.Models.Segmentation;
using Fovea.Torch;

namespace Fovea.Tests.Models.Segmentation;

[LeakCheck]
public class LogitDecoderTests
{
    [Theory]
    [InlineData(13, 17, 13, 17)]
    [InlineData(13, 17, 31, 40)]
    [InlineData(32, 40, 19, 23)]
    [InlineData(8, 8, 1, 1)]
    public void Interpolates_scores_and_then_takes_the_best(int height, int width, int originalHeight, int originalWidth)
    {
        using var scope = new TensorScope();
        RandomState.Seed(3);
        // Two rows and three columns more than the picture: the batch's padding, whose scores must not be seen.
        var logits = Tensor.Randn([5, height + 2, width + 3]);
        logits[4, height..].FillInPlace(1e6);
        logits[4, .., width..].FillInPlace(1e6);
        var (originalSize, size) = (new ImageSize(originalHeight, originalWidth), new ImageSize(height, width));
        var origin = new ImageOrigin("", "", originalSize, size, (double)width / originalWidth, (double)height / originalHeight);
        var map = LogitDecoder.Decode(logits, origin);
        var expected = logits[.., ..height, ..width].Unsqueeze(0).UpsampleBilinear2d([originalHeight, originalWidth], false)[0].Argmax(0).ToArray<long>();
        Assert.Equal(originalSize, map.Size);
        // Float rounding may turn a tie.
        Assert.True(expected.Zip(map.Values).Count(pair => pair.First != pair.Second) <= expected.Length / 500);
        var first = logits[.., ..height, ..width].Unsqueeze(0).UpsampleBilinear2d([originalHeight, originalWidth], false)[0].Softmax(0)[0];
        Ops.RandomArrays.AssertClose((1 - first).Contiguous().ToArray<float>(), LogitDecoder.Foreground(logits, origin), 2e-5);
    }

    [Fact]
    public void Maps_a_letterbox_back()
    {
        using var scope = new TensorScope();
        // 4x2 pixels doubled into the middle of 8x8: two empty rows above and below.
        var logits = Tensor.Zeros([3, 8, 8]);
        logits[2, ..2].FillInPlace(9);
        logits[2, 6..].FillInPlace(9);
        logits[1, 2..6, 4..].FillInPlace(5);
        var origin = new ImageOrigin("", "", new ImageSize(2, 4), new ImageSize(8, 8), 2, 2, 0, 2);
        Assert.Equal(new byte[] { 0, 0, 1, 1, 0, 0, 1, 1 }, LogitDecoder.Decode(logits, origin).Values);
    }

    [Fact]
    public void What_a_crop_left_out_is_ignored()
    {
        using var scope = new TensorScope();
        var origin = new ImageOrigin("", "", new ImageSize(2, 6), new ImageSize(2, 2), 1, 1, -2);
        Assert.Equal(new byte[] { 255, 255, 0, 0, 255, 255, 255, 255, 0, 0, 255, 255 }, LogitDecoder.Decode(Tensor.Zeros([2, 2, 2]), origin).Values);
        Assert.Equal(new float[] { 0, 0, 0.5f, 0.5f, 0, 0, 0, 0, 0.5f, 0.5f, 0, 0 }, LogitDecoder.Foreground(Tensor.Zeros([2, 2, 2]), origin));
        Assert.Throws<FoveaException>(() => LogitDecoder.Decode(Tensor.Zeros([256, 2, 2]), origin));
    }

    [Fact]
    public void Takes_scores_of_lower_precision_and_other_layout()
    {
        using var scope = new TensorScope();
        var logits = Tensor.Randn([2, 7, 9, 21]).To(Dtype.BFloat16).Contiguous(MemoryFormat.ChannelsLast);
        var origin = new ImageOrigin("", "", new ImageSize(9, 21), new ImageSize(9, 21));
        Assert.Equal(logits[1].To(Dtype.Float32).Argmax(0).ToArray<long>().Select(v => (byte)v), LogitDecoder.Decode(logits[1], origin).Values);
    }
}
