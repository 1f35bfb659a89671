namespace Fovea.Torch;

/// <summary>A single number as an operator takes it: an integer, a real or a truth value.</summary>
public readonly struct Scalar
{
    private readonly double real;
    private readonly long integer;
    private readonly Native.ValueKind kind;

    private Scalar(double real, long integer, Native.ValueKind kind)
    {
        this.real = real;
        this.integer = integer;
        this.kind = kind;
    }

    /// <summary>From an integer.</summary>
    public static implicit operator Scalar(long value) => new(value, value, Native.ValueKind.Int);

    /// <summary>From an integer.</summary>
    public static implicit operator Scalar(int value) => new(value, value, Native.ValueKind.Int);

    /// <summary>From a real number.</summary>
    public static implicit operator Scalar(double value) => new(value, 0, Native.ValueKind.Double);

    /// <summary>From a real number.</summary>
    public static implicit operator Scalar(float value) => new(value, 0, Native.ValueKind.Double);

    /// <summary>From a truth value.</summary>
    public static implicit operator Scalar(bool value) => new(value ? 1 : 0, value ? 1 : 0, Native.ValueKind.Bool);

    /// <summary>The value as a real number.</summary>
    public double ToDouble() => real;

    internal Native.NativeValue ToNative() => kind == Native.ValueKind.Double ? Native.NativeValue.Of(real) : Native.NativeValue.OfInteger(kind, integer);

    /// <inheritdoc/>
    public override string ToString() => real.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
