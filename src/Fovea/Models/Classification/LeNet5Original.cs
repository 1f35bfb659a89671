using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>
/// Gradient-Based Learning Applied to Document Recognition (LeCun, Bottou, Bengio, Haffner, Proc. IEEE 1998), section II-B, as
/// printed: subsampling with a coefficient and a bias to learn, a third layer whose maps each see some of the second's (table
/// I), 1.7159·tanh(2x/3) after every layer, and for each class the squared distance of 84 values to a fixed drawing of it.
/// <c>[N, 1, 32, 32]</c> to <c>[N, K]</c>, the distances with a minus, so that cross entropy is equation 9 without its constant.
/// Keys <c>c1</c>, <c>s2</c>, <c>c3</c>, <c>s4</c>, <c>c5</c>, <c>f6</c>, <c>output</c>.
/// </summary>
public sealed class LeNet5Original : ImageClassifier
{
    private const int Side = 32;

    private readonly Linear f6;
    private readonly Squash squash = new();
    private readonly RadialOutput output;

    /// <summary>Creates the network.</summary>
    /// <param name="classes">Number of classes, K; ten are taken for the digits.</param>
    /// <param name="inChannels">Channels of the images.</param>
    public LeNet5Original(int classes = 10, int inChannels = 1)
    {
        Backbone = Child("", BackboneOf(inChannels));
        f6 = Child("f6", new Linear(120, RadialOutput.Width));
        output = Child("output", new RadialOutput(classes));
        Initialise(f6);
        var preprocessing = PublishedInput.Exact(inChannels, Side);
        // Ink becomes 1.175 and the ground -0.1, of pictures with light ink on dark ground.
        Preprocessing = inChannels == 1 ? preprocessing with { Mean = [0.1f / 1.275f], Std = [1 / 1.275f] } : preprocessing;
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("lenet5_1998", ModelTask.Classification, "LeCun et al., Gradient-Based Learning Applied to Document Recognition", 1998, 10, 60_000,
            static options => new LeNet5Original(options.Outputs, options.InChannels))
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
                Named("c1", new Conv2d(inChannels, 6, 5)), Named("squash1", new Squash()), Named("s2", new Subsampling(6)), Named("squash2", new Squash()),
                Named("c3", new PartialConvolution()), Named("squash3", new Squash()), Named("s4", new Subsampling(16)), Named("squash4", new Squash()),
                Named("c5", new Conv2d(16, 120, 5)), Named("squash5", new Squash())]),
            inChannels, new("squash1", 6, 1), new("squash3", 16, 2), new("squash5", 120, 4));
        Initialise(backbone);
        return backbone;
    }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images are not 32x32 or have other channels.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.RequireExactly("LeNet-5 of 1998", images, Backbone.InChannels, Side, $"since its third convolution sees one cell; set the preprocessing to size {Side}x{Side}");
        using var scope = new TensorScope();
        return scope.Keep(output.Consume(squash.Consume(f6.Consume(Backbone.Last(images).Flatten(1)))));
    }

    // Appendix: uniform within 2.4 through the number of values that a unit sees.
    private static void Initialise(Module part)
    {
        foreach (var (name, module) in part.NamedModules())
        {
            var seen = module switch
            {
                Conv2d convolution => Init.FanIn(convolution.Weight),
                Linear linear => Init.FanIn(linear.Weight),
                Subsampling => 4,
                PartialConvolution => 4 * 25,
                _ => 0L,
            };
            if (seen == 0)
                continue;
            foreach (var parameter in module.Parameters())
                Init.Uniform(parameter, 2.4 / seen);
        }
    }
}
