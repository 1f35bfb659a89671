using System.Globalization;
using Fovea.Training.Recipes;
using Fovea.Transforms;

namespace Fovea.Training;

/// <summary>Makes the transforms that a recipe lists.</summary>
internal static class TransformBuilder
{
    /// <exception cref="FoveaException">A transform or parameter is not known, or a value is of the wrong kind; the message says where it was written.</exception>
    public static Pipeline Create(IReadOnlyList<TransformStep> steps) => new([.. steps.Select(Create)]);

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
