using System.Globalization;
using Fovea.Data;
using Fovea.Imaging;
using Fovea.Training.Recipes;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Training;

/// <summary>Makes the transforms that a recipe lists.</summary>
internal static class TransformBuilder
{
    /// <exception cref="FoveaException">A transform or parameter is not known, or a value is of the wrong kind; the message says where it was written.</exception>
    public static Pipeline Create(IReadOnlyList<TransformStep> steps) => new([.. steps.Select(Create)]);

    /// <summary>Lets the augmentations see the training pictures that have to.</summary>
    /// <param name="pipeline">The transforms of training.</param>
    /// <param name="dataset">The training data; some hundred of its pictures tell enough.</param>
    /// <param name="skipBroken">Whether pictures that cannot be read are left out.</param>
    /// <exception cref="FoveaException">A picture cannot be read.</exception>
    public static Pipeline Fit(Pipeline pipeline, IDataset dataset, bool skipBroken)
    {
        const int most = 500;
        var read = Math.Min(dataset.Count, most);
        var pictures = Enumerable.Range(0, read).Select(i => Picture(dataset, (int)((long)i * dataset.Count / read), skipBroken)).OfType<Image>();
        return new Pipeline([.. pipeline.Augmentations.Select(augmentation => augmentation is IFittedAugmentation fitted ? fitted.Fit(pictures) : augmentation)]);
    }

    private static Image? Picture(IDataset dataset, int index, bool skipBroken)
    {
        try
        {
            return dataset.LoadImage(index);
        }
        catch (FoveaException) when (skipBroken)
        {
            // The loader will count it and say why.
            return null;
        }
    }

    private static IAugmentation Create(TransformStep step)
    {
        try
        {
            return TransformFactory.Create(step.Name, step.Parameters.ToDictionary(static p => p.Key, static p => Value(p.Value)));
        }
        catch (FoveaException e)
        {
            throw new FoveaException($"{step.Origin}: {e.Message}", e);
        }
    }

    private static object? Value(RecipeValue value) => value switch
    {
        { IsNull: true } => null,
        { Items: { } items } => items.Select(Value).ToList(),
        { Text: { } text } when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        { Text: { } text } => text,
        _ => throw new FoveaException($"{value.Origin}: found {value}, expected a number, a text or a list"),
    };
}
