using Fovea.Models.Backbones;
using Fovea.Torch.Nn;
using static Fovea.Models.NamedLayers;

namespace Fovea.Models.Classification;

/// <summary>
/// Rethinking the Inception Architecture for Computer Vision (Szegedy et al., CVPR 2016), table 1: the network that became
/// Inception-v3 by its training alone. Its stem is built of 3x3 convolutions and halves the map by a step where that of
/// <see cref="InceptionV3"/> pools. <c>[N, 3, H, W]</c> of at least 75 pixels to <c>[N, K]</c>. Keys as those of Inception-v3.
/// </summary>
/// <remarks>
/// The paper does not give the widths within its modules, so there is no one number of parameters, and no weights were
/// published: here they are those of Inception-v3, 3 modules and one that halves on 35x35 cells, 4 and one on 17x17, 2 on 8x8.
/// </remarks>
public static class InceptionV2
{
    /// <summary>The network of the catalogue, with the parameters of these widths.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("inception_v2", ModelTask.Classification, "Szegedy et al., Rethinking the Inception Architecture for Computer Vision", 2016, 1000, 24_410_696,
            static options => new InceptionClassifier(BackboneOf(options.InChannels), options.Outputs, "fc", shorterSide: 342))
        {
            Weights = ["safetensors"], Backbone = static options => BackboneOf(options.InChannels),
        },
    ];

    /// <summary>Everything but the classifier; maps at strides of about 2, 4, 8, 16 and 32.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public static LayeredBackbone BackboneOf(int inChannels = 3) => InceptionV3.Assemble(
        [
            Named("Conv2d_1a_3x3", new NormedConvolution(inChannels, 32, 3, stride: 2)), Named("Conv2d_2a_3x3", new NormedConvolution(32, 32, 3)),
            Named("Conv2d_2b_3x3", new NormedConvolution(32, 64, 3, padding: 1)), Named("maxpool1", new MaxPool2d(3, stride: 2)),
            Named("Conv2d_3b_3x3", new NormedConvolution(64, 80, 3)), Named("Conv2d_4a_3x3", new NormedConvolution(80, 192, 3, stride: 2)),
            Named("Conv2d_4b_3x3", new NormedConvolution(192, 288, 3, padding: 1)), Named("Mixed_5b", InceptionModules.A(288, 64)),
            Named("Mixed_5c", InceptionModules.A(288, 64)),
        ],
        inChannels, new("Conv2d_2b_3x3", 64, 2), new("Conv2d_3b_3x3", 80, 4));
}
