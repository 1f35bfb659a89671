using System.Globalization;

namespace Fovea.Imaging.Drawing;

/// <summary>Draws what is known or predicted about an image over the image.</summary>
public static class ObjectDrawing
{
    /// <summary>Draws an annotation: class, objects with boxes, masks and keypoints, and label map, whatever there is.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="annotation">What is known about it.</param>
    /// <param name="labels">The classes.</param>
    /// <param name="style">How; <see cref="DrawingStyle.Default"/> when null.</param>
    public static SvgCanvas Draw(Image image, Annotation annotation, LabelSpace labels, DrawingStyle? style = null)
    {
        var objects = annotation.Instances?.Select(item => new Item(item.Label, item.Box, labels[item.Label], item.Mask, item.Keypoints, item.IsCrowd || item.IsDifficult));
        var headlines = annotation.ImageLabels.Select(label => (Palette.Of(label), labels[label]));
        return Draw(image, [.. objects ?? []], annotation.Map, [.. headlines], labels, style ?? DrawingStyle.Default);
    }

    /// <summary>Draws a prediction: the likeliest classes, detections with scores and masks, and label map, whatever there is.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="prediction">What a network says about it.</param>
    /// <param name="labels">The classes.</param>
    /// <param name="style">How; <see cref="DrawingStyle.Default"/> when null.</param>
    public static SvgCanvas Draw(Image image, Prediction prediction, LabelSpace labels, DrawingStyle? style = null)
    {
        style ??= DrawingStyle.Default;
        var objects = (prediction.Detections ?? []).Where(found => found.Score >= style.MinimumScore)
            .Select(found => new Item(found.Label, found.Box, string.Create(CultureInfo.InvariantCulture, $"{labels[found.Label]} {found.Score:0.00}"), found.Mask, null, false));
        return Draw(image, [.. objects], prediction.Map, Likeliest(prediction, labels, style), labels, style);
    }

    // Of one class the three likeliest; of several all that are answered yes.
    private static (Colour Colour, string Text)[] Likeliest(Prediction prediction, LabelSpace labels, DrawingStyle style) => prediction.Probabilities is not { } probabilities ? [] :
    [
        .. probabilities.Select((value, label) => (value, label)).OrderByDescending(static pair => pair.value)
            .Take(prediction.IsMultiLabel ? probabilities.Length : 3).Where(pair => pair.value >= (prediction.IsMultiLabel ? style.MinimumScore : 0.01))
            .Select(pair => (Palette.Of(pair.label), string.Create(CultureInfo.InvariantCulture, $"{labels[pair.label]} {pair.value:0.00}"))),
    ];

    private static SvgCanvas Draw(Image image, List<Item> items, LabelMap? map, (Colour Colour, string Text)[] headlines, LabelSpace labels, DrawingStyle style)
    {
        var scale = style.ScaleFor(image.Size);
        var (width, height) = (image.Width * scale, image.Height * scale);
        var font = style.FontSizeFor(width, height);
        // Many objects of the only class: their colours tell them apart, and the name belongs below.
        var byObject = labels.Count == 1 && items.Count > 1;
        var showLabels = style.ShowLabels ?? !(IsCrowded(items, font, width * height) || (byObject && items.All(item => item.Text == labels[0])));
        var legend = LegendFor(items, map, labels, showLabels, byObject, font, width);
        var canvas = new SvgCanvas(width, height + (legend.Height > 0 ? legend.Height + font * 0.8 : 0));
        var ground = map is null ? image : LabelMapDrawing.Blend(image, map, style.MaskOpacity);
        canvas.Picture(ground, 0, 0, width, height, smooth: scale < 4);

        var scene = new SvgCanvas(width, height);
        DrawShapes(scene, items, byObject, scale, font, style);
        if (showLabels)
            DrawLabels(scene, items, byObject, mayOmit: style.ShowLabels is null, scale, font);
        DrawHeadlines(scene, headlines, font);
        canvas.Place(scene, 0, 0);
        legend.Draw(canvas, font * 0.4, height + font * 0.4);
        return canvas;
    }

