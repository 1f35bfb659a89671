using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Segmentation;

/// <summary>
/// A network of the family that segmentation_models.pytorch made popular: the convolutions of any classifier, one of five decoders,
/// one convolution to the classes, enlargement. <c>[N, C, H, W]</c> to <c>[N, K, H, W]</c> of any size; sides that the encoder
/// cannot halve evenly are padded with zeros inside. Keys <c>encoder</c> as in the classifier, <c>decoder</c>, <c>segmentation_head.0</c>.
/// </summary>
public sealed class EncoderDecoder : SingleOutputSegmenter
{
    /// <summary>Times that an encoder halves the resolution.</summary>
    internal const int LevelCount = 5;

    // DenseNet's last map as a classifier sees it is rectified; here it is not.
    private const string LastNorm = "features.norm5";

    private readonly Backbone encoder;
    private readonly MapDecoder decoder;
    private readonly Sequential head;
    private readonly int[] positions;

    /// <summary>Puts the parts together.</summary>
    /// <param name="encoder">The encoder; its last five maps are its levels.</param>
    /// <param name="decoder">The decoder.</param>
    /// <param name="classes">Number of classes, K.</param>
    internal EncoderDecoder(Backbone encoder, MapDecoder decoder, int classes)
    {
        this.encoder = Child("encoder", encoder);
        this.decoder = Child("decoder", decoder);
        head = Child("segmentation_head", new Sequential(new Conv2d(decoder.OutChannels, classes, decoder.HeadKernel, padding: decoder.HeadKernel / 2)));
        positions = [.. decoder.Levels.Select(level => encoder.Features.Count - LevelCount + level - 1)];
        Initialise();
        Preprocessing = new Preprocessing { SizeMultiple = decoder.Multiple }.Adapt(encoder.InChannels);
    }

    /// <summary>The networks of the catalogue: every decoder on every encoder that can carry it.</summary>
    public static IReadOnlyList<ModelEntry> Entries => EncoderTable.Entries;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["segmentation_head.0."];

    /// <summary>Starts the encoder from the weights of its classifier, such as those of ImageNet; the channels of the images may be others.</summary>
    /// <param name="path">Safetensors, or a state dict of PyTorch, with the classifier's names.</param>
    /// <exception cref="FoveaException">The file cannot be read or is of another network; the encoder is as it was.</exception>
    public LoadReport LoadEncoder(string path) => BackboneWeights.Load(encoder, path);

    /// <inheritdoc/>
    protected override Tensor Logits(Tensor images) => EvenSides.Run(images, decoder.Multiple, EvenLogits);

    private Tensor EvenLogits(Tensor images)
    {
        var scores = head.Consume(decoder.Apply(Maps(images)));
        return scores.Shape[3] == images.Shape[3] ? scores : scores.UpsampleBilinear2d([images.Shape[2], images.Shape[3]], true);
    }

    private IReadOnlyList<Tensor> Maps(Tensor images) => encoder is LayeredBackbone layers && encoder.Features[^1].Name == "features.relu5"
        ? layers.MapsOf(images, positions.Select(position => position == encoder.Features.Count - 1 ? LastNorm : encoder.Features[position].Name))
        : encoder.Forward(images, positions);

    private void Initialise()
    {
        foreach (var (_, module) in decoder.NamedModules())
        {
            if (module is not Conv2d convolution)
                continue;
            Init.KaimingUniform(convolution.Weight);
            if (convolution.Bias is { } bias)
                Init.Constant(bias, 0);
        }

        var last = (Conv2d)head[0];
        Init.XavierUniform(last.Weight);
        Init.Constant(last.Bias!, 0);
    }
}
