using System.Diagnostics.CodeAnalysis;

namespace Fovea.Torch.Nn;

/// <summary>
/// Functions that the processor's kernels lack, or compute wrongly, in bfloat16 and float16: libtorch 1.13 finds the cells that a resized map
/// is read from in the map's own type, whose 8 bits do not tell cell 257 from 258, adds up groups of channels-last maps in it, and sends
/// gradients of adaptive maxima to the wrong cells.
/// </summary>
internal static class Widened
{
    /// <summary>Whether a tensor is of a half precision on the processor.</summary>
    public static bool Applies(Tensor input) => input.Dtype is Dtype.BFloat16 or Dtype.Float16 && !input.Device.IsCuda;

    /// <summary>The tensor in single precision.</summary>
    [return: NotNullIfNotNull(nameof(input))]
    public static Tensor? Single(Tensor? input) => input is null || input.Dtype == Dtype.Float32 ? input : input.To(Dtype.Float32);

    /// <summary>Applies the function in single precision where it must be, and gives the input's type.</summary>
    public static Tensor Run(Tensor input, Func<Tensor, Tensor> function) => Applies(input) ? function(Single(input)).To(input.Dtype) : function(input);
}
