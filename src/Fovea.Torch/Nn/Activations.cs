namespace Fovea.Torch.Nn;

/// <summary>A function of every element that may take the input's place in memory.</summary>
/// <param name="inPlace">Whether the input is overwritten, which saves memory where nothing else needs it. While any hook
/// listens on any layer the input is left alone, so that hooks see what the layers gave.</param>
public abstract class Activation(bool inPlace) : Layer
{
    /// <inheritdoc/>
    protected sealed override Tensor Compute(Tensor input)
    {
        if (IsRectifier && RectifierScope.Current is { } scope)
            return scope.Apply(input, Apply);
        return inPlace && !HasHooks ? Overwrite(input) : Apply(input);
    }

    /// <summary>Whether it is 0 or small for all negative numbers and about x for positive ones, so that a <see cref="RectifierScope"/> means it.</summary>
    private protected virtual bool IsRectifier => false;

    private protected abstract Tensor Apply(Tensor input);

    private protected abstract Tensor Overwrite(Tensor input);
}

/// <summary>The larger of 0 and x.</summary>
/// <param name="inPlace">Whether the input is overwritten.</param>
public sealed class ReLU(bool inPlace = false) : Activation(inPlace)
{
    private protected override bool IsRectifier => true;

    private protected override Tensor Apply(Tensor input) => input.Relu();

    private protected override Tensor Overwrite(Tensor input) => input.ReluInPlace();
}

/// <summary>x between 0 and 6, else the nearer of them.</summary>
/// <param name="inPlace">Whether the input is overwritten.</param>
public sealed class ReLU6(bool inPlace = false) : Activation(inPlace)
{
    private protected override bool IsRectifier => true;

    private protected override Tensor Apply(Tensor input) => input.Hardtanh(0, 6);

    private protected override Tensor Overwrite(Tensor input) => input.HardtanhInPlace(0, 6);
}

/// <summary>x where positive, else a fraction of it.</summary>
/// <param name="slope">The fraction; 0.01 in PyTorch, 0.1 in Darknet.</param>
/// <param name="inPlace">Whether the input is overwritten.</param>
public sealed class LeakyReLU(double slope = 0.01, bool inPlace = false) : Activation(inPlace)
{
    private protected override bool IsRectifier => true;

    private protected override Tensor Apply(Tensor input) => input.LeakyRelu(slope);

    private protected override Tensor Overwrite(Tensor input) => input.LeakyReluInPlace(slope);
}

/// <summary>x where positive, else α·(exp(x) − 1) (Clevert et al. 2016).</summary>
/// <param name="alpha">Minus the limit towards minus infinity, α.</param>
/// <param name="inPlace">Whether the input is overwritten.</param>
public sealed class ELU(double alpha = 1, bool inPlace = false) : Activation(inPlace)
{
    private protected override bool IsRectifier => true;

    private protected override Tensor Apply(Tensor input) => input.Elu(alpha);

    private protected override Tensor Overwrite(Tensor input) => input.EluInPlace(alpha);
}

/// <summary>x·σ(x), also called swish (Elfwing et al. 2018).</summary>
/// <param name="inPlace">Whether the input is overwritten.</param>
public sealed class SiLU(bool inPlace = false) : Activation(inPlace)
{
    private protected override bool IsRectifier => true;

    private protected override Tensor Apply(Tensor input) => input.Silu();

    private protected override Tensor Overwrite(Tensor input) => input.SiluInPlace();
}

/// <summary>x·tanh(softplus(x)) (Misra 2020).</summary>
/// <param name="inPlace">Whether the input is overwritten.</param>
public sealed class Mish(bool inPlace = false) : Activation(inPlace)
{
    private protected override bool IsRectifier => true;

    private protected override Tensor Apply(Tensor input) => input.Mish();

    private protected override Tensor Overwrite(Tensor input) => input.Dtype == Dtype.Float32 ? input.MishInPlace() : Apply(input);
}

/// <summary>x·relu6(x + 3)/6 (Howard et al. 2019).</summary>
/// <param name="inPlace">Whether the input is overwritten.</param>
public sealed class Hardswish(bool inPlace = false) : Activation(inPlace)
{
    private protected override bool IsRectifier => true;

    private protected override Tensor Apply(Tensor input) => input.Hardswish();

    private protected override Tensor Overwrite(Tensor input) => input.HardswishInPlace();
}

/// <summary>1/(1 + exp(−x)).</summary>
/// <param name="inPlace">Whether the input is overwritten.</param>
public sealed class Sigmoid(bool inPlace = false) : Activation(inPlace)
{
    private protected override Tensor Apply(Tensor input) => input.Sigmoid();

    private protected override Tensor Overwrite(Tensor input) => input.SigmoidInPlace();
}

/// <summary>The hyperbolic tangent.</summary>
/// <param name="inPlace">Whether the input is overwritten.</param>
public sealed class Tanh(bool inPlace = false) : Activation(inPlace)
{
    private protected override Tensor Apply(Tensor input) => input.Tanh();

    private protected override Tensor Overwrite(Tensor input) => input.TanhInPlace();
}

/// <summary>The self-normalising exponential unit (Klambauer et al. 2017).</summary>
public sealed class SELU : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.Selu();
}

/// <summary>x·Φ(x) with the normal distribution function (Hendrycks &amp; Gimpel 2016), exact or by a hyperbolic tangent.</summary>
/// <param name="approximate">Whether the tangent's approximation is used.</param>
public sealed class GELU(bool approximate = false) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.Gelu(approximate ? "tanh" : "none");
}

/// <summary>relu6(x + 3)/6.</summary>
public sealed class Hardsigmoid : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.Hardsigmoid();
}

/// <summary>x between two bounds, else the nearer of them.</summary>
/// <param name="lowest">Lower bound.</param>
/// <param name="highest">Upper bound.</param>
public sealed class Hardtanh(double lowest = -1, double highest = 1) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.Hardtanh(lowest, highest);
}

/// <summary>log(1 + exp(β·x))/β.</summary>
/// <param name="beta">Sharpness, β.</param>
/// <param name="threshold">Above this β·x the result is x itself.</param>
public sealed class Softplus(double beta = 1, double threshold = 20) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.Softplus(beta, threshold);
}

/// <summary>log σ(x).</summary>
public sealed class LogSigmoid : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.LogSigmoid();
}

/// <summary>exp(x)/Σexp(x) along a dimension.</summary>
/// <param name="dimension">The dimension that sums to 1.</param>
public sealed class Softmax(int dimension) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.Softmax(dimension);
}

/// <summary>The logarithm of the softmax along a dimension.</summary>
/// <param name="dimension">The dimension whose exponentials sum to 1.</param>
public sealed class LogSoftmax(int dimension) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => input.LogSoftmax(dimension);
}
