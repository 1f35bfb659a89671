namespace Fovea.Transforms;

/// <summary>
/// A fixed change of a picture, applied to all parts of a scene alike: image, boxes, masks, keypoints, label map. It never
/// changes the scene it is given.
/// </summary>
public interface ITransform
{
    /// <summary>The transform that takes positions back, or null where there is none. Pixels come back as far as they survived.</summary>
    ITransform? Inverse { get; }

    /// <summary>Applies the change.</summary>
    /// <param name="scene">A scene of the size that the transform was made for.</param>
    /// <exception cref="ArgumentException">The scene's picture is of another size than the transform was made for.</exception>
    Scene Apply(Scene scene);
}

/// <summary>
/// A rule or a random choice that gives a fixed <see cref="ITransform"/> for a scene: what it draws can be looked at, applied
/// again, and inverted.
/// </summary>
public interface IAugmentation
{
    /// <summary>Whether nothing is drawn, so that a picture is treated the same every time; what evaluation and prediction may use.</summary>
    bool IsFixed => false;

    /// <summary>Chooses the transform for a scene.</summary>
    /// <param name="scene">The scene it will be applied to; its size and objects may matter.</param>
    /// <param name="random">The only source of chance.</param>
    ITransform Sample(Scene scene, RandomStream random);
}
