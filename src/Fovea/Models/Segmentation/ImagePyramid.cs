using System.Globalization;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Atrous spatial pyramid pooling with the mean over the image (section 3.3 of the DeepLabV3 paper), the maps side by side. Keys
/// <c>stages.c0</c> and on, <c>stages.imagepool</c>.
/// </summary>
internal sealed class ImagePyramid : Layer
{
    private readonly List<Layer> branches = [];

    public ImagePyramid(int inChannels, int width, ReadOnlySpan<int> rates)
    {
        OutChannels = width * (rates.Length + 2);
        var stages = new Sequential([KeyValuePair.Create<string, Layer>("c0", DeepLabResNet.Unit(inChannels, width, 1, 1, 1, true))]);
        for (var i = 0; i < rates.Length; i++)
            stages.Add(string.Create(CultureInfo.InvariantCulture, $"c{i + 1}"), DeepLabResNet.Unit(inChannels, width, 3, 1, rates[i], true));
        stages.Add("imagepool", new Sequential(
        [
            KeyValuePair.Create<string, Layer>("pool", new AdaptiveAvgPool2d(1)),
            KeyValuePair.Create<string, Layer>("conv", DeepLabResNet.Unit(inChannels, width, 1, 1, 1, true)),
        ]));
        Child("stages", stages);
        for (var i = 0; i < stages.Count; i++)
            branches.Add(stages[i]);
    }

    /// <summary>Channels of all maps together.</summary>
    public int OutChannels { get; }

    protected override Tensor Compute(Tensor input) => AtrousPyramid.Join(branches, input);
}
