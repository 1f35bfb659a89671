namespace Fovea.Torch.Nn;

/// <summary>The larger of 0 and x.</summary>
/// <param name="inPlace">Whether the input is overwritten, which saves memory where nothing else needs it. While any hook
/// listens on any layer the input is left alone, so that hooks see what the layers gave.</param>
public sealed class ReLU(bool inPlace = false) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => inPlace && !HasHooks ? input.ReluInPlace() : input.Relu();
}
