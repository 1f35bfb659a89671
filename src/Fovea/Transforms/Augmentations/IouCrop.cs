namespace Fovea.Transforms.Augmentations;

/// <summary>
/// Cuts out a window that overlaps some object by a random least IoU (Liu et al., "SSD", 2016, section 2.2): one of 0, 0.1, 0.3,
/// 0.5, 0.7, 0.9, or the whole picture. Objects stay when their centre is inside. A picture without objects stays whole.
/// </summary>
/// <param name="scale">Least and greatest share of the picture's sides; null for 0.3 to 1.</param>
/// <param name="ratio">Least and greatest width over height; null for 0.5 to 2.</param>
/// <param name="trials">Windows tried for each IoU before another IoU is drawn.</param>
public sealed class IouCrop((double Low, double High)? scale = null, (double Low, double High)? ratio = null, int trials = 40) : IAugmentation
{
    // Some pictures admit no window at all; then the picture stays whole, as it does for one option of seven anyway.
    private const int MaxOptions = 30;

    private static readonly double[] Options = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1];
    private static readonly Parameter<(double Low, double High)> Scale = Parameter.Range("scale", 0.3, 1, "Least and greatest share of the picture's sides.", 0.01, 1);
    private static readonly Parameter<(double Low, double High)> Ratio = Parameter.Range("ratio", 0.5, 2, "Least and greatest width over height of the window.", 0.01, 100);
    private static readonly Parameter<int> Trials = Parameter.Whole("trials", 40, "Windows tried for each IoU before another IoU is drawn.", 1);

    private readonly (double Low, double High) scale = scale ?? (0.3, 1);
    private readonly (double Low, double High) ratio = ratio ?? (0.5, 2);

    internal static TransformEntry Entry { get; } = new("iou_crop", "Cuts out a window that overlaps some object by a random least IoU (SSD's crop).", [Scale, Ratio, Trials],
        static values => new IouCrop(values.Get(Scale), values.Get(Ratio), values.Get(Trials)));

    /// <inheritdoc/>
    public ITransform Sample(Scene scene, RandomStream random)
    {
        var (from, objects) = (scene.Image.Size, scene.Annotation.Instances ?? []);
        for (var attempt = 0; attempt < MaxOptions && objects.Count > 0; attempt++)
        {
            var least = Options[random.NextInt(Options.Length)];
            if (least >= 1)
                break;
            for (var trial = 0; trial < trials; trial++)
            {
                if (Window(from, random) is { } window && Overlap(window, objects) is { } overlap && overlap >= least)
                    return new Crop(from, (int)window.X1, (int)window.Y1, new ImageSize((int)window.Height, (int)window.Width)) { Keep = new KeepRule(0, CentreInside: true) };
            }
        }

        return Sequence.Nothing;
    }

    private Box? Window(ImageSize from, RandomStream random)
    {
        var (width, height) = ((int)(from.Width * random.Uniform(scale.Low, scale.High)), (int)(from.Height * random.Uniform(scale.Low, scale.High)));
        if (width < 1 || height < 1 || (double)width / height < ratio.Low || (double)width / height > ratio.High)
            return null;
        return Box.FromSize((int)((from.Width - width) * random.NextDouble()), (int)((from.Height - height) * random.NextDouble()), width, height);
    }

    private static double? Overlap(Box window, IReadOnlyList<Instance> objects)
    {
        double? best = null;
        foreach (var item in objects)
        {
            var (x, y) = ((item.Box.X1 + item.Box.X2) / 2, (item.Box.Y1 + item.Box.Y2) / 2);
            if (x > window.X1 && x < window.X2 && y > window.Y1 && y < window.Y2)
                best = Math.Max(best ?? 0, item.Box.IoU(window));
        }

        return best;
    }
}
