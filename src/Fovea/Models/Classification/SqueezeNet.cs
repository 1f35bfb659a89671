using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// SqueezeNet: AlexNet-Level Accuracy with 50x Fewer Parameters (Iandola et al., 2016): fire modules squeeze the channels by
/// 1x1 convolutions before the 3x3 ones see them, pools come late, and the mean of the last convolution's maps is the score.
/// Version 1.1 pools earlier and costs 2.4 times less. <c>[N, 3, H, W]</c> to <c>[N, K]</c>. The backbone gives
/// maps at strides of about 2, 4, 8 and 16. Keys of torchvision.
/// </summary>
public sealed class SqueezeNet : ImageClassifier
{
    private readonly int minimum;
    private readonly Sequential classifier;
    private readonly Flatten flatten = new();

    private SqueezeNet(LayeredBackbone backbone, int minimum, int classes, double dropout)
    {
        this.minimum = minimum;
        Backbone = Child("", backbone);
        var last = new Conv2d(backbone.Features[^1].Channels, classes, 1);
        classifier = Child("classifier", new Sequential(new Dropout(dropout), last, new ReLU(inPlace: true), new AdaptiveAvgPool2d(1)));
        Init.Constant(last.Bias!, 0);
        Init.Normal(last.Weight, 0, 0.01);
        Preprocessing = PublishedInput.Centre(backbone.InChannels);
    }

    /// <summary>The published versions.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("squeezenet1_0", 1_248_424, V1, V1Backbone), Entry("squeezenet1_1", 1_235_496, V11, V11Backbone),
    ];

    /// <inheritdoc/>
    public override Backbone Backbone { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["classifier.1."];

    /// <summary>The paper's network: 7x7 kernels first, pools after the first convolution and the third and seventh fire module.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="dropout">Share of the last maps' values dropped in training.</param>
    public static SqueezeNet V1(int classes = 1000, int inChannels = 3, double dropout = 0.5) => new(V1Backbone(inChannels), 21, classes, dropout);

    /// <summary>The paper's network without the classifier.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone V1Backbone(int inChannels = 3) => Initialised(
        new Sequential(
            new Conv2d(inChannels, 96, 7, stride: 2), new ReLU(inPlace: true), Halve(),
            new Fire(96, 16, 64), new Fire(128, 16, 64), new Fire(128, 32, 128), Halve(),
            new Fire(256, 32, 128), new Fire(256, 48, 192), new Fire(384, 48, 192), new Fire(384, 64, 256), Halve(),
            new Fire(512, 64, 256)),
        inChannels, new("features.1", 96, 2), new("features.5", 256, 4), new("features.10", 512, 8), new("features.12", 512, 16));

    /// <summary>Version 1.1: 3x3 kernels first, every pool two fire modules earlier.</summary>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="dropout">Share of the last maps' values dropped in training.</param>
    public static SqueezeNet V11(int classes = 1000, int inChannels = 3, double dropout = 0.5) => new(V11Backbone(inChannels), 17, classes, dropout);

    /// <summary>Version 1.1 without the classifier.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone V11Backbone(int inChannels = 3) => Initialised(
        new Sequential(
            new Conv2d(inChannels, 64, 3, stride: 2), new ReLU(inPlace: true), Halve(),
            new Fire(64, 16, 64), new Fire(128, 16, 64), Halve(),
            new Fire(128, 32, 128), new Fire(256, 32, 128), Halve(),
            new Fire(256, 48, 192), new Fire(384, 48, 192), new Fire(384, 64, 256), new Fire(512, 64, 256)),
        inChannels, new("features.1", 64, 2), new("features.4", 128, 4), new("features.7", 256, 8), new("features.12", 512, 16));

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images have other channels or a side below 21 pixels (17 for version 1.1).</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.Require("SqueezeNet", images, Backbone.InChannels, minimum, "three pools of 3x3 cells follow a step of 2, and none is left for the last of them below that");
        using var scope = new TensorScope();
        return scope.Keep(flatten.Forward(classifier.Consume(Backbone.Last(images))));
    }

    private static MaxPool2d Halve() => new(3, stride: 2, ceilMode: true);

    private static LayeredBackbone Initialised(Sequential layers, int inChannels, params IReadOnlyList<FeatureInfo> features)
    {
        foreach (var (_, module) in layers.NamedModules())
        {
            if (module is not Conv2d convolution)
                continue;
            Init.Constant(convolution.Bias!, 0);
            Init.KaimingUniform(convolution.Weight);
        }

        return new LayeredBackbone("features", layers, inChannels, features);
    }

    private static ModelEntry Entry(string name, long parameters, Func<int, int, double, SqueezeNet> build, Func<int, LayeredBackbone> backbone) => new(
        name, ModelTask.Classification, "Iandola et al., SqueezeNet: AlexNet-Level Accuracy with 50x Fewer Parameters", 2016, 1000, parameters,
        options => build(options.Outputs, options.InChannels, 0.5)) { Backbone = options => backbone(options.InChannels) };

    /// <summary>Figure 1: a few 1x1 kernels, then half of the output from 1x1 and half from 3x3 kernels.</summary>
    private sealed class Fire : Layer
    {
        private readonly Conv2d squeeze;
        private readonly Conv2d expand1x1;
        private readonly Conv2d expand3x3;
        private readonly ReLU relu = new(inPlace: true);

        public Fire(int inChannels, int squeezed, int expanded)
        {
            squeeze = Child("squeeze", new Conv2d(inChannels, squeezed, 1));
            expand1x1 = Child("expand1x1", new Conv2d(squeezed, expanded, 1));
            expand3x3 = Child("expand3x3", new Conv2d(squeezed, expanded, 3, padding: 1));
        }

        protected override Tensor Compute(Tensor input)
        {
            var few = relu.Consume(squeeze.Forward(input));
            // One ReLU over the joined map gives the same and passes over it once.
            return relu.Consume(Aten.Cat([expand1x1.Forward(few), expand3x3.Forward(few)], 1));
        }
    }
}
