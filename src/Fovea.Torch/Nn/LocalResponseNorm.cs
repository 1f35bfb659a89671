namespace Fovea.Torch.Nn;

/// <summary>
/// Divides by the activity of neighbouring channels (Krizhevsky et al. 2012, section 3.3), <c>[N, C, ...]</c>:
/// x / (k + α/n·Σx²)^β over n channels. As in PyTorch and Caffe α is divided by n, which the paper does not do.
/// </summary>
/// <param name="size">Number of channels, n; for an even number channels c − n/2 to c + n/2 − 1.</param>
/// <param name="alpha">Weight of the activity, α.</param>
/// <param name="beta">Exponent, β.</param>
/// <param name="k">Offset.</param>
public sealed class LocalResponseNorm(int size, double alpha = 1e-4, double beta = 0.75, double k = 1) : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        var planes = input.Square().Flatten(2).Unsqueeze(1);
        var padded = planes.ConstantPadNd([0, 0, size / 2, (size - 1) / 2]);
        var activity = padded.AvgPool2d([size, 1], [1, 1]).Squeeze(1).View(input.Shape);
        return input.Div((activity * alpha + k).Pow(beta));
    }
}
