using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// Deep Residual Learning for Image Recognition (He et al., CVPR 2016): <see cref="ResNet"/>, the mean over the image, one
/// linear layer. <c>[N, 3, H, W]</c> to <c>[N, K]</c>. Keys of torchvision. Names with <c>cifar_</c> are the thin ones of
/// section 4.2 for 32x32 (<see cref="CifarResNet"/>), with zeros in the shortcuts or, called <c>_b</c>, projections.
/// </summary>
public sealed class ResNetClassifier : ImageClassifier
{
    private readonly AdaptiveAvgPool2d pool = new(1);
    private readonly Flatten flatten = new();
    private readonly string headName;
    private readonly Linear head;
    private readonly DropBlock2d[] drops;

    /// <summary>Puts a classifier on a backbone.</summary>
    /// <param name="backbone">The backbone, whose last stage is classified.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="headName">What the weights call the linear layer.</param>
    public ResNetClassifier(Backbone backbone, int classes, string headName = "fc")
    {
        Backbone = Child("", backbone);
        this.headName = headName;
        drops = [.. backbone.NamedModules().Select(static m => m.Value).OfType<DropBlock2d>()];
        head = Child(headName, new Linear(backbone.Features[^1].Channels, classes));
        Preprocessing = PublishedInput.Centre(backbone.InChannels);
    }

    /// <summary>The published depths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry(18, 11_689_512), Entry(34, 21_797_672), Entry(50, 25_557_032), Entry(101, 44_549_160), Entry(152, 60_192_808),
        .. Cifar(20, 269_722), .. Cifar(32, 464_154), .. Cifar(44, 658_586), .. Cifar(56, 853_018), .. Cifar(110, 1_727_962),
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => [headName + "."];

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require(Backbone.GetType().Name, images, Backbone.InChannels, 1, "there is nothing to see");
        using var scope = new TensorScope();
        return scope.Keep(head.Consume(flatten.Forward(pool.Consume(Backbone.Last(images)))));
    }

    /// <summary>Lets more and more cells be dropped: less would be learnt in the beginning otherwise (Ghiasi et al. 2018, section 3).</summary>
    /// <inheritdoc/>
    public override void Progress(double done)
    {
        foreach (var drop in drops)
            drop.Strength = done;
    }

    /// <summary>A network that is varied as the options say.</summary>
    internal static ResNetClassifier Build<T>(int depth, ResNetOptions layout, ModelOptions options, T published, string headName = "fc") where T : ResNetVariation =>
        new(ResNet.OfDepth(depth, options.Varied(published).Apply(layout) with { InChannels = options.InChannels }), options.Outputs, headName);

    private static ModelEntry Entry(int depth, long parameters) => new(
        $"resnet{depth}", ModelTask.Classification, "He et al., Deep Residual Learning for Image Recognition", 2016, 1000, parameters,
        options => Build(depth, new ResNetOptions(), options, ResNetVariation.Published))
    {
        Variation = ResNetVariation.Published, Backbone = options => ResNet.OfDepth(depth, new ResNetOptions().As(options)),
    };

    private static IEnumerable<ModelEntry> Cifar(int depth, long parameters)
    {
        yield return CifarEntry($"cifar_resnet{depth}", depth, ResNetShortcut.ZeroPadding, parameters);
        // The two projections, 16 to 32 and 32 to 64 channels, with their norms.
        yield return CifarEntry($"cifar_resnet{depth}_b", depth, ResNetShortcut.Projection, parameters + 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64);
    }

    private static ModelEntry CifarEntry(string name, int depth, ResNetShortcut shortcut, long parameters) => new(
        name, ModelTask.Classification, "He et al., Deep Residual Learning for Image Recognition", 2016, 10, parameters,
        options =>
        {
            var variation = options.Varied(ResNetVariation.Published with { Shortcut = shortcut });
            return new ResNetClassifier(new CifarResNet(depth, variation.Shortcut, options.InChannels, variation.Apply(new ResNetOptions())), options.Outputs, "linear")
            {
                Preprocessing = PublishedInput.Exact(options.InChannels, 32),
            };
        })
    {
        Weights = ["safetensors", "PyTorch .pth"],
        Variation = ResNetVariation.Published with { Shortcut = shortcut },
        Backbone = options => new CifarResNet(depth, shortcut, options.InChannels),
    };
}
