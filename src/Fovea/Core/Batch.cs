using Fovea.Torch;

namespace Fovea;

/// <summary>Pictures ready for a network, with their targets. Dispose it when the step is done.</summary>
public sealed class Batch : IDisposable
{
    /// <summary>The pictures, normalised, padded at the bottom and right to one size: <c>[N, C, H, W]</c> float32.</summary>
    public required Tensor Images { get; init; }

    /// <summary>Where every picture came from and how it maps back; N entries.</summary>
    public required IReadOnlyList<ImageOrigin> Origins { get; init; }

    /// <summary>Class of every picture, <c>[N]</c> int64, or soft targets <c>[N, K]</c> float32, or of several classes each 1 where it is true; null when this is no classification.</summary>
    public Tensor? Labels { get; init; }

    /// <summary>Class of every pixel, <c>[N, H, W]</c> int64 with 255 to ignore (padding too), or null.</summary>
    public Tensor? Maps { get; init; }

    /// <summary>Weight of every pixel in a cross entropy, <c>[N, H, W]</c> float32 with 0 for padding; null where they weigh alike.</summary>
    public Tensor? PixelWeights { get; init; }

    /// <summary>The objects of every picture in network pixels, N entries, or null.</summary>
    public IReadOnlyList<DetectionTarget>? Targets { get; init; }

    /// <summary>The samples as loaded (in original pixels), for evaluation; N entries.</summary>
    public IReadOnlyList<Sample> Samples { get; init; } = [];

    /// <summary>Number of pictures.</summary>
    public int Count => Origins.Count;

    /// <summary>The batch on a device; itself when it is there already.</summary>
    public Batch To(Device device)
    {
        if (Images.Device == device)
            return this;
        return new Batch
        {
            Images = Images.To(device),
            Origins = Origins,
            Labels = Labels?.To(device),
            Maps = Maps?.To(device),
            PixelWeights = PixelWeights?.To(device),
            Targets = Targets?.Select(t => t.To(device)).ToList(),
            Samples = Samples,
        };
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Images.Dispose();
        Labels?.Dispose();
        Maps?.Dispose();
        PixelWeights?.Dispose();
        foreach (var target in Targets ?? [])
            target.Dispose();
    }
}

/// <summary>The objects of one picture of a batch, in network pixels. Zero objects are legal everywhere.</summary>
/// <param name="Boxes"><c>[M, 4]</c> float32, x1 y1 x2 y2.</param>
/// <param name="Labels"><c>[M]</c> int64, indices of the <see cref="LabelSpace"/>, from 0.</param>
/// <param name="Masks"><c>[M, h, w]</c> uint8 of 0 and 1 at the picture's network size, or null.</param>
public sealed record DetectionTarget(Tensor Boxes, Tensor Labels, Tensor? Masks = null) : IDisposable
{
    /// <summary>The target on a device.</summary>
    public DetectionTarget To(Device device) => new(Boxes.To(device), Labels.To(device), Masks?.To(device));

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Boxes.Dispose();
        Labels.Dispose();
        Masks?.Dispose();
    }
}
