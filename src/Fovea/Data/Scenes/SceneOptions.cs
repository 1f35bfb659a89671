namespace Fovea.Data.Scenes;

/// <summary>What generated scenes look like.</summary>
public sealed record SceneOptions
{
    /// <summary>Size of the pictures, pixels; at least 32 on each side.</summary>
    public ImageSize Size { get; init; } = new(160, 160);

    /// <summary>The shapes that occur, which are the classes in this order; any of <see cref="SceneShapes.Names"/>.</summary>
    public IReadOnlyList<string> Shapes { get; init; } = SceneShapes.Names;

    /// <summary>Least number of objects in a scene; 0 gives some scenes of background only.</summary>
    public int MinObjects { get; init; } = 1;

    /// <summary>Greatest number of objects in a scene; fewer fit when they would hide each other.</summary>
    public int MaxObjects { get; init; } = 5;

    /// <summary>Least radius of an object as a share of the shorter side of the picture.</summary>
    public double MinRadius { get; init; } = 0.07;

    /// <summary>Greatest radius of an object as a share of the shorter side of the picture.</summary>
    public double MaxRadius { get; init; } = 0.2;

    /// <summary>The share of an object that must stay visible behind others and within the picture, 0 to 1.</summary>
    public double MinVisible { get; init; } = 0.6;

    /// <summary>Standard deviation of the noise on every pixel, in grey levels.</summary>
    public double Noise { get; init; } = 5;
}
