using System.Diagnostics.CodeAnalysis;

namespace Fovea.Torch.Nn;

/// <summary>
/// What operators marked <c># wide</c> in the schema do with half precisions on the processor, for which its kernels are absent or wrong: libtorch
/// 1.13 finds the cells that a resized map is read from in the map's own type, whose 8 bits do not tell cell 257 from 258, adds up groups of
/// channels-last maps in it, and sends gradients of adaptive maxima to the wrong cells.
/// </summary>
internal static class Widened
{
    /// <summary>Whether a tensor is of a half precision on the processor.</summary>
    public static bool Applies(Tensor input) => input.Dtype is Dtype.BFloat16 or Dtype.Float16 && !input.Device.IsCuda;

    /// <summary>A tensor of a half precision in single precision; any other, such as indices, itself.</summary>
    [return: NotNullIfNotNull(nameof(input))]
    public static Tensor? Single(Tensor? input) => input is not null && Applies(input) ? input.To(Dtype.Float32) : input;

    /// <summary>What was computed in single precision in the input's type; indices themselves.</summary>
    public static Tensor Narrow(Tensor result, Dtype dtype) => result.Dtype == Dtype.Float32 ? result.To(dtype) : result;
}
