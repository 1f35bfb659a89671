namespace Fovea.Training.Recipes;

/// <summary>Says that a key has a meaning only for some values of another key beside it, and is an error with the rest.</summary>
/// <param name="names">Those values, as written in YAML.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OnlyForAttribute(params string[] names) : Attribute
{
    public IReadOnlyList<string> Names => names;

    /// <summary>The property of the other key.</summary>
    public string Of { get; init; } = "Name";
}

/// <summary>The range of a number, or of every number of a list.</summary>
/// <param name="minimum">The least value.</param>
/// <param name="maximum">The greatest value.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WithinAttribute(double minimum, double maximum = double.PositiveInfinity) : Attribute
{
    public double Minimum => minimum;

    public double Maximum => maximum;

    /// <summary>Whether the least value itself is not allowed.</summary>
    public bool Above { get; init; }

    public bool Allows(double value) => (Above ? value > minimum : value >= minimum) && value <= maximum;

    public override string ToString() => FormattableString.Invariant(double.IsPositiveInfinity(maximum)
        ? $"{(Above ? "above" : "at least")} {minimum}"
        : (FormattableString)$"{(Above ? "above " : "")}{minimum} to {maximum}");
}

/// <summary>How many entries a list must have.</summary>
/// <param name="counts">The allowed numbers of entries.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CountsAttribute(params int[] counts) : Attribute
{
    public IReadOnlyList<int> Counts => counts;
}