    private static void DrawShapes(SvgCanvas scene, List<Item> items, bool byObject, double scale, double font, DrawingStyle style)
    {
        var line = Math.Max(1.5, font / 8);
        var showBoxes = style.ShowBoxes ?? items.Any(static item => item.Mask is null);
        // Large objects first, so that small ones stay visible upon them.
        foreach (var (item, index) in items.Select(static (item, index) => (item, index)).OrderByDescending(static pair => pair.item.Box.Area))
        {
            var colour = Palette.Of(byObject ? index : item.Label);
            if (item.Mask is { } mask)
                scene.Polygon(mask.ToContours(), colour, colour, line * 0.7, style.MaskOpacity, scale);
            if (showBoxes || item.Mask is null)
                DrawBox(scene, item, colour, scale, line);
            if (item.Keypoints is { } points)
                KeypointDrawing.Draw(scene, points, style.Skeleton, colour, scale, line);
        }
    }

    private static void DrawBox(SvgCanvas scene, Item item, Colour colour, double scale, double line)
    {
        var box = item.Box;
        var (x1, y1, x2, y2) = (box.X1 * scale, box.Y1 * scale, box.X2 * scale, box.Y2 * scale);
        if (item.IsFaint)
        {
            scene.Polyline([(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)], colour, line, dash: SvgCanvas.N(line * 3) + " " + SvgCanvas.N(line * 2));
            return;
        }

        // A dark line below lets the coloured one stand out on any ground.
        scene.Rectangle(x1, y1, x2 - x1, y2 - y1, null, Colour.Black, line + 1.5, 0.4);
        scene.Rectangle(x1, y1, x2 - x1, y2 - y1, null, colour, line);
    }

    private static void DrawLabels(SvgCanvas scene, List<Item> items, bool byObject, bool mayOmit, double scale, double font)
    {
        var placer = new LabelPlacer(scene.Width, scene.Height);
        var named = new HashSet<int>();
        foreach (var (item, index) in items.Select(static (item, index) => (item, index)))
        {
            var text = TextWidth.Fit(item.Text, font, scene.Width - font * 0.6);
            var (width, height) = (TextWidth.Of(text, font) + font * 0.6, font * 1.35);
            // In a cluster one name is enough: the colour says the rest.
            var place = placer.Place(item.Box.X1 * scale, item.Box.Y1 * scale, item.Box.X2 * scale, item.Box.Y2 * scale, width, height,
                mayOmit && named.Contains(item.Label));
            if (place is not { } at)
                continue;
            named.Add(item.Label);
            Chip(scene, at.X, at.Y, width, height, text, font, Palette.Of(byObject ? index : item.Label));
        }
    }

    private static void DrawHeadlines(SvgCanvas scene, (Colour Colour, string Text)[] headlines, double font)
    {
        var y = font * 0.4;
        foreach (var (colour, headline) in headlines)
        {
            var text = TextWidth.Fit(headline, font, scene.Width - font * 1.4);
            Chip(scene, font * 0.4, y, TextWidth.Of(text, font) + font * 0.6, font * 1.35, text, font, colour);
            y += font * 1.5;
        }
    }

    private static void Chip(SvgCanvas scene, double x, double y, double width, double height, string text, double font, Colour colour)
    {
        scene.Rectangle(x, y, width, height, colour, opacity: 0.92, radius: font * 0.15);
        scene.Text(x + font * 0.3, y + height - font * 0.36, text, font, colour.Contrast);
    }

    private static bool IsCrowded(List<Item> items, double font, double area) =>
        items.Sum(item => TextWidth.Of(item.Text, font) + font * 0.6) * font * 1.35 > area * 0.12;

    private static Legend LegendFor(List<Item> items, LabelMap? map, LabelSpace labels, bool showLabels, bool byObject, double font, double width)
    {
        if (map is not null)
            return new Legend(LabelMapDrawing.Shares(map, labels), font, width - font * 0.8);
        var entries = showLabels ? [] : items.GroupBy(static item => item.Label).OrderBy(static group => group.Key)
            .Select(group => (byObject ? Colour.Ink : Palette.Of(group.Key), $"{labels[group.Key]} ({group.Count()})"));
        return new Legend(entries, font, width - font * 0.8);
    }

    private sealed record Item(int Label, Box Box, string Text, RunLengthMask? Mask, IReadOnlyList<Keypoint>? Keypoints, bool IsFaint);
}
