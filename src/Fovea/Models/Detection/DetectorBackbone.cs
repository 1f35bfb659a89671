using Fovea.Models.Backbones;
using Fovea.Models.Necks;
using Fovea.Torch.Nn;

namespace Fovea.Models.Detection;

/// <summary>The backbone of the published detectors: a ResNet under a feature pyramid, its first stages frozen if asked for.</summary>
internal static class DetectorBackbone
{
    /// <summary>Builds it.</summary>
    /// <param name="depth">Depth of the ResNet.</param>
    /// <param name="options">Input channels, norm, width of the pyramid, what is trained.</param>
    /// <param name="stages">Which of the four stages (strides 4, 8, 16, 32) the pyramid takes.</param>
    /// <param name="top">Levels above the last stage.</param>
    public static PyramidBackbone Of(int depth, ModelOptions options, IReadOnlyList<int> stages, PyramidTop top)
    {
        var detector = options.Varied(DetectorOptions.Published);
        var body = ResNet.OfDepth(depth, new ResNetOptions
        {
            InChannels = options.InChannels,
            Norm = detector.FrozenNorm ? channels => new FrozenBatchNorm2d(channels, detector.FrozenNormEps) : channels => new BatchNorm2d(channels),
        });
        body.TrainOnlyLast(detector.TrainableStages);
        return new PyramidBackbone(body, stages, detector.PyramidChannels, top);
    }
}
