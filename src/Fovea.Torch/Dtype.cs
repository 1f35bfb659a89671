namespace Fovea.Torch;

/// <summary>The element types of tensors, with libtorch's own numbers.</summary>
public enum Dtype : sbyte
{
    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 0,

    /// <summary>Signed 8-bit integer.</summary>
    Int8 = 1,

    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 2,

    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 3,

    /// <summary>Signed 64-bit integer; the type of indices and class numbers.</summary>
    Int64 = 4,

    /// <summary>IEEE half precision.</summary>
    Float16 = 5,

    /// <summary>IEEE single precision; the default type of weights and images.</summary>
    Float32 = 6,

    /// <summary>IEEE double precision; the type of gradient checks.</summary>
    Float64 = 7,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 11,

    /// <summary>The upper 16 bits of single precision.</summary>
    BFloat16 = 15,
}
