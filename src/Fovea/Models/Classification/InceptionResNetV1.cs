using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.Classification.InceptionBranches;

namespace Fovea.Models.Classification;

/// <summary>
/// Inception-ResNet-v1 (Szegedy et al., AAAI 2017, section 3.2) without its classifier: residual Inception modules at about
/// the cost of Inception-v3; known as what embeds faces. Gives maps at strides of about 2, 4, 8, 16 and 32. Keys of the published
/// face networks: <c>conv2d_1a</c>, <c>repeat_1</c>, <c>mixed_6a</c> and so on.
/// </summary>
public sealed class InceptionResNetV1 : Backbone
{
    private readonly Sequential[] stages;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="hasFinalBlock">Whether a sixth block of the last size follows, as in the face networks, without a ReLU.</param>
    public InceptionResNetV1(int inChannels = 3, bool hasFinalBlock = false)
    {
        InChannels = inChannels;
        stages =
        [
            new Sequential(
                Child("conv2d_1a", new NormedConvolution(inChannels, 32, 3, stride: 2)), Child("conv2d_2a", new NormedConvolution(32, 32, 3)),
                Child("conv2d_2b", new NormedConvolution(32, 64, 3, padding: 1))),
            new Sequential(Child("maxpool_3a", Pool()), Child("conv2d_3b", new NormedConvolution(64, 80, 1)), Child("conv2d_4a", new NormedConvolution(80, 192, 3))),
            new Sequential(Child("conv2d_4b", new NormedConvolution(192, 256, 3, stride: 2)), Child("repeat_1", Repeated(5, static () => Block35()))),
            new Sequential(Child("mixed_6a", Mixed6a()), Child("repeat_2", Repeated(10, static () => Block17()))),
            new Sequential(Child("mixed_7a", Mixed7a()), Child("repeat_3", Repeated(5, static () => Block8(0.2, isLast: false)))),
        ];
        if (hasFinalBlock)
            stages[^1].Add(Child("block8", Block8(1, isLast: true)));
    }

    /// <inheritdoc/>
    public override int InChannels { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features { get; } =
        [new("conv2d_2b", 64, 2), new("conv2d_4a", 192, 4), new("repeat_1", 256, 8), new("repeat_2", 896, 16), new("repeat_3", 1792, 32)];

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages) => RunStages(null, this.stages, images, stages);

    private static InceptionBranches Mixed6a() => new(
        ("branch0", new NormedConvolution(256, 384, 3, stride: 2)),
        ("branch1", new Sequential(
            new NormedConvolution(256, 192, 1), new NormedConvolution(192, 192, 3, padding: 1), new NormedConvolution(192, 256, 3, stride: 2))),
        ("branch2", Pool()));

    private static InceptionBranches Mixed7a() => new(
        ("branch0", new Sequential(new NormedConvolution(896, 256, 1), new NormedConvolution(256, 384, 3, stride: 2))),
        ("branch1", new Sequential(new NormedConvolution(896, 256, 1), new NormedConvolution(256, 256, 3, stride: 2))),
        ("branch2", new Sequential(
            new NormedConvolution(896, 256, 1), new NormedConvolution(256, 256, 3, padding: 1), new NormedConvolution(256, 256, 3, stride: 2))),
        ("branch3", Pool()));

    private static InceptionResidual Block35() => new(256, 96, 0.17,
        ("branch0", new NormedConvolution(256, 32, 1)),
        ("branch1", new Sequential(new NormedConvolution(256, 32, 1), new NormedConvolution(32, 32, 3, padding: 1))),
        ("branch2", new Sequential(
            new NormedConvolution(256, 32, 1), new NormedConvolution(32, 32, 3, padding: 1), new NormedConvolution(32, 32, 3, padding: 1))));

    private static InceptionResidual Block17() => new(896, 256, 0.1,
        ("branch0", new NormedConvolution(896, 128, 1)),
        ("branch1", new Sequential(new NormedConvolution(896, 128, 1), Across(128, 128, 7), Down(128, 128, 7))));

    private static InceptionResidual Block8(double scale, bool isLast) => new(1792, 384, scale,
        ("branch0", new NormedConvolution(1792, 192, 1)),
        ("branch1", new Sequential(new NormedConvolution(1792, 192, 1), Across(192, 192, 3), Down(192, 192, 3)))) { IsLast = isLast };
}
