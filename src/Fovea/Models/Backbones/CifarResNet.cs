using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>
/// Deep Residual Learning for Image Recognition (He et al., CVPR 2016), section 4.2: the thin networks for pictures of 32x32
/// that showed that depth alone helps once blocks are residual. A 3x3 convolution, then n blocks each of 16, 32 and 64
/// channels at strides 1, 2, 4: 6n + 2 layers with the classifier. Keys <c>conv1</c>, <c>bn1</c>, <c>layer1</c> to <c>layer3</c>.
/// </summary>
public sealed class CifarResNet : Backbone
{
    private readonly Sequential stem;
    private readonly Sequential[] layers = new Sequential[3];
    private readonly FeatureInfo[] features = new FeatureInfo[3];

    /// <summary>Creates the network.</summary>
    /// <param name="depth">Layers counted as in the paper, 6n + 2: 20, 32, 44, 56, 110, 1202.</param>
    /// <param name="shortcut">How the input gets past a block that changes the shape; the paper adds zeros here.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <param name="options">Norm, activation, and what blocks start from; channels and shortcut are given apart. As published when null.</param>
    /// <exception cref="FoveaException">The depth is not 6n + 2.</exception>
    public CifarResNet(int depth, ResNetShortcut shortcut = ResNetShortcut.ZeroPadding, int inChannels = 3, ResNetOptions? options = null)
    {
        if (depth < 8 || depth % 6 != 2)
            throw new FoveaException($"CIFAR ResNet: found depth {depth}, expected 6n + 2 such as 20, 32, 44, 56 or 110");
        InChannels = inChannels;
        options = (options ?? new ResNetOptions()) with { Shortcut = shortcut };
        var channels = 16;
        stem = Child("", new Sequential([
            KeyValuePair.Create<string, Layer>("conv1", new Conv2d(inChannels, channels, 3, padding: 1, hasBias: false)),
            KeyValuePair.Create("bn1", options.Norm(channels)),
            KeyValuePair.Create("relu", options.Activation.Make())]));
        for (var stage = 0; stage < 3; stage++)
        {
            var name = $"layer{stage + 1}";
            layers[stage] = Child(name, new Sequential());
            var own = options.Behind(2 - stage);
            for (var block = 0; block < (depth - 2) / 6; block++)
            {
                layers[stage].Add(new ResNetBasicBlock(channels, 16 << stage, stage > 0 && block == 0 ? 2 : 1, 1, own));
                channels = 16 << stage;
            }

            features[stage] = new FeatureInfo(name, channels, 1 << stage);
        }

        ResNetBlock.Initialise(this, options.ZeroInitLastNorm);
    }

    /// <inheritdoc/>
    public override int InChannels { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features => features;

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages) => RunStages(stem, layers, images, stages);
}
