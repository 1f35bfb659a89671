using Fovea.Imaging;
using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>Pictures of tensors.</summary>
public static class TensorPicture
{
    /// <summary>
    /// The picture that a network sees, as it was before it was normalised and without padding; where contrast is normalised too, which cannot
    /// be undone, from its least value to its greatest.
    /// </summary>
    /// <param name="images"><c>[1, C, H, W]</c>.</param>
    /// <param name="preprocessing">How it was normalised.</param>
    /// <param name="size">Size without padding.</param>
    public static Image OfInput(Tensor images, Preprocessing preprocessing, ImageSize size)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var values = images[0].To(Device.Cpu, Dtype.Float32).Narrow(1, 0, size.Height).Narrow(2, 0, size.Width);
        if (preprocessing is not { ContrastNorm: 0, Whitening: null })
            return ToImage(Colours(Stretched(values), preprocessing));
        var shape = new long[] { preprocessing.Mean.Count, 1, 1 };
        var (mean, deviation) = (Tensor.FromArray([.. preprocessing.Mean], shape), Tensor.FromArray([.. preprocessing.Std], shape));
        return ToImage(Colours(values * deviation + mean, preprocessing));
    }

    /// <summary>Gradients of three colours, or of grey, around a middle grey: (x − μ)/(σ + 10⁻⁵)·0.1 + 0.5.</summary>
    /// <param name="gradient"><c>[C, H, W]</c>.</param>
    /// <param name="preprocessing">Which channel is which colour.</param>
    public static Image OfGradient(Tensor gradient, Preprocessing preprocessing)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var values = Colours(gradient.To(Device.Cpu, Dtype.Float32), preprocessing);
        return ToImage((values - values.Mean()) / (values.Std(unbiased: false) + 1e-5) * 0.1 + 0.5);
    }

    /// <summary>A map from black (its least value) to white: (x − min)/(max − min + 10⁻⁷).</summary>
    /// <param name="map"><c>[H, W]</c>.</param>
    public static Image OfMap(Tensor map)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        return ToImage(Stretched(map.To(Device.Cpu, Dtype.Float32).Unsqueeze(0)));
    }

    /// <summary>Channels in the order red, green, blue; depth is left out.</summary>
    internal static Tensor Colours(Tensor channels, Preprocessing preprocessing) =>
        preprocessing.BlueFirst ? channels.Flip([0]) : preprocessing.Channels == ImageChannels.Rgbd ? channels.Narrow(0, 0, 3) : channels;

    private static Tensor Stretched(Tensor values)
    {
        var least = values.Min();
        return (values - least) / (values.Max() - least + 1e-7);
    }

    // [C, H, W] of 0 to 1; three channels are RGB, of any other number the mean is shown in grey.
    internal static Image ToImage(Tensor colours)
    {
        using var scope = new TensorScope();
        var shown = colours.Shape[0] is 1 or 3 ? colours : colours.Mean([0], keepdim: true);
        var bytes = (shown.Clamp(0, 1) * 255 + 0.5).Permute([1, 2, 0]).To(Dtype.UInt8).Contiguous();
        return new Image(new ImageSize((int)shown.Shape[1], (int)shown.Shape[2]), (int)shown.Shape[0], bytes.ToArray<byte>());
    }
}
