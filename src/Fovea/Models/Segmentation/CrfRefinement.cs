using Fovea.Imaging;
using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>Lets a dense random field sharpen the scores of a picture, by the picture as the network saw it.</summary>
internal static class CrfRefinement
{
    /// <summary>The logarithms of the sharpened probabilities.</summary>
    /// <param name="crf">The field.</param>
    /// <param name="logits">Scores <c>[K, H, W]</c>; what lies beyond the picture's network size is padding.</param>
    /// <param name="batch">The batch with the picture.</param>
    /// <param name="index">Its position in the batch.</param>
    /// <param name="preprocessing">What was done to the picture's values.</param>
    public static Tensor Apply(DenseCrf crf, Tensor logits, Batch batch, int index, Preprocessing preprocessing)
    {
        using var scope = new TensorScope();
        var size = batch.Origins[index].NetworkSize;
        var (height, width) = (Math.Min(size.Height, (int)logits.Shape[1]), Math.Min(size.Width, (int)logits.Shape[2]));
        var probabilities = logits.Narrow(1, 0, height).Narrow(2, 0, width).Softmax(0, Dtype.Float32);
        var seen = batch.Images[index].Narrow(1, 0, height).Narrow(2, 0, width);
        return scope.Keep(crf.Refine(probabilities, Picture(seen, preprocessing)).ClampMin(float.Epsilon).Log());
    }

    // Blue first or last is one to distances between colours.
    private static Image Picture(Tensor all, Preprocessing preprocessing)
    {
        var given = (int)all.Shape[0];
        if (given is not (1 or 3 or 4) || preprocessing.Mean.Count != given)
            throw new FoveaException($"CRF: found pictures of {given} channels, expected grey, colour, or colour and depth");
        // Depth comes last, on a scale of its own.
        var channels = Math.Min(given, 3);
        var values = all.Narrow(0, 0, channels);
        Tensor Column(IReadOnlyList<float> numbers) => Tensor.FromArray<float>([.. numbers.Take(channels)], [channels, 1, 1]).To(values.Device);
        var bytes = ((values.To(Dtype.Float32) * Column(preprocessing.Std) + Column(preprocessing.Mean)) * 255).Round().Clamp(0, 255).To(Dtype.UInt8);
        var interleaved = bytes.Permute([1, 2, 0]).Contiguous().To(Device.Cpu).ToArray<byte>();
        return new Image(new ImageSize((int)values.Shape[1], (int)values.Shape[2]), channels, interleaved);
    }
}
