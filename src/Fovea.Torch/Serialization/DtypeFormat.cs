namespace Fovea.Torch.Serialization;

/// <summary>What safetensors calls the element types.</summary>
internal static class DtypeFormat
{
    public static string SafetensorsName(Dtype dtype) => dtype switch
    {
        Dtype.UInt8 => "U8",
        Dtype.Int8 => "I8",
        Dtype.Int16 => "I16",
        Dtype.Int32 => "I32",
        Dtype.Int64 => "I64",
        Dtype.Float16 => "F16",
        Dtype.Float32 => "F32",
        Dtype.Float64 => "F64",
        Dtype.Bool => "BOOL",
        Dtype.BFloat16 => "BF16",
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "no such element type"),
    };

    public static Dtype? FromSafetensorsName(string name) => name switch
    {
        "U8" => Dtype.UInt8,
        "I8" => Dtype.Int8,
        "I16" => Dtype.Int16,
        "I32" => Dtype.Int32,
        "I64" => Dtype.Int64,
        "F16" => Dtype.Float16,
        "F32" => Dtype.Float32,
        "F64" => Dtype.Float64,
        "BOOL" => Dtype.Bool,
        "BF16" => Dtype.BFloat16,
        _ => null,
    };
}
