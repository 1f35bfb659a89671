namespace Fovea;

/// <summary>The size of an image in pixels, height first as in <c>[N, C, H, W]</c>.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct ImageSize(int Height, int Width)
{
    /// <summary>Formats as "WIDTHxHEIGHT", the way people say it.</summary>
    public override string ToString() => $"{Width}x{Height}";
}
