using Fovea.Transforms.Augmentations;

namespace Fovea.Transforms;

/// <summary>Makes transforms by the names that recipes use.</summary>
public static class TransformFactory
{
    /// <summary>Every transform of recipes, in the order documentation shows them.</summary>
    public static IReadOnlyList<TransformEntry> Entries { get; } =
    [
        ResizeRule.Entry, ShorterSideRule.Entry, RandomShorterSide.Entry, LetterboxRule.Entry, CentreCropRule.Entry, PadRule.Entry,
        RandomFlip.HorizontalEntry, RandomFlip.VerticalEntry, RandomQuarterTurn.Entry,
        RandomCrop.Entry, RandomClassCrop.Entry, RandomResizedCrop.Entry, IouCrop.Entry, RandomExpand.Entry,
        RandomAffine.Entry, RandomPerspective.Entry, RandomElastic.Entry,
        ColourJitter.Entry, RandomColourShift.Entry, GreyscaleRule.Entry, RandomBlur.Entry, RandomNoise.Entry, RandomErasing.Entry, Cutout.Entry,
    ];

    /// <summary>Makes a transform.</summary>
    /// <param name="name">Its name, such as <c>random_resized_crop</c>.</param>
    /// <param name="parameters">Values by parameter name: numbers, texts, or lists of them; what is left out has its default.</param>
    /// <exception cref="FoveaException">There is no such transform or parameter (the nearest known name is offered), or a value is of the wrong kind.</exception>
    public static IAugmentation Create(string name, IReadOnlyDictionary<string, object?> parameters)
    {
        var entry = Entries.FirstOrDefault(entry => entry.Name == name);
        if (entry is null)
        {
            var known = Entries.Select(static entry => entry.Name).ToList();
            throw new FoveaException($"transform '{name}' is not known, expected one of {string.Join(", ", known)}{NearestName.Suggest(name, known)}");
        }

        return entry.Build(new ParameterValues(entry, parameters));
    }
}
