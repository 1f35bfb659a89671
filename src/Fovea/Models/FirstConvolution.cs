using Fovea.Torch;
using Fovea.Torch.Serialization;

namespace Fovea.Models;

/// <summary>Makes the kernels of a first convolution that saw colour fit images of other channels.</summary>
public static class FirstConvolution
{
    /// <summary>
    /// One channel gets the sum of all, since a grey picture has the same value in each; of more every channel i gets that of i modulo
    /// those given, times their share, so that what the convolution gives keeps its size.
    /// </summary>
    /// <param name="kernels">The weight, <c>[C', C, h, w]</c>.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <returns><c>[C', channels, h, w]</c>, the weight itself where nothing changes.</returns>
    /// <exception cref="FoveaException">The weight has other dimensions.</exception>
    public static TensorData Adapt(TensorData kernels, int channels)
    {
        if (kernels.Shape.Count != 4)
            throw new FoveaException($"first convolution: found weight {kernels}, expected [C', C, h, w]");
        var given = (int)kernels.Shape[1];
        if (given == channels)
            return kernels;
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var weight = StateDict.ToTensor(kernels).To(Dtype.Float32);
        var indices = Tensor.FromArray([.. Enumerable.Range(0, channels).Select(i => (long)(i % given))]);
        return Data(channels == 1 ? weight.Sum([1], true) : weight.IndexSelect(1, indices) * ((double)given / channels));
    }

    /// <summary>The mean kernel over the channels, for what is no grey picture, such as a depth.</summary>
    /// <param name="kernels">The weight, <c>[C', C, h, w]</c>.</param>
    /// <returns><c>[C', 1, h, w]</c>.</returns>
    internal static TensorData Mean(TensorData kernels)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        return Data(StateDict.ToTensor(kernels).To(Dtype.Float32).Mean([1], true));
    }

    private static TensorData Data(Tensor weight) => TensorData.FromArray<float>(weight.ToArray<float>(), [.. weight.Shape.ToArray()]);
}
