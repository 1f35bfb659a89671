namespace Fovea.Imaging;

/// <summary>What lies outside a picture.</summary>
public enum BorderMode
{
    /// <summary>A colour.</summary>
    Constant,

    /// <summary>The nearest edge pixel.</summary>
    Replicate,

    /// <summary>The picture mirrored at the centre of its edge pixels, which are not repeated.</summary>
    Reflect,
}
