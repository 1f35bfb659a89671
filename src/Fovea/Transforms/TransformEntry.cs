namespace Fovea.Transforms;

/// <summary>A parameter of a transform of recipes.</summary>
/// <param name="Name">Its name in snake case.</param>
/// <param name="Kind">What it may be: "a number from 0 to 1".</param>
/// <param name="Default">What it is when left out, as a recipe writes it; null when it must be given.</param>
/// <param name="Summary">What it does, with its unit.</param>
public abstract record TransformParameter(string Name, string Kind, string? Default, string Summary);

/// <summary>A transform of recipes: its name, what it does, and its parameters.</summary>
public sealed class TransformEntry
{
    internal TransformEntry(string name, string summary, IReadOnlyList<TransformParameter> parameters, Func<ParameterValues, IAugmentation> build)
    {
        Name = name;
        Summary = summary;
        Parameters = parameters;
        Build = build;
    }

    /// <summary>Its name in snake case.</summary>
    public string Name { get; }

    /// <summary>What it does.</summary>
    public string Summary { get; }

    /// <summary>Its parameters.</summary>
    public IReadOnlyList<TransformParameter> Parameters { get; }

    internal Func<ParameterValues, IAugmentation> Build { get; }
}
