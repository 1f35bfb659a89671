namespace Fovea.Transforms.Augmentations;

/// <summary>
/// The size rule of a <see cref="Preprocessing"/>, for training, evaluation and prediction alike. Letterboxes are filled with
/// grey 114; a centre crop larger than the picture is filled with black.
/// </summary>
/// <param name="preprocessing">What the network expects.</param>
public sealed class PreprocessingRule(Preprocessing preprocessing) : IAugmentation
{
    /// <summary>The transform for a size of picture.</summary>
    /// <exception cref="FoveaException">The record lacks a number that its rule needs.</exception>
    public ITransform For(ImageSize size) => preprocessing.SizeRule switch
    {
        SizeRule.Keep => Sequence.Nothing,
        SizeRule.Exact => new Resize(size, Fixed(), preprocessing.Interpolation),
        SizeRule.ShorterSideThenCrop => ShorterThenCrop(size),
        SizeRule.ShorterLonger => new Resize(
            size,
            SizeRules.ShorterLonger(size, Positive(preprocessing.ShorterSide, nameof(Preprocessing.ShorterSide)), Positive(preprocessing.LongerSide, nameof(Preprocessing.LongerSide))),
            preprocessing.Interpolation),
        SizeRule.Letterbox => SizeSteps.Letterbox(size, Fixed(), preprocessing.Interpolation, Fill.LetterboxGrey),
        _ => throw new FoveaException($"preprocessing: found size rule {preprocessing.SizeRule}, expected one of {string.Join(", ", Enum.GetNames<SizeRule>())}"),
    };

    /// <inheritdoc/>
    public bool IsFixed => true;

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random) => For(scene.Image.Size);

    private Sequence ShorterThenCrop(ImageSize size)
    {
        var inner = SizeRules.Shorter(size, Positive(preprocessing.ShorterSide, nameof(Preprocessing.ShorterSide)));
        return new Sequence(new Resize(size, inner, preprocessing.Interpolation), SizeSteps.CentreCrop(inner, Fixed()));
    }

    private ImageSize Fixed() => new(
        Positive(preprocessing.Height, nameof(Preprocessing.Height)), Positive(preprocessing.Width, nameof(Preprocessing.Width)));

    private int Positive(int value, string name) => value > 0
        ? value
        : throw new FoveaException($"preprocessing: {name}: found {value}, expected at least 1 pixel, because the size rule is {preprocessing.SizeRule}");
}
