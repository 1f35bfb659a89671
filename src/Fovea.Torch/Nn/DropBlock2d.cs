namespace Fovea.Torch.Nn;

/// <summary>
/// In training sets square blocks of feature maps <c>[N, C, H, W]</c> to zero and scales the rest so that the sum stays (Ghiasi,
/// Lin and Le, "DropBlock: a regularization method for convolutional networks", 2018, algorithm 1), as torchvision computes it;
/// else does nothing. A block takes away what its neighbours would still tell, which single zeros do not.
/// </summary>
/// <param name="probability">Share of the elements dropped, 0 to 1.</param>
/// <param name="blockSize">Side of a block, odd; blocks are no larger than the map.</param>
public sealed class DropBlock2d(double probability, int blockSize) : Layer
{
    private const double Epsilon = 1e-6;

    private readonly int blockSize = blockSize > 0 && blockSize % 2 == 1
        ? blockSize
        : throw new FoveaException($"drop block: found blocks of {blockSize} elements, expected an odd number of at least 1");

    /// <summary>Factor on the probability, 0 to 1, by which it can rise in the course of a training.</summary>
    public double Strength { get; set; } = 1;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input)
    {
        if (!IsTraining || probability * Strength == 0)
            return input;
        var (height, width) = (input.Shape[2], input.Shape[3]);
        var smaller = Math.Min(height, width);
        var side = Math.Min(blockSize, smaller % 2 == 1 ? smaller : smaller - 1);
        if (side < 1)
            return input;
        var (rows, columns, half) = (height - side + 1, width - side + 1, side / 2);
        var centres = probability * Strength * height * width / ((double)side * side * rows * columns);
        var noise = Tensor.Empty([input.Shape[0], input.Shape[1], rows, columns], input.Dtype, input.Device).BernoulliInPlace(Math.Min(1, centres));
        var dropped = noise.ConstantPadNd([half, half, half, half]).MaxPool2d([side, side], [1, 1], [half, half]);
        var kept = 1 - dropped;
        return input * kept * (kept.Count / (kept.Sum() + Epsilon));
    }
}
