using System.Runtime.InteropServices;
using Fovea.Torch;

namespace Fovea.Ops;

/// <summary>
/// Boxes of one image in a tensor, which know their format and the size of the image: two sets in different formats or of
/// different images cannot be mixed by mistake.
/// </summary>
public sealed class Boxes
{
    /// <summary>Wraps a tensor.</summary>
    /// <param name="values">[N, 4], floating point, pixels (continuous, half-open).</param>
    /// <param name="format">What the four numbers are.</param>
    /// <param name="imageSize">Size of the image the boxes lie in.</param>
    /// <exception cref="ArgumentException">The tensor has another shape or holds integers.</exception>
    public Boxes(Tensor values, BoxFormat format, ImageSize imageSize)
    {
        BoxOps.CheckBoxes(values, nameof(values));
        Values = values;
        Format = format;
        ImageSize = imageSize;
    }

    /// <summary>[N, 4], pixels.</summary>
    public Tensor Values { get; }

    /// <summary>What the four numbers are.</summary>
    public BoxFormat Format { get; }

    /// <summary>Size of the image the boxes lie in.</summary>
    public ImageSize ImageSize { get; }

    /// <summary>Number of boxes.</summary>
    public int Count => (int)Values.Shape[0];

    /// <summary>The boxes that indices [K] or a mask [N] pick.</summary>
    public Boxes this[Tensor selection] => new(Values[selection], Format, ImageSize);

    /// <summary>Single-precision boxes on the processor, in the format <see cref="BoxFormat.Xyxy"/>.</summary>
    public static Boxes Of(IReadOnlyList<Box> boxes, ImageSize imageSize) =>
        new(Tensor.FromSpan<float>(MemoryMarshal.Cast<Box, float>(boxes.ToArray()), [boxes.Count, 4]), BoxFormat.Xyxy, imageSize);

    /// <summary>The same boxes in another format.</summary>
    public Boxes To(BoxFormat format) => new(BoxOps.Convert(Values, Format, format), format, ImageSize);

    /// <summary>The same boxes on another device.</summary>
    public Boxes To(Device device) => new(Values.To(device), Format, ImageSize);

    /// <summary>Areas [N] in square pixels.</summary>
    public Tensor Area()
    {
        using var scope = new TensorScope();
        return scope.Keep(BoxOps.Area(BoxOps.Convert(Values, Format, BoxFormat.Xyxy)));
    }

    /// <summary>The parts inside the image, in the same format.</summary>
    public Boxes Clip() => Through(corners => BoxOps.Clip(corners, ImageSize), ImageSize);

    /// <summary>The boxes after the image was resized, each axis by its own factor.</summary>
    public Boxes Resize(ImageSize size) => Through(corners =>
    {
        var (x, y) = ((float)size.Width / ImageSize.Width, (float)size.Height / ImageSize.Height);
        return corners * Tensor.FromArray([x, y, x, y]).To(corners.Device, corners.Dtype);
    }, size);

    /// <summary>The boxes of the image flipped left to right.</summary>
    public Boxes FlipHorizontal() => Through(corners =>
        Aten.Stack([ImageSize.Width - corners[.., 2], corners[.., 1], ImageSize.Width - corners[.., 0], corners[.., 3]], 1), ImageSize);

    /// <summary>Overlap of each of these boxes with each other one of the same image, [N, M].</summary>
    /// <exception cref="ArgumentException">The other boxes are of an image of another size.</exception>
    public Tensor Overlap(BoxOverlap kind, Boxes other)
    {
        if (other.ImageSize != ImageSize)
            throw new ArgumentException($"found boxes of images {ImageSize} and {other.ImageSize}, expected one image", nameof(other));
        using var scope = new TensorScope();
        return scope.Keep(BoxOps.Overlap(kind, BoxOps.Convert(Values, Format, BoxFormat.Xyxy), BoxOps.Convert(other.Values, other.Format, BoxFormat.Xyxy)));
    }

    /// <summary>The boxes as values, from any device.</summary>
    public Box[] ToArray()
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var corners = BoxOps.Convert(Values, Format, BoxFormat.Xyxy).To(Dtype.Float32).ToArray<float>();
        return MemoryMarshal.Cast<float, Box>(corners).ToArray();
    }

    private Boxes Through(Func<Tensor, Tensor> change, ImageSize size)
    {
        using var scope = new TensorScope();
        var corners = change(BoxOps.Convert(Values, Format, BoxFormat.Xyxy));
        return new Boxes(scope.Keep(BoxOps.Convert(corners, BoxFormat.Xyxy, Format)), Format, size);
    }
}
