using System.Globalization;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Backbones;

/// <summary>
/// The ResNet of the DeepLab papers (Chen et al. 2016, 2017, 2018): as Caffe's, bottlenecks step in their first convolution and the
/// stem's pool goes over the edge; the last stages spread the kernels of every block instead of stepping, and a multi-grid
/// spreads those of the last stage's blocks differently (section 3.2.1 of DeepLabV3). Keys <c>layer1</c> (the stem) to <c>layer5</c>, blocks
/// <c>block1</c> and on with <c>reduce</c>, <c>conv3x3</c>, <c>increase</c>, <c>shortcut</c>, each <c>conv</c> and <c>bn</c>.
/// </summary>
public sealed class DeepLabResNet : Backbone
{
    private const int Expansion = 4;

    private readonly Sequential stem;
    private readonly Sequential[] stages = new Sequential[4];
    private readonly FeatureInfo[] features = new FeatureInfo[4];

    /// <summary>Creates the network.</summary>
    /// <param name="blocks">Blocks of each of the four stages; 3, 4, 23, 3 for ResNet-101.</param>
    /// <param name="outputStride">Pixels for each cell of the last map: 8 or 16.</param>
    /// <param name="multiGrid">By how much more each block of the last stage spreads its kernels; all alike when empty.</param>
    /// <param name="inChannels">Channels of the images.</param>
    /// <exception cref="FoveaException">There are other than four stages, another stride, or not one multi-grid number for each last block.</exception>
    public DeepLabResNet(ReadOnlySpan<int> blocks, int outputStride = 8, ReadOnlySpan<int> multiGrid = default, int inChannels = 3)
    {
        if (blocks.Length != stages.Length || outputStride is not (8 or 16))
            throw new FoveaException($"DeepLab's ResNet: found {blocks.Length} stages and output stride {outputStride}, expected {stages.Length} and 8 or 16");
        if (multiGrid.Length != 0 && multiGrid.Length != blocks[^1])
            throw new FoveaException($"DeepLab's ResNet: found a multi-grid of {multiGrid.Length} numbers, expected {blocks[^1]}, one for each block of the last stage");
        InChannels = inChannels;
        stem = Child("layer1", new Sequential(
        [
            KeyValuePair.Create<string, Layer>("conv1", Unit(inChannels, 64, 7, 2, 1, true)),
            KeyValuePair.Create<string, Layer>("pool", new MaxPool2d(3, stride: 2, padding: 1, ceilMode: true)),
        ]));
        ReadOnlySpan<(int Step, int Dilation)> ways = outputStride == 8 ? [(1, 1), (2, 1), (1, 2), (1, 4)] : [(1, 1), (2, 1), (2, 1), (1, 2)];
        var (channels, stride) = (64, 4);
        for (var stage = 0; stage < stages.Length; stage++)
        {
            var (step, dilation) = ways[stage];
            var width = Expansion * 64 << stage;
            var layers = new Sequential();
            for (var block = 0; block < blocks[stage]; block++)
            {
                var spread = stage == stages.Length - 1 && multiGrid.Length > 0 ? dilation * multiGrid[block] : dilation;
                layers.Add(string.Create(CultureInfo.InvariantCulture, $"block{block + 1}"), new Bottleneck(channels, width, block == 0 ? step : 1, spread, block == 0));
                channels = width;
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"layer{stage + 2}");
            stages[stage] = Child(name, layers);
            features[stage] = new FeatureInfo(name, width, stride *= step);
        }

        ResNetBlock.Initialise(this, zeroInitLastNorm: false);
    }

    /// <inheritdoc/>
    public override int InChannels { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureInfo> Features => features;

    /// <summary>ResNet-101 at an output stride.</summary>
    /// <param name="outputStride">8 or 16.</param>
    /// <param name="multiGrid">By how much more each of the last three blocks spreads its kernels; all alike when empty.</param>
    /// <param name="inChannels">Channels of the images.</param>
    public static DeepLabResNet Of101Layers(int outputStride = 8, ReadOnlySpan<int> multiGrid = default, int inChannels = 3) =>
        new([3, 4, 23, 3], outputStride, multiGrid, inChannels);

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Forward(Tensor images, params ReadOnlySpan<int> stages) => RunStages(stem, this.stages, images, stages);

    /// <summary>A convolution that keeps the size (over its stride), its norm, and a ReLU where asked for; keys <c>conv</c>, <c>bn</c>.</summary>
    internal static Sequential Unit(int inChannels, int outChannels, int kernel, int stride, int dilation, bool isActivated)
    {
        var unit = new Sequential(
        [
            KeyValuePair.Create<string, Layer>("conv", new Conv2d(
                inChannels, outChannels, kernel, stride, padding: kernel / 2 * dilation, dilation: dilation, hasBias: false)),
            KeyValuePair.Create<string, Layer>("bn", new BatchNorm2d(outChannels)),
        ]);
        if (isActivated)
            unit.Add("relu", new ReLU(inPlace: true));
        return unit;
    }

    private sealed class Bottleneck : Layer
    {
        private readonly Sequential reduce;
        private readonly Sequential middle;
        private readonly Sequential increase;
        private readonly Sequential? shortcut;
        private readonly ReLU relu = new(inPlace: true);

        public Bottleneck(int inChannels, int outChannels, int stride, int dilation, bool isFirst)
        {
            var inner = outChannels / Expansion;
            reduce = Child("reduce", Unit(inChannels, inner, 1, stride, 1, true));
            middle = Child("conv3x3", Unit(inner, inner, 3, 1, dilation, true));
            increase = Child("increase", Unit(inner, outChannels, 1, 1, 1, false));
            shortcut = isFirst ? Child("shortcut", Unit(inChannels, outChannels, 1, stride, 1, false)) : null;
        }

        protected override Tensor Compute(Tensor input)
        {
            var main = increase.Consume(middle.Consume(reduce.Forward(input)));
            return relu.Consume(main + (shortcut?.Forward(input) ?? input));
        }
    }
}
