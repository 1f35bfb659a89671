namespace Fovea.Torch;

/// <summary>The order of a tensor's elements in memory; the values are those of <c>c10::MemoryFormat</c>.</summary>
public enum MemoryFormat
{
    /// <summary>Row-major: <c>[N, C, H, W]</c> with W fastest.</summary>
    Contiguous = 0,

    /// <summary>As the source is.</summary>
    Preserve = 1,

    /// <summary>Images with the channel fastest.</summary>
    ChannelsLast = 2,

    /// <summary>Volumes with the channel fastest.</summary>
    ChannelsLast3d = 3,
}

/// <summary>Which layout of images is convolved fastest.</summary>
public static class ConvolutionLayout
{
    /// <summary>
    /// <see cref="MemoryFormat.ChannelsLast"/>, but in single precision on a GPU, whose matrix units have no use for it, and on processors
    /// without vectors of 512 bits, for which oneDNN's kernels are slower in it by up to a half.
    /// </summary>
    /// <param name="device">Where the convolution is computed.</param>
    /// <param name="dtype">What it is computed in.</param>
    public static MemoryFormat Fastest(Device device, Dtype dtype) =>
        dtype != Dtype.Float32 || (!device.IsCuda && Processor.HasAvx512) ? MemoryFormat.ChannelsLast : MemoryFormat.Contiguous;
}
