using Fovea.Imaging;

namespace Fovea.Transforms.Augmentations;

/// <summary>An augmentation that has to see the training pictures before it can draw.</summary>
public interface IFittedAugmentation : IAugmentation
{
    /// <summary>The augmentation as it fits the pictures; itself when it needs none.</summary>
    /// <param name="pictures">Training pictures, RGB of 8 bits; enumerated once at most.</param>
    IAugmentation Fit(IEnumerable<Image> pictures);
}
