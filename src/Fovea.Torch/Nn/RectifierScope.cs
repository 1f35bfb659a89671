namespace Fovea.Torch.Nn;

/// <summary>What a rectifier hands back in place of its gradient, to show what a unit looks for.</summary>
public enum RectifierRule
{
    /// <summary>
    /// The gradient where it is positive and the rectifier let its input through: g·1[g &gt; 0]·f'(x) (Springenberg et al. 2015,
    /// Striving for Simplicity, section 3.4).
    /// </summary>
    Guided,

    /// <summary>
    /// The positive part of the gradient, whatever the input was: g·1[g &gt; 0], the signal itself being rectified on its way down
    /// (Zeiler, Fergus 2014, Visualizing and Understanding Convolutional Networks, section 2.1).
    /// </summary>
    Deconvolution,
}

/// <summary>
/// While open, rectifiers that run on this thread are recorded with another backward. Networks stay as they are: nothing is
/// registered anywhere, and what was recorded goes with its graph.
/// </summary>
/// <remarks>
/// Rectifiers are <see cref="ReLU"/>, <see cref="ReLU6"/>, <see cref="LeakyReLU"/>, <see cref="ELU"/>, <see cref="SiLU"/>, <see cref="Mish"/> and <see cref="Hardswish"/>.
/// Max pools need no rule: their backward puts values back at the switches as it is.
/// </remarks>
public sealed class RectifierScope : IDisposable
{
    [ThreadStatic]
    private static RectifierScope? current;

    private readonly RectifierScope? outer;
    private readonly RectifierRule rule;

    /// <summary>Opens the scope.</summary>
    /// <param name="rule">What rectifiers hand back.</param>
    public RectifierScope(RectifierRule rule)
    {
        this.rule = rule;
        outer = current;
        current = this;
    }

    /// <summary>How many rectifiers ran so far; 0 says that the network has none and the rule changes nothing.</summary>
    public int Rectifiers { get; private set; }

    internal static RectifierScope? Current => current;

    /// <summary>Closes the scope; what was recorded keeps the rule.</summary>
    public void Dispose() => current = outer;

    internal Tensor Apply(Tensor input, Func<Tensor, Tensor> function)
    {
        Rectifiers++;
        return rule == RectifierRule.Guided
            ? new PositiveGradient(static output => output.Clone()).Apply(function(input))[0]
            : new PositiveGradient(function).Apply(input)[0];
    }

    private sealed class PositiveGradient(Func<Tensor, Tensor> function) : AutogradFunction
    {
        protected override Tensor[] Forward(IReadOnlyList<Tensor> inputs) => [function(inputs[0])];

        protected override Tensor?[] Backward(IReadOnlyList<Tensor?> gradients) => [gradients[0]?.ClampMin(0)];
    }
}
