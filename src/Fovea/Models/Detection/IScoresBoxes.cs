using Fovea.Torch;

namespace Fovea.Models.Detection;

/// <summary>A detector that can say what it thinks of one box, so that it can be asked why.</summary>
public interface IScoresBoxes
{
    /// <summary>The score of a class in a box before the softmax or sigmoid; differentiable by the images.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>, normalised, resized and padded.</param>
    /// <param name="box">The box in network pixels, the same in every image.</param>
    /// <param name="label">The class, a number of the label space.</param>
    /// <returns><c>[N]</c>, in the caller's scope.</returns>
    Tensor BoxScores(Tensor images, Box box, int label);
}
