using Fovea.Torch;

namespace Fovea.Models.Detection;

/// <summary>The objects found in one image, as the reference implementation gives them.</summary>
/// <param name="Boxes"><c>[K, 4]</c> float32 x1 y1 x2 y2, pixels of the image that the network saw.</param>
/// <param name="Scores"><c>[K]</c> float32, 0 to 1, highest first.</param>
/// <param name="Labels"><c>[K]</c> int64, numbers of the network's outputs (0 is background where the head has one).</param>
/// <param name="Masks"><c>[K, m, m]</c> float32 probabilities within each box, or null.</param>
public sealed record RawDetections(Tensor Boxes, Tensor Scores, Tensor Labels, Tensor? Masks = null)
{
    /// <summary>Moves the tensors out of a scope.</summary>
    internal RawDetections KeepIn(TensorScope scope)
    {
        scope.Keep(Boxes);
        scope.Keep(Scores);
        scope.Keep(Labels);
        if (Masks is not null)
            scope.Keep(Masks);
        return this;
    }
}
