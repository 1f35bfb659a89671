namespace Fovea.Torch;

/// <summary>The kind of a <see cref="Device"/>; the values are those of <c>c10::DeviceType</c>.</summary>
public enum DeviceType
{
    /// <summary>The processor.</summary>
    Cpu = 0,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda = 1,
}

/// <summary>Where a tensor lives.</summary>
/// <param name="Type">Kind of device.</param>
/// <param name="Index">Which GPU, from 0; 0 for the processor.</param>
public readonly record struct Device(DeviceType Type, int Index = 0)
{
    /// <summary>The processor.</summary>
    public static Device Cpu => default;

    /// <summary>Whether this is a GPU.</summary>
    public bool IsCuda => Type == DeviceType.Cuda;

    /// <summary>A GPU by its number.</summary>
    public static Device Cuda(int index = 0) => new(DeviceType.Cuda, index);

    /// <summary>Reads <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>, and checks that the device is there.</summary>
    /// <exception cref="FoveaException">The text names no device, or one that this machine or libtorch lacks.</exception>
    public static Device Parse(string text)
    {
        if (text == "cpu")
            return Cpu;
        var index = 0;
        if (text != "cuda" && !(text.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(text.AsSpan(5), out index)))
            throw new FoveaException($"device: found '{text}', expected cpu, cuda or cuda:N");
        var count = TorchRuntime.CudaDeviceCount;
        if (count == 0)
            throw new FoveaException($"device '{text}' was asked for, but this libtorch ({TorchRuntime.BuiltVersion}) sees no CUDA GPU; use cpu, or set LIBTORCH to a CUDA build on a machine with a GPU");
        return index < count ? Cuda(index) : throw new FoveaException($"device '{text}' was asked for, but there are {count} GPUs (cuda:0 to cuda:{count - 1})");
    }

    /// <summary>Formats as <see cref="Parse"/> reads.</summary>
    public override string ToString() => IsCuda ? $"cuda:{Index}" : "cpu";
}
