using System.Globalization;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>
/// Searching for MobileNetV3 (Howard et al., ICCV 2019), section 6.4: the large network without its classifier, its last stage at stride
/// 16 with spread kernels. Gives the map of block 4 (40 channels, stride 8) and that of the last convolution (960 channels, stride 16).
/// Keys <c>0</c> to <c>16</c>, as torchvision numbers its layers.
/// </summary>
public sealed class DilatedMobileNetV3 : Backbone
{
    private const int Low = 4;

    private readonly Sequential low = new();
    private readonly Sequential high = new();

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    public DilatedMobileNetV3(int inChannels = 3)
    {
        InChannels = inChannels;
        var table = MobileNetV3.LargeTable(lastDilation: 2);
        var width = 6 * table[^1].Out;
        Layer[] layers =
        [
            MobileNetV3.InvertedResidual.Unit(inChannels, table[0].In, 3, 2, 1, new Hardswish(inPlace: true)),
            .. table.Select(static row => new MobileNetV3.InvertedResidual(row)),
            MobileNetV3.InvertedResidual.Unit(table[^1].Out, width, 1, 1, 1, new Hardswish(inPlace: true)),
        ];
        for (var i = 0; i < layers.Length; i++)
            (i <= Low ? low : high).Add(Child(i.ToString(CultureInfo.InvariantCulture), layers[i]));
        MobileNetV3.Initialise(this);
        Features = [new FeatureInfo($"{Low}", table[Low - 1].Out, 8), new FeatureInfo($"{layers.Length - 1}", width, 16)];
    }

    /// <inheritdoc/>
    public override int InChannels { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages) => RunStages(low, [new Identity(), high], images, stages);
}
