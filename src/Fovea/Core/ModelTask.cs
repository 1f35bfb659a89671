namespace Fovea;

/// <summary>What a network says about an image.</summary>
public enum ModelTask
{
    /// <summary>One class for the image.</summary>
    Classification,

    /// <summary>Any number of classes for the image, each a question of its own.</summary>
    MultiLabel,

    /// <summary>Boxes with classes.</summary>
    Detection,

    /// <summary>Boxes with classes and masks.</summary>
    Instance,

    /// <summary>A class for every pixel.</summary>
    Semantic,
}
