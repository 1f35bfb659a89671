using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>
/// Rethinking Atrous Convolution for Semantic Image Segmentation (Chen, Papandreou, Schroff, Adam, 2017) on an encoder that keeps an
/// eighth of the resolution. Keys <c>0</c> (the pyramid), <c>1</c>, <c>2</c>.
/// </summary>
internal sealed class SmpDeepLabV3Decoder : MapDecoder
{
    private const int Width = 256;

    private readonly Sequential layers;

    /// <summary>Creates the decoder.</summary>
    /// <param name="channels">Channels of the five levels, finest first.</param>
    public SmpDeepLabV3Decoder(IReadOnlyList<int> channels) => layers = Child("", new Sequential(
        new AtrousPyramid(channels[^1], Width, [12, 24, 36]),
        new Conv2d(Width, Width, 3, padding: 1, hasBias: false), new BatchNorm2d(Width), new ReLU(inPlace: true)));

    public override IReadOnlyList<int> Levels => [5];

    public override int Multiple => 8;

    public override int OutChannels => Width;

    public override int HeadKernel => 1;

    protected override Tensor Join(IReadOnlyList<Tensor> maps) => layers.Forward(maps[0]);
}

/// <summary>
/// Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation (Chen, Zhu, Papandreou, Schroff, Adam, ECCV 2018):
/// the pyramid of DeepLabV3 with depthwise convolutions at a sixteenth of the resolution, and a small decoder that sharpens borders with
/// the map at a quarter. Keys <c>aspp</c>, <c>block1</c>, <c>block2</c>.
/// </summary>
internal sealed class SmpDeepLabV3PlusDecoder : MapDecoder
{
    private const int Width = 256;
    private const int DetailWidth = 48;

    private readonly Sequential pyramid;
    private readonly Sequential detail;
    private readonly Sequential joint;

    /// <summary>Creates the decoder.</summary>
    /// <param name="channels">Channels of the five levels, finest first.</param>
    public SmpDeepLabV3PlusDecoder(IReadOnlyList<int> channels)
    {
        pyramid = Child("aspp", new Sequential(
            new AtrousPyramid(channels[^1], Width, [12, 24, 36], isSeparable: true), AtrousPyramid.Separable(Width, Width), new BatchNorm2d(Width), new ReLU(inPlace: true)));
        detail = Child("block1", Normed(channels[1], DetailWidth, 1));
        joint = Child("block2", new Sequential(AtrousPyramid.Separable(Width + DetailWidth, Width), new BatchNorm2d(Width), new ReLU(inPlace: true)));
    }

    public override IReadOnlyList<int> Levels => [2, 5];

    public override int Multiple => 16;

    public override int OutChannels => Width;

    public override int HeadKernel => 1;

    protected override Tensor Join(IReadOnlyList<Tensor> maps) =>
        joint.Consume(Aten.Cat([Enlarged(pyramid.Forward(maps[1]), maps[0]), detail.Forward(maps[0])], 1));
}
