namespace Fovea.Torch;

/// <content>C# operators, broadcasting as libtorch does.</content>
public sealed partial class Tensor
{
#pragma warning disable CA2225 // every operator has its named method among the generated ones
    /// <summary>Sum.</summary>
    public static Tensor operator +(Tensor left, Tensor right) => left.Add(right);

    /// <summary>Sum.</summary>
    public static Tensor operator +(Tensor left, Scalar right) => left.Add(right);

    /// <summary>Sum.</summary>
    public static Tensor operator +(Scalar left, Tensor right) => right.Add(left);

    /// <summary>Difference.</summary>
    public static Tensor operator -(Tensor left, Tensor right) => left.Sub(right);

    /// <summary>Difference.</summary>
    public static Tensor operator -(Tensor left, Scalar right) => left.Sub(right);

    /// <summary>Difference.</summary>
    public static Tensor operator -(Scalar left, Tensor right) => right.Rsub(left);

    /// <summary>Negative.</summary>
    public static Tensor operator -(Tensor value) => value.Neg();

    /// <summary>Element-wise product.</summary>
    public static Tensor operator *(Tensor left, Tensor right) => left.Mul(right);

    /// <summary>Product.</summary>
    public static Tensor operator *(Tensor left, Scalar right) => left.Mul(right);

    /// <summary>Product.</summary>
    public static Tensor operator *(Scalar left, Tensor right) => right.Mul(left);

    /// <summary>Element-wise quotient.</summary>
    public static Tensor operator /(Tensor left, Tensor right) => left.Div(right);

    /// <summary>Quotient.</summary>
    public static Tensor operator /(Tensor left, Scalar right) => left.Div(right);

    /// <summary>Quotient.</summary>
    public static Tensor operator /(Scalar left, Tensor right)
    {
        using var scope = new TensorScope();
        return scope.Keep(right.Reciprocal().Mul(left));
    }

    /// <summary>Remainder with the sign of the divisor.</summary>
    public static Tensor operator %(Tensor left, Tensor right) => left.Remainder(right);

    /// <summary>Remainder with the sign of the divisor.</summary>
    public static Tensor operator %(Tensor left, Scalar right) => left.Remainder(right);

    /// <summary>Where left is less; a tensor of truth values.</summary>
    public static Tensor operator <(Tensor left, Tensor right) => left.Lt(right);

    /// <summary>Where left is less; a tensor of truth values.</summary>
    public static Tensor operator <(Tensor left, Scalar right) => left.Lt(right);

    /// <summary>Where left is greater; a tensor of truth values.</summary>
    public static Tensor operator >(Tensor left, Tensor right) => left.Gt(right);

    /// <summary>Where left is greater; a tensor of truth values.</summary>
    public static Tensor operator >(Tensor left, Scalar right) => left.Gt(right);

    /// <summary>Where left is less or equal; a tensor of truth values.</summary>
    public static Tensor operator <=(Tensor left, Tensor right) => left.Le(right);

    /// <summary>Where left is less or equal; a tensor of truth values.</summary>
    public static Tensor operator <=(Tensor left, Scalar right) => left.Le(right);

    /// <summary>Where left is greater or equal; a tensor of truth values.</summary>
    public static Tensor operator >=(Tensor left, Tensor right) => left.Ge(right);

    /// <summary>Where left is greater or equal; a tensor of truth values.</summary>
    public static Tensor operator >=(Tensor left, Scalar right) => left.Ge(right);

    /// <summary>Logical or bitwise and.</summary>
    public static Tensor operator &(Tensor left, Tensor right) => left.BitwiseAnd(right);

    /// <summary>Logical or bitwise or.</summary>
    public static Tensor operator |(Tensor left, Tensor right) => left.BitwiseOr(right);

    /// <summary>Logical or bitwise exclusive or.</summary>
    public static Tensor operator ^(Tensor left, Tensor right) => left.BitwiseXor(right);

    /// <summary>Logical or bitwise complement.</summary>
    public static Tensor operator ~(Tensor value) => value.BitwiseNot();
#pragma warning restore CA2225
}
