using Fovea.Transforms.Augmentations;

namespace Fovea.Transforms;

/// <summary>The values that a recipe gives to the parameters of a transform.</summary>
internal sealed class ParameterValues
{
    private readonly string transform;
    private readonly IReadOnlyDictionary<string, object?> values;

    /// <exception cref="FoveaException">A name is no parameter of the transform.</exception>
    public ParameterValues(TransformEntry entry, IReadOnlyDictionary<string, object?> values)
    {
        transform = entry.Name;
        this.values = values;
        var known = entry.Parameters.Select(static parameter => parameter.Name).ToList();
        if (values.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw new FoveaException($"transform '{transform}': found parameter '{unknown}', expected {(known.Count == 0 ? "none" : string.Join(", ", known))}{NearestName.Suggest(unknown, known)}");
    }

    /// <exception cref="FoveaException">The value is not of the parameter's kind, or is needed and not there.</exception>
    public T Get<T>(Parameter<T> parameter)
    {
        if (values.TryGetValue(parameter.Name, out var value) && value is not null)
        {
            return parameter.Read(value, out var result)
                ? result
                : throw new FoveaException($"transform '{transform}': {parameter.Name}: found {Parameter.Show(value)}, expected {parameter.Kind}");
        }

        return parameter.Default is not null
            ? parameter.DefaultValue!
            : throw new FoveaException($"transform '{transform}': {parameter.Name}: found nothing, expected {parameter.Kind}");
    }

    /// <summary>The augmentation, applied as often as the parameter says.</summary>
    public IAugmentation Sometimes(Parameter<double> probability, IAugmentation augmentation) =>
        Get(probability) is < 1 and var share ? new Sometimes(share, augmentation) : augmentation;
}
