using Fovea.Imaging;
using Fovea.Transforms.Kernels;

namespace Fovea.Transforms.Augmentations;

/// <summary>
/// Shifts the colour of a whole picture along the principal colours of the training data (Krizhevsky, Sutskever and Hinton,
/// "ImageNet classification with deep convolutional neural networks", 2012, section 4.1): what changes is the colour and the
/// strength of the light, not what is seen.
/// </summary>
/// <param name="std">Standard deviation of the share of each length that is gone along its direction.</param>
/// <param name="colours">The principal colours; null to find them in the training pictures, see <see cref="Fit"/>.</param>
public sealed class RandomColourShift(double std, PrincipalColours? colours) : IFittedAugmentation
{
    private static readonly Parameter<double> Std = Parameter.Number("std", 0.1, "Standard deviation of the shift along each principal colour, as a share of its length.", 0, 100);
    private static readonly Parameter<ColourSource> Colours = Parameter.Choice("colours", ColourSource.Imagenet, "Whose principal colours: those of ImageNet, or those of the training data.");

    internal static TransformEntry Entry { get; } = new("pca_colour", "Shifts all colours along the principal colours of the data (AlexNet's colour augmentation).", [Std, Colours],
        static values => new RandomColourShift(values.Get(Std), values.Get(Colours) == ColourSource.Imagenet ? PrincipalColours.ImageNet : null));

    /// <summary>The principal colours, or null before they are found.</summary>
    public PrincipalColours? Found => colours;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The principal colours have not been found yet.</exception>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var principal = colours ?? throw new InvalidOperationException("the principal colours of the training data are not known yet");
        return principal.Shift([std * random.NextNormal(), std * random.NextNormal(), std * random.NextNormal()]);
    }

    /// <inheritdoc/>
    public IAugmentation Fit(IEnumerable<Image> pictures) => colours is null ? new RandomColourShift(std, ColourCovariance.Principal(pictures)) : this;
}

/// <summary>Whose principal colours are taken.</summary>
public enum ColourSource
{
    /// <summary>Those of ImageNet.</summary>
    Imagenet,

    /// <summary>Those of the training data.</summary>
    Data,
}
