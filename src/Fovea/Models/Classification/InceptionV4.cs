using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using static Fovea.Models.Classification.InceptionBranches;

namespace Fovea.Models.Classification;

/// <summary>
/// Inception-v4 (Szegedy et al., AAAI 2017, section 3.1) without its classifier: the Inception modules made uniform once the
/// network no longer had to be split over machines, behind a deeper stem. Gives maps at strides of about 2, 4, 8, 16 and 32
/// (convolutions without padding take a little off every side, unless they are padded). Keys of timm: <c>features.0</c> to <c>features.21</c>.
/// </summary>
public sealed class InceptionV4 : Backbone
{
    // Where the maps are taken: behind so many layers. Those with padding as segmentation_models.pytorch cuts the network.
    private static readonly (int Layers, int Channels)[] Ends = [(3, 64), (4, 160), (10, 384), (18, 1024), (22, 1536)];
    private static readonly (int Layers, int Channels)[] PaddedEnds = [(3, 64), (5, 192), (9, 384), (15, 1024), (22, 1536)];

    private readonly Sequential[] stages;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="isPadded">Whether all convolutions are padded, so that each stage halves the size and rounds up, as decoders need it.</param>
    public InceptionV4(int inChannels = 3, bool isPadded = false)
    {
        InChannels = inChannels;
        var border = isPadded ? 1 : 0;
        Layer[] layers =
        [
            new NormedConvolution(inChannels, 32, 3, stride: 2, padding: border), new NormedConvolution(32, 32, 3, padding: border), new NormedConvolution(32, 64, 3, padding: 1),
            new InceptionBranches(("maxpool", Pool(border)), ("conv", new NormedConvolution(64, 96, 3, stride: 2, padding: border))),
            StemModule(border),
            new InceptionBranches(("conv", new NormedConvolution(192, 192, 3, stride: 2, padding: border)), ("maxpool", Pool(border))),
            .. Enumerable.Range(0, 4).Select(static _ => ModuleA()), ReductionA(border),
            .. Enumerable.Range(0, 7).Select(static _ => ModuleB()), ReductionB(border),
            .. Enumerable.Range(0, 3).Select(static _ => new InceptionV4C()),
        ];
        Child("features", new Sequential(layers));
        // Runs of the layers above, which own them.
        var ends = isPadded ? PaddedEnds : Ends;
        stages = [.. ends.Select((end, i) => new Sequential(layers[(i == 0 ? 0 : ends[i - 1].Layers)..end.Layers]))];
        Features = [.. ends.Select(static (end, i) => new FeatureInfo($"features.{end.Layers - 1}", end.Channels, 2 << i))];
    }

    /// <inheritdoc/>
    public override int InChannels { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages) => RunStages(null, this.stages, images, stages);

    private static InceptionBranches StemModule(int border) => new(
        ("branch0", new Sequential(new NormedConvolution(160, 64, 1), new NormedConvolution(64, 96, 3, padding: border))),
        ("branch1", new Sequential(new NormedConvolution(160, 64, 1), Across(64, 64, 7), Down(64, 64, 7), new NormedConvolution(64, 96, 3, padding: border))));

    private static InceptionBranches ModuleA() => new(
        ("branch0", new NormedConvolution(384, 96, 1)),
        ("branch1", new Sequential(new NormedConvolution(384, 64, 1), new NormedConvolution(64, 96, 3, padding: 1))),
        ("branch2", new Sequential(
            new NormedConvolution(384, 64, 1), new NormedConvolution(64, 96, 3, padding: 1), new NormedConvolution(96, 96, 3, padding: 1))),
        ("branch3", Mean(384, 96)));

    private static InceptionBranches ReductionA(int border) => new(
        ("branch0", new NormedConvolution(384, 384, 3, stride: 2, padding: border)),
        ("branch1", new Sequential(
            new NormedConvolution(384, 192, 1), new NormedConvolution(192, 224, 3, padding: 1), new NormedConvolution(224, 256, 3, stride: 2, padding: border))),
        ("branch2", Pool(border)));

    private static InceptionBranches ModuleB() => new(
        ("branch0", new NormedConvolution(1024, 384, 1)),
        ("branch1", new Sequential(new NormedConvolution(1024, 192, 1), Across(192, 224, 7), Down(224, 256, 7))),
        ("branch2", new Sequential(new NormedConvolution(1024, 192, 1), Down(192, 192, 7), Across(192, 224, 7), Down(224, 224, 7), Across(224, 256, 7))),
        ("branch3", Mean(1024, 128)));

    private static InceptionBranches ReductionB(int border) => new(
        ("branch0", new Sequential(new NormedConvolution(1024, 192, 1), new NormedConvolution(192, 192, 3, stride: 2, padding: border))),
        ("branch1", new Sequential(new NormedConvolution(1024, 256, 1), Across(256, 256, 7), Down(256, 320, 7), new NormedConvolution(320, 320, 3, stride: 2, padding: border))),
        ("branch2", Pool(border)));
}

/// <summary>Figure 6: two of the branches end in 1x3 and 3x1 kernels beside each other.</summary>
internal sealed class InceptionV4C : Layer
{
    private readonly NormedConvolution branch0;
    private readonly NormedConvolution branch1;
    private readonly NormedConvolution branch1Across;
    private readonly NormedConvolution branch1Down;
    private readonly NormedConvolution[] branch2;
    private readonly NormedConvolution branch2Across;
    private readonly NormedConvolution branch2Down;
    private readonly Sequential branch3;

    public InceptionV4C()
    {
        branch0 = Child("branch0", new NormedConvolution(1536, 256, 1));
        branch1 = Child("branch1_0", new NormedConvolution(1536, 384, 1));
        branch1Across = Child("branch1_1a", Across(384, 256, 3));
        branch1Down = Child("branch1_1b", Down(384, 256, 3));
        branch2 = [Child("branch2_0", new NormedConvolution(1536, 384, 1)), Child("branch2_1", Down(384, 448, 3)), Child("branch2_2", Across(448, 512, 3))];
        branch2Across = Child("branch2_3a", Across(512, 256, 3));
        branch2Down = Child("branch2_3b", Down(512, 256, 3));
        branch3 = Child("branch3", Mean(1536, 256));
    }

    protected override Tensor Compute(Tensor input)
    {
        var one = branch1.Forward(input);
        var two = branch2[2].Consume(branch2[1].Consume(branch2[0].Forward(input)));
        return Aten.Cat(
            [branch0.Forward(input), branch1Across.Forward(one), branch1Down.Forward(one), branch2Across.Forward(two), branch2Down.Forward(two), branch3.Forward(input)], 1);
    }
}
