using Fovea.Imaging;

namespace Fovea.Transforms;

/// <summary>
/// A transform that moves pixels. Boxes go through their four corners and are clipped; masks, label maps and depth go pixel by
/// pixel without mixing values; keypoints that leave the picture are no longer labelled; objects go by a <see cref="KeepRule"/>.
/// </summary>
/// <remarks>
/// A box that was cut, turned or bent is narrowed to the mask of its object where it has one; scaling, mirroring and shifting
/// keep boxes exactly.
/// </remarks>
public abstract class GeometricTransform : ITransform
{
    // More than any network or screen takes; what only a picture thousands of times as long as it is wide comes to.
    private const long MaxGrownPixels = 1L << 28;

    private protected GeometricTransform(ImageSize from, ImageSize to)
    {
        if (from.Width < 1 || from.Height < 1 || to.Width < 1 || to.Height < 1)
            throw new ArgumentException($"found a transform from {from} to {to}, expected at least one pixel each way");
        From = from;
        To = to;
    }

    /// <summary>The size of picture it is for.</summary>
    public ImageSize From { get; }

    /// <summary>The size of picture it gives.</summary>
    public ImageSize To { get; }

    /// <summary>Where points go, in pixels; null when no projection says it.</summary>
    public abstract Projection? Placement { get; }

    /// <inheritdoc/>
    public abstract ITransform? Inverse { get; }

    /// <summary>Which objects stay.</summary>
    public KeepRule Keep { get; init; } = KeepRule.Default;

    /// <summary>Whether left and right change places.</summary>
    private protected virtual bool Mirrors => false;

    /// <summary>Whether rows and columns stay straight, so that a box stays as tight as it was.</summary>
    private protected virtual bool KeepsBoxes => Placement is { IsAxisAligned: true };

    /// <inheritdoc/>
    public Scene Apply(Scene scene)
    {
        if (scene.Image.Size != From)
            throw new ArgumentException($"{scene.Name}: found a picture of {scene.Image.Size}, expected {From}, for which the transform was made", nameof(scene));
        if (scene.Annotation.Map is { } given && given.Size != From)
            throw new DataException(scene.Name, "label map", $"{given.Size}", $"{From}, the size of the picture");
        if (scene.Depth is { } field && field.Size != From)
            throw new DataException(scene.Name, "depth", $"{field.Size}", $"{From}, the size of the picture");
        CheckRoom(scene);
        var dropped = 0;
        var instances = scene.Annotation.Instances is { } objects ? MapAll(objects, scene, out dropped) : null;
        return scene with
        {
            Image = Map(scene.Image),
            Depth = scene.Depth is { } depth ? MapDepth(depth) : null,
            Annotation = scene.Annotation with { Instances = instances, Map = scene.Annotation.Map is { } map ? MapLabels(map) : null },
            Placement = Placement is { } step && scene.Placement is { } before ? step * before : null,
            DroppedObjects = scene.DroppedObjects + dropped,
        };
    }

    private void CheckRoom(Scene scene)
    {
        var pixels = (long)To.Height * To.Width;
        if (pixels > MaxGrownPixels && pixels > (long)From.Height * From.Width)
            throw new DataException(scene.Name, "size", $"{From}, which would be scaled to {To}", $"a picture that does not grow beyond {MaxGrownPixels} pixels; its sides are too different");
    }

    /// <summary>Where a box goes, not clipped.</summary>
    public abstract Box Map(Box box);

    /// <summary>Where a point goes.</summary>
    public abstract (double X, double Y) Map(double x, double y);

    private protected abstract Image Map(Image image);

    private protected abstract RunLengthMask Map(RunLengthMask mask);

    /// <summary>For every pixel of the result the value of one pixel of the source, or of the outside.</summary>
    private protected abstract T[] Pick<T>(ReadOnlySpan<T> source, T outside) where T : unmanaged;

    private LabelMap MapLabels(LabelMap map) => new(To, Pick<byte>(map.Values, LabelMap.Ignore)) { Objects = map.Objects is { } objects ? Pick<ushort>(objects, 0) : null };

    private Image MapDepth(Image depth)
    {
        var target = new Image(To, 1, PixelType.UInt16);
        Pick<ushort>(depth.AsSpan<ushort>(), 0).CopyTo(target.AsSpan<ushort>());
        return target;
    }

    private List<Instance> MapAll(IReadOnlyList<Instance> objects, Scene scene, out int dropped)
    {
        var kept = new List<Instance>(objects.Count);
        foreach (var item in objects)
        {
            var whole = Map(item.Box);
            var box = whole.Clip(To);
            if (!Keep.Keeps(whole, box, To))
                continue;
            RunLengthMask? mask = null;
            if (item.Mask is { } given)
            {
                if (given.Size != From)
                    throw new DataException(scene.Name, $"mask of object {item.Id ?? item.Box.ToString()}", $"{given.Size}", $"{From}, the size of the picture");
                mask = Map(given);
                if (mask.Area == 0)
                    continue;
                if (box != whole || !KeepsBoxes)
                    box = Narrow(box, mask.BoundingBox);
                if (box.IsEmpty)
                    continue;
            }

            kept.Add(item with { Box = box, Mask = mask, Area = null, Keypoints = Map(item.Keypoints, scene.KeypointMirror) });
        }

        dropped = objects.Count - kept.Count;
        return kept;
    }

    private Box Narrow(Box box, Box mask) => KeepsBoxes
        ? new Box(Math.Max(box.X1, mask.X1), Math.Max(box.Y1, mask.Y1), Math.Min(box.X2, mask.X2), Math.Min(box.Y2, mask.Y2))
        : mask;

    private Keypoint[]? Map(IReadOnlyList<Keypoint>? points, IReadOnlyList<int>? mirror)
    {
        if (points is null)
            return null;
        var mapped = new Keypoint[points.Count];
        for (var i = 0; i < mapped.Length; i++)
        {
            var at = Mirrors && mirror is not null ? mirror[i] : i;
            if (points[i].Visibility == 0)
                continue;
            var (x, y) = Map(points[i].X, points[i].Y);
            if (x >= 0 && y >= 0 && x <= To.Width && y <= To.Height)
                mapped[at] = new Keypoint((float)x, (float)y, points[i].Visibility);
        }

        return mapped;
    }
}
