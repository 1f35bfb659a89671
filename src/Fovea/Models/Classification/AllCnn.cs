using Fovea.Models.Backbones;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>How an <see cref="AllCnn"/> halves its maps.</summary>
public enum AllCnnReduction
{
    /// <summary>By maxima over 3x3.</summary>
    Pooling,

    /// <summary>The convolution before the pool steps in its place, and is the last of its size.</summary>
    Stride,
}

/// <summary>
/// Striving for Simplicity: The All Convolutional Net (Springenberg, Dosovitskiy, Brox, Riedmiller, ICLR workshop 2015): a
/// pool is no more than a step that a convolution can take, and nothing but convolutions is needed on CIFAR. Tables 1 and 2,
/// model C: <c>[N, 3, 32, 32]</c> to <c>[N, K]</c>. Keys <c>conv1</c> and on, counted through.
/// </summary>
public sealed class AllCnn : PlainConvolutions
{
    /// <summary>Creates the network.</summary>
    /// <param name="convolutions">Convolutions of each of the first two sizes: 2 (model C, Strided-CNN-C) or 3 (ConvPool-CNN-C, All-CNN-C).</param>
    /// <param name="reduction">How maps are halved.</param>
    /// <param name="classes">Number of classes, K.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    /// <exception cref="FoveaException">Fewer than one convolution.</exception>
    public AllCnn(int convolutions, AllCnnReduction reduction, int classes = 10, int inChannels = 3, PlainOptions? options = null)
        : base(BackboneOf(convolutions, reduction, inChannels, options), $"conv{2 * convolutions + 3}", classes, options ?? PlainOptions.Published, reduction == AllCnnReduction.Pooling ? 12 : 9) =>
        Preprocessing = PublishedInput.Exact(inChannels, 32);

    /// <summary>The four networks around model C.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        Entry("model_c", 2, AllCnnReduction.Pooling, 954_730), Entry("strided_cnn_c", 2, AllCnnReduction.Stride, 954_730),
        Entry("convpool_cnn_c", 3, AllCnnReduction.Pooling, 1_369_738), Entry("all_cnn_c", 3, AllCnnReduction.Stride, 1_369_738),
    ];

    /// <summary>All convolutions but the last; maps at strides 1, 2 and 4, each the last of its size.</summary>
    /// <param name="convolutions">Convolutions of each of the first two sizes.</param>
    /// <param name="reduction">How maps are halved.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">What differs from the published network.</param>
    /// <exception cref="FoveaException">Fewer than one convolution.</exception>
    public static LayeredBackbone BackboneOf(int convolutions, AllCnnReduction reduction, int inChannels = 3, PlainOptions? options = null)
    {
        options ??= PlainOptions.Published;
        if (convolutions < 1)
            throw new FoveaException($"All-CNN: found {convolutions} convolutions of a size, expected at least 1");
        var layers = new List<KeyValuePair<string, Layer>> { Named("drop", 0, new Dropout(0.2)) };
        var (channels, number, features) = (inChannels, 0, new List<FeatureInfo>());
        for (var size = 1; size <= 2; size++)
        {
            for (var i = 1; i <= convolutions; i++)
            {
                var stride = i == convolutions && reduction == AllCnnReduction.Stride ? 2 : 1;
                if (stride == 2 && i > 1)
                    features.Add(new FeatureInfo($"relu_conv{number}", channels, size));
                layers.AddRange(Activated($"conv{++number}", new Conv2d(channels, 96 * size, 3, stride, padding: 1), options));
                channels = 96 * size;
            }

            if (reduction == AllCnnReduction.Pooling)
            {
                features.Add(new FeatureInfo($"relu_conv{number}", channels, size));
                // As Caffe pools: 32 to 16 to 8, windows over the lower and right edge.
                layers.Add(Named("pool", size, new MaxPool2d(3, stride: 2, ceilMode: true)));
            }

            layers.Add(Named("drop", size, new Dropout(options.Dropout)));
        }

        layers.AddRange(Activated($"conv{++number}", new Conv2d(channels, 192, 3), options));
        layers.AddRange(Activated($"conv{++number}", new Conv2d(192, 192, 1), options));
        features.Add(new FeatureInfo($"relu_conv{number}", 192, 4));
        return BackboneOf(layers, inChannels, features);
    }

    private static ModelEntry Entry(string name, int convolutions, AllCnnReduction reduction, long parameters) => new(
        name, ModelTask.Classification, "Springenberg et al., Striving for Simplicity: The All Convolutional Net", 2015, 10, parameters,
        options => new AllCnn(convolutions, reduction, options.Outputs, options.InChannels, options.Varied(PlainOptions.Published)))
    {
        Weights = ["safetensors"], Variation = PlainOptions.Published, Backbone = options => BackboneOf(convolutions, reduction, options.InChannels),
    };
}
