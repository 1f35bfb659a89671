namespace Fovea.Imaging.Drawing;

/// <summary>Draws the keypoints of an object and the lines between them.</summary>
public static class KeypointDrawing
{
    /// <summary>The skeleton of the 17 keypoints of a COCO person: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles.</summary>
    public static IReadOnlyList<(int From, int To)> CocoPerson { get; } =
    [
        (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10),
        (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
    ];

    /// <summary>Adds keypoints to a drawing; those not labelled are left out, hidden ones are hollow.</summary>
    /// <param name="canvas">The drawing.</param>
    /// <param name="points">Keypoints in pixels of the picture.</param>
    /// <param name="skeleton">Pairs of their numbers to join.</param>
    /// <param name="colour">Colour of the lines.</param>
    /// <param name="scale">Pixels of the drawing for one of the picture.</param>
    /// <param name="width">Width of the lines in pixels of the drawing.</param>
    public static void Draw(SvgCanvas canvas, IReadOnlyList<Keypoint> points, IReadOnlyList<(int From, int To)> skeleton, Colour colour, double scale, double width)
    {
        foreach (var (from, to) in skeleton)
        {
            if (from >= points.Count || to >= points.Count || points[from].Visibility == 0 || points[to].Visibility == 0)
                continue;
            var (a, b) = (points[from], points[to]);
            canvas.Line(a.X * scale, a.Y * scale, b.X * scale, b.Y * scale, Colour.Black, width + 1.5, 0.5);
            canvas.Line(a.X * scale, a.Y * scale, b.X * scale, b.Y * scale, colour, width);
        }

        foreach (var point in points)
        {
            if (point.Visibility == 0)
                continue;
            var isVisible = point.Visibility > 1;
            canvas.Circle(point.X * scale, point.Y * scale, width * 1.3, isVisible ? Colour.White : colour, isVisible ? Colour.Black : Colour.White, width * 0.5);
        }
    }
}
