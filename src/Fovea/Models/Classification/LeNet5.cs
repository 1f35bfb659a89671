using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>
/// Gradient-Based Learning Applied to Document Recognition (LeCun, Bottou, Bengio, Haffner, Proc. IEEE 1998), section II-B, in
/// its modern form: every map of C3 sees every map of S2, means instead of trained subsampling, a linear output instead of
/// distances to drawn digits. <c>[N, 1, 28, 28]</c> to <c>[N, K]</c>; own keys <c>c1</c>, <c>c3</c>, <c>c5</c>, <c>f6</c>, <c>output</c>.
/// </summary>
public sealed class LeNet5 : ImageClassifier
{
    private const int Side = 28;

    private readonly Sequential head;

    /// <summary>Creates the network.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    public LeNet5(int classes = 10, int inChannels = 1)
    {
        Backbone = Child("", BackboneOf(inChannels));
        head = new Sequential(
            new Flatten(), Child("f6", new Linear(120, 84)), Child("s6", new Tanh(inPlace: true)), Child("output", new Linear(84, classes)));
        Initialise(head);
        var preprocessing = PublishedInput.Exact(inChannels, Side);
        // The mean and standard deviation of the MNIST digits.
        Preprocessing = inChannels == 1 ? preprocessing with { Mean = [0.1307f], Std = [0.3081f] } : preprocessing;
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("lenet5", ModelTask.Classification, "LeCun et al., Gradient-Based Learning Applied to Document Recognition", 1998, 10, 61_706,
            options => new LeNet5(options.Outputs, options.InChannels))
        {
            DefaultInChannels = 1, Weights = ["safetensors"], Backbone = static options => BackboneOf(options.InChannels),
        },
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["output."];

    /// <summary>The convolutions; maps at strides of about 1, 2 and 4.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone BackboneOf(int inChannels = 1)
    {
        var backbone = new LayeredBackbone(
            "",
            new Sequential([
                Named("c1", new Conv2d(inChannels, 6, 5, padding: 2)), Named("s1", new Tanh(inPlace: true)), Named("s2", new AvgPool2d(2)),
                Named("c3", new Conv2d(6, 16, 5)), Named("s3", new Tanh(inPlace: true)), Named("s4", new AvgPool2d(2)),
                Named("c5", new Conv2d(16, 120, 5)), Named("s5", new Tanh(inPlace: true))]),
            inChannels, new("s1", 6, 1), new("s3", 16, 2), new("s5", 120, 4));
        Initialise(backbone);
        return backbone;
    }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images are not 28x28 or have other channels.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.RequireExactly("LeNet-5", images, Backbone.InChannels, Side, $"since its third convolution sees one cell; set the preprocessing to size {Side}x{Side}");
        return head.Consume(Backbone.Last(images));
    }

    private static void Initialise(Module part)
    {
        foreach (var (name, tensor) in part.NamedParameters())
        {
            if (name.EndsWith("weight", StringComparison.Ordinal))
                Init.XavierUniform(tensor);
            else
                Init.Constant(tensor, 0);
        }
    }
}
