namespace Fovea.Imaging.Drawing;

/// <summary>How objects are drawn.</summary>
public sealed record DrawingStyle
{
    /// <summary>The style used when none is given.</summary>
    public static DrawingStyle Default { get; } = new();

    /// <summary>Length of the longer side of the drawn picture in pixels, such as the cell of a sheet it is for; null keeps the
    /// picture's own size, but enlarges small ones until details can be seen.</summary>
    public double? LongestSide { get; init; }

    /// <summary>Size of text in pixels of the drawing; null goes by the drawing's size.</summary>
    public double? FontSize { get; init; }

    /// <summary>How strongly masks and label maps cover the picture, 0 to 1.</summary>
    public double MaskOpacity { get; init; } = 0.45;

    /// <summary>Whether names stand at objects; null leaves them out, for a legend below, where they would hide the picture.</summary>
    public bool? ShowLabels { get; init; }

    /// <summary>Whether boxes are drawn; null leaves them out where every object has a mask.</summary>
    public bool? ShowBoxes { get; init; }

    /// <summary>Detections below this score are not drawn.</summary>
    public double MinimumScore { get; init; }

    /// <summary>Pairs of keypoint numbers that are joined by lines; see <see cref="KeypointDrawing.CocoPerson"/>.</summary>
    public IReadOnlyList<(int From, int To)> Skeleton { get; init; } = [];

    internal double ScaleFor(ImageSize size)
    {
        double longest = Math.Max(size.Width, size.Height);
        return LongestSide / longest ?? Math.Max(1, Math.Round(480 / longest));
    }

    internal double FontSizeFor(double width, double height) => FontSize ?? Math.Clamp(Math.Min(width, height) / 32, 11, 60);
}
