using Fovea.Torch;

namespace Fovea;

/// <summary>The named parts of a loss, each a scalar tensor, in the order they are shown.</summary>
public sealed class LossTerms
{
    private readonly List<KeyValuePair<string, Tensor>> terms = [];

    /// <summary>The parts with their names.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Terms => terms;

    /// <summary>Appends a part.</summary>
    /// <param name="name">Short name, such as <c>loss_box_reg</c>.</param>
    /// <param name="value">A scalar tensor, already weighted.</param>
    /// <returns>This.</returns>
    public LossTerms Add(string name, Tensor value)
    {
        terms.Add(KeyValuePair.Create(name, value));
        return this;
    }

    /// <summary>Lets the parts outlive a scope.</summary>
    /// <param name="scope">The scope that they were made in.</param>
    /// <returns>This.</returns>
    public LossTerms KeepIn(TensorScope scope)
    {
        foreach (var (_, value) in terms)
            scope.Keep(value);
        return this;
    }

    /// <summary>The sum of the parts: what is differentiated.</summary>
    public Tensor Total() => terms.Select(t => t.Value).Aggregate((a, b) => a + b);
}
