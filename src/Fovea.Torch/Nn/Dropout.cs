namespace Fovea.Torch.Nn;

/// <summary>In training sets each element to zero with a probability and scales the others so that the mean stays; else does nothing.</summary>
/// <param name="probability">Share of the elements dropped, 0 to 1.</param>
public sealed class Dropout(double probability = 0.5) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => IsTraining ? Aten.Dropout(input, probability, true) : input;
}

/// <summary>Drops whole channels of images <c>[N, C, H, W]</c> in training.</summary>
/// <param name="probability">Share of the channels dropped, 0 to 1.</param>
public sealed class Dropout2d(double probability = 0.5) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => IsTraining ? Aten.FeatureDropout(input, probability, true) : input;
}

/// <summary>Drops whole channels of volumes <c>[N, C, D, H, W]</c> in training.</summary>
/// <param name="probability">Share of the channels dropped, 0 to 1.</param>
public sealed class Dropout3d(double probability = 0.5) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => IsTraining ? Aten.FeatureDropout(input, probability, true) : input;
}
