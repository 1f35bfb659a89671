using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.Classification.InceptionBranches;

namespace Fovea.Models.Classification;

/// <summary>
/// Inception-ResNet-v2 (Szegedy et al., AAAI 2017, section 3.2) without its classifier: Inception modules that are added to
/// their input, scaled down, without which so many channels do not train; it learns faster than Inception-v4 for the same
/// end. Laid out as the published weights are, with the stem of Inception-v3 and more blocks than the paper says. Gives maps
/// at strides of about 2, 4, 8, 16 and 32. Keys of timm: <c>conv2d_1a</c>, <c>mixed_5b</c>, <c>repeat</c> and so on.
/// </summary>
public sealed class InceptionResNetV2 : Backbone
{
    private readonly Sequential[] stages;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="isPadded">Whether all convolutions are padded, so that each stage halves the size and rounds up, as decoders need it.</param>
    public InceptionResNetV2(int inChannels = 3, bool isPadded = false)
    {
        InChannels = inChannels;
        var border = isPadded ? 1 : 0;
        stages =
        [
            new Sequential(
                Child("conv2d_1a", new NormedConvolution(inChannels, 32, 3, stride: 2, padding: border)), Child("conv2d_2a", new NormedConvolution(32, 32, 3, padding: border)),
                Child("conv2d_2b", new NormedConvolution(32, 64, 3, padding: 1))),
            new Sequential(Child("maxpool_3a", Pool(border)), Child("conv2d_3b", new NormedConvolution(64, 80, 1)), Child("conv2d_4a", new NormedConvolution(80, 192, 3, padding: border))),
            new Sequential(Child("maxpool_5a", Pool(border)), Child("mixed_5b", Mixed5b()), Child("repeat", Repeated(10, static () => Block35()))),
            new Sequential(Child("mixed_6a", Mixed6a(border)), Child("repeat_1", Repeated(20, static () => Block17()))),
            new Sequential(
                Child("mixed_7a", Mixed7a(border)), Child("repeat_2", Repeated(9, static () => Block8(0.2, isLast: false))), Child("block8", Block8(1, isLast: true)),
                Child("conv2d_7b", new NormedConvolution(2080, 1536, 1))),
        ];
    }

    /// <inheritdoc/>
    public override int InChannels { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features { get; } =
        [new("conv2d_2b", 64, 2), new("conv2d_4a", 192, 4), new("repeat", 320, 8), new("repeat_1", 1088, 16), new("conv2d_7b", 1536, 32)];

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages) => RunStages(null, this.stages, images, stages);

    private static InceptionBranches Mixed5b() => new(
        ("branch0", new NormedConvolution(192, 96, 1)),
        ("branch1", new Sequential(new NormedConvolution(192, 48, 1), new NormedConvolution(48, 64, 5, padding: 2))),
        ("branch2", new Sequential(
            new NormedConvolution(192, 64, 1), new NormedConvolution(64, 96, 3, padding: 1), new NormedConvolution(96, 96, 3, padding: 1))),
        ("branch3", Mean(192, 64)));

    private static InceptionBranches Mixed6a(int border) => new(
        ("branch0", new NormedConvolution(320, 384, 3, stride: 2, padding: border)),
        ("branch1", new Sequential(
            new NormedConvolution(320, 256, 1), new NormedConvolution(256, 256, 3, padding: 1), new NormedConvolution(256, 384, 3, stride: 2, padding: border))),
        ("branch2", Pool(border)));

    private static InceptionBranches Mixed7a(int border) => new(
        ("branch0", new Sequential(new NormedConvolution(1088, 256, 1), new NormedConvolution(256, 384, 3, stride: 2, padding: border))),
        ("branch1", new Sequential(new NormedConvolution(1088, 256, 1), new NormedConvolution(256, 288, 3, stride: 2, padding: border))),
        ("branch2", new Sequential(
            new NormedConvolution(1088, 256, 1), new NormedConvolution(256, 288, 3, padding: 1), new NormedConvolution(288, 320, 3, stride: 2, padding: border))),
        ("branch3", Pool(border)));

    private static InceptionResidual Block35() => new(320, 128, 0.17,
        ("branch0", new NormedConvolution(320, 32, 1)),
        ("branch1", new Sequential(new NormedConvolution(320, 32, 1), new NormedConvolution(32, 32, 3, padding: 1))),
        ("branch2", new Sequential(
            new NormedConvolution(320, 32, 1), new NormedConvolution(32, 48, 3, padding: 1), new NormedConvolution(48, 64, 3, padding: 1))));

    private static InceptionResidual Block17() => new(1088, 384, 0.1,
        ("branch0", new NormedConvolution(1088, 192, 1)),
        ("branch1", new Sequential(new NormedConvolution(1088, 128, 1), Across(128, 160, 7), Down(160, 192, 7))));

    private static InceptionResidual Block8(double scale, bool isLast) => new(2080, 448, scale,
        ("branch0", new NormedConvolution(2080, 192, 1)),
        ("branch1", new Sequential(new NormedConvolution(2080, 192, 1), Across(192, 224, 3), Down(224, 256, 3)))) { IsLast = isLast };
}
