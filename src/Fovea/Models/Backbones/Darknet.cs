using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>
/// What Darknet's backbones share: one convolution, then five stages, each at half the resolution of the one before. Keys of
/// timm: <c>stem.conv1</c>, <c>stages.0</c> to <c>stages.4</c>.
/// </summary>
public abstract class Darknet : Backbone
{
    private const int StemChannels = 32;

    private readonly Sequential stem;
    private readonly ModuleList<Layer> stages;
    private readonly FeatureInfo[] features = new FeatureInfo[5];

    /// <summary>Puts the stages behind the stem.</summary>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="activation">What follows every norm.</param>
    /// <param name="stage">Makes a stage of its position and the channels it gets; it gives 64 channels and then always twice as many.</param>
    private protected Darknet(int inChannels, DarknetActivation activation, Func<int, int, Layer> stage)
    {
        InChannels = inChannels;
        Activation = activation;
        stem = Child("stem", new Sequential([
            KeyValuePair.Create<string, Layer>("conv1", new DarknetConvolution(inChannels, StemChannels, 3, activation))]));
        stages = Child("stages", new ModuleList<Layer>());
        for (var i = 0; i < features.Length; i++)
        {
            stages.Add(stage(i, StemChannels << i));
            features[i] = new FeatureInfo($"stages.{i}", StemChannels << (i + 1), 2 << i);
        }
    }

    /// <inheritdoc/>
    public override int InChannels { get; }

    /// <summary>What follows every norm.</summary>
    public DarknetActivation Activation { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features => features;

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages) => RunStages(stem, this.stages, images, stages);
}
