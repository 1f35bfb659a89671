namespace Fovea.Torch.Serialization;

/// <summary>What the file formats call the element types, and how wide they are.</summary>
internal static class DtypeFormat
{
    public static int Size(Dtype dtype) => dtype switch
    {
        Dtype.UInt8 or Dtype.Int8 or Dtype.Bool => 1,
        Dtype.Int16 or Dtype.Float16 or Dtype.BFloat16 => 2,
        Dtype.Int32 or Dtype.Float32 => 4,
        Dtype.Int64 or Dtype.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "no such element type"),
    };

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

    /// <summary>The element type of a .NET type, or null when tensors have none like it.</summary>
    public static Dtype? FromType(Type type) =>
        type == typeof(byte) ? Dtype.UInt8 :
        type == typeof(sbyte) ? Dtype.Int8 :
        type == typeof(short) ? Dtype.Int16 :
        type == typeof(int) ? Dtype.Int32 :
        type == typeof(long) ? Dtype.Int64 :
        type == typeof(Half) ? Dtype.Float16 :
        type == typeof(float) ? Dtype.Float32 :
        type == typeof(double) ? Dtype.Float64 :
        type == typeof(bool) ? Dtype.Bool : null;
}
