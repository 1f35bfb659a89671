namespace Fovea.Torch.Nn;

/// <summary>Functions that libtorch 1.13 has in single precision only, for inputs of bfloat16 and float16 on the processor.</summary>
internal static class Widened
{
    /// <summary>Applies the function in single precision where it must be, and gives the input's type.</summary>
    public static Tensor Run(Tensor input, Func<Tensor, Tensor> function)
    {
        var dtype = input.Dtype;
        return dtype is Dtype.BFloat16 or Dtype.Float16 && !input.Device.IsCuda ? function(input.To(Dtype.Float32)).To(dtype) : function(input);
    }
}
