using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>What methods may be told; each takes what concerns it.</summary>
public sealed record ExplanationOptions
{
    /// <summary>The layer of the CAM family; null for <see cref="LayerChoice.Default(Subject)"/>.</summary>
    public NamedLayer? Layer { get; init; }

    /// <summary>Side of occlusion's square in pixels; null for a sixth of the shorter side.</summary>
    public int? Patch { get; init; }

    /// <summary>Pixels between occlusion's places; null for a third of the square.</summary>
    public int? Stride { get; init; }

    /// <summary>Noisy copies of SmoothGrad.</summary>
    public int Samples { get; init; } = 24;

    /// <summary>Points of integrated gradients.</summary>
    public int Steps { get; init; } = 32;

    /// <summary>Whether Grad-CAM++ divides α by its sum, as its authors' program does.</summary>
    public bool NormalisedAlpha { get; init; }
}

/// <summary>A way to explain a score by the picture.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Title">What it is called.</param>
/// <param name="BoxThreshold">Share of a map's greatest value above which the object is thought to be, from its paper; null where none is said.</param>
/// <param name="Compute">The map <c>[h, w]</c>, or an image of gradients <c>[C, H, W]</c>; in the caller's scope.</param>
public sealed record ExplanationMethod(string Name, string Title, double? BoxThreshold, Func<Subject, ExplanationOptions, Tensor> Compute)
{
    /// <summary>Whether it looks at <see cref="ExplanationOptions.Layer"/>.</summary>
    public bool HasLayer { get; init; }

    /// <summary>All methods, in the order of a sheet.</summary>
    public static IReadOnlyList<ExplanationMethod> All { get; } =
    [
        new("saliency", "saliency", null, static (subject, _) => Saliency.Map(subject)),
        new("smoothgrad", "SmoothGrad", null, static (subject, options) => SmoothGrad.Map(subject, options.Samples)),
        new("gradient-x-input", "gradient × input", null, static (subject, _) => GradientTimesInput.Shares(subject)),
        new("integrated-gradients", "integrated gradients", null, static (subject, options) => IntegratedGradients.Shares(subject, options.Steps)),
        new("guided", "guided backpropagation", null, static (subject, _) => GuidedBackpropagation.Gradient(subject)),
        new("deconvnet", "deconvnet", null, static (subject, _) => DeconvNet.Gradient(subject)),
        // The thresholds of the boxes in section 3.1 of the CAM paper and section 4.1 of the Grad-CAM paper.
        new("cam", "CAM", 0.2, static (subject, _) => ClassActivationMap.Map(subject)),
        new("gradcam", "Grad-CAM", 0.15, static (subject, options) => GradCam.Map(subject, options.Layer)) { HasLayer = true },
        new("gradcam++", "Grad-CAM++", 0.15, static (subject, options) => GradCamPlusPlus.Map(subject, options.Layer, options.NormalisedAlpha)) { HasLayer = true },
        new("hirescam", "HiResCAM", null, static (subject, options) => HiResCam.Map(subject, options.Layer)) { HasLayer = true },
        new("guided-gradcam", "guided Grad-CAM", null, static (subject, options) => GuidedGradCam.Gradient(subject, options.Layer)) { HasLayer = true },
        new("occlusion", "occlusion", null, static (subject, options) => Occlude(subject, options)),
    ];

    /// <summary>The method of a name.</summary>
    /// <exception cref="FoveaException">There is none; the message offers the nearest.</exception>
    public static ExplanationMethod Find(string name) => All.FirstOrDefault(method => method.Name == name)
        ?? throw new FoveaException($"method: found '{name}', expected one of {string.Join(", ", All.Select(static method => method.Name))}{NearestName.Suggest(name, All.Select(static method => method.Name))}");

    /// <summary>The heat of every pixel of the network's picture, <c>[H, W]</c>: maps enlarged, gradients by their absolute sum over the channels.</summary>
    /// <param name="raw">What <see cref="Compute"/> gave.</param>
    /// <param name="size">Size of the network's picture.</param>
    public static Tensor Heat(Tensor raw, ImageSize size)
    {
        using var scope = new TensorScope();
        var map = raw.Rank == 3 ? raw.Sum([0]).Abs() : raw;
        return scope.Keep(map.Shape[0] == size.Height && map.Shape[1] == size.Width ? map.Clone() : LayerMaps.Enlarge(map, size));
    }

    private static Tensor Occlude(Subject subject, ExplanationOptions options)
    {
        var side = options.Patch ?? Math.Max(1, Math.Min(subject.Size.Height, subject.Size.Width) / 6);
        return Occlusion.Loss(subject, side, options.Stride ?? Math.Max(1, side / 3));
    }
}
