using Fovea.Models.Classification;
using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Any classifier of small pictures, slid over large ones: every so many pixels it judges the window around them, and its scores are
/// the pixels'. Slow, but a map from nothing but a trained classifier. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c> of any size; beyond the
/// image's edge its mirror image is seen. Keys of the classifier.
/// </summary>
public sealed class SlidingClassifier : SingleOutputSegmenter
{
    private const int WindowsAtOnce = 64;

    private readonly ImageClassifier classifier;
    private readonly int side;
    private readonly int step;

    /// <summary>Wraps a classifier, which is disposed with this.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="side">Side of the window, pixels.</param>
    /// <param name="step">Pixels from one window to the next; the scores of a window count for as many pixels around its centre.</param>
    public SlidingClassifier(ImageClassifier classifier, int side, int step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        this.classifier = Child("", classifier);
        (this.side, this.step) = (side, step);
        Preprocessing = classifier.Preprocessing with { SizeRule = SizeRule.Keep };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => classifier.HeadPrefixes;

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images)
    {
        using var scope = new TensorScope();
        var (height, width) = (images.Shape[2], images.Shape[3]);
        var (rows, columns) = ((height + step - 1) / step, (width + step - 1) / step);
        // The centre of a window is the middle of the pixels it counts for.
        var before = side / 2 - (step - 1) / 2;
        var seen = Mirror.Cut(images, -before, -before, (rows - 1) * step + side, (columns - 1) * step + side);
        var windows = Enumerable.Range(0, (int)(images.Shape[0] * rows * columns)).Chunk(WindowsAtOnce).Select(chunk => Judge(seen, chunk, rows, columns)).ToArray();
        var grid = Aten.Cat(windows).View([images.Shape[0], rows, columns, -1]).Permute([0, 3, 1, 2]);
        return scope.Keep(grid.RepeatInterleave(step, 2).RepeatInterleave(step, 3).Narrow(2, 0, height).Narrow(3, 0, width));
    }

    private Tensor Judge(Tensor seen, int[] windows, long rows, long columns)
    {
        using var scope = new TensorScope();
        var patches = windows.Select(i =>
        {
            var (image, row, column) = (i / (rows * columns), i / columns % rows, i % columns);
            return seen.Narrow(0, image, 1).Narrow(2, row * step, side).Narrow(3, column * step, side);
        }).ToArray();
        return scope.Keep(classifier.Logits(Aten.Cat(patches)));
    }
}
