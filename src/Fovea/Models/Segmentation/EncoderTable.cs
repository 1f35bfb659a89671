using Fovea.Models.Backbones;
using Fovea.Models.Classification;

namespace Fovea.Models.Segmentation;

/// <summary>The networks of <see cref="EncoderDecoder"/>: every encoder that segmentation_models.pytorch shares with the classifiers here, under its name there.</summary>
internal static class EncoderTable
{
    private static readonly Decoders Basic = new(3_151_697, 1_870_721, 153_313, 4_722_433, 1_152_785);
    private static readonly Decoders Bottleneck = new(9_013_073, 2_608_001, 792_961, 16_125_697, 3_169_553);
    private static readonly Decoders Plain = new(9_033_553, 2_083_713, 792_961) { EndsInPool = true };

    private static readonly Encoder[] Encoders =
    [
        new("resnet18", "resnet18", 11_176_512, Basic), new("resnet34", "resnet34", 21_284_672, Basic),
        new("resnet50", "resnet50", 23_508_032, Bottleneck), new("resnet101", "resnet101", 42_500_160, Bottleneck), new("resnet152", "resnet152", 58_143_808, Bottleneck),
        new("resnext50_32x4d", "resnext50_32x4d", 22_979_904, Bottleneck), new("resnext101_32x8d", "resnext101_32x8d", 86_742_336, Bottleneck),
        new("se_resnet50", "legacy_seresnet50", 26_039_024, Bottleneck), new("se_resnet101", "legacy_seresnet101", 47_277_872, Bottleneck),
        new("se_resnet152", "legacy_seresnet152", 64_772_848, Bottleneck), new("se_resnext50_32x4d", "legacy_seresnext50_32x4d", 25_510_896, Bottleneck),
        new("vgg11", "vgg11", 9_220_480, Plain), new("vgg11_bn", "vgg11_bn", 9_225_984, Plain), new("vgg13", "vgg13", 9_404_992, Plain), new("vgg13_bn", "vgg13_bn", 9_410_880, Plain),
        new("vgg16", "vgg16", 14_714_688, Plain), new("vgg16_bn", "vgg16_bn", 14_723_136, Plain), new("vgg19", "vgg19", 20_024_384, Plain), new("vgg19_bn", "vgg19_bn", 20_035_392, Plain),
        new("inceptionv4", "inception_v4", 41_142_816, new Decoders(7_649_105, 2_427_777, 546_977)) { Padded = static channels => new InceptionV4(channels, isPadded: true) },
        new("inceptionresnetv2", "inception_resnet_v2", 54_306_464, new Decoders(7_722_833, 2_427_777, 436_273)) { Padded = static channels => new InceptionResNetV2(channels, isPadded: true) },
        new("densenet121", "densenet121", 6_953_856, new Decoders(6_653_777, 2_345_857, 792_961)), new("densenet161", "densenet161", 26_472_000, new Decoders(12_266_321, 3_025_793, 1_383_233)),
        new("densenet169", "densenet169", 12_484_480, new Decoders(8_718_161, 2_575_233, 792_961)), new("densenet201", "densenet201", 18_092_928, new Decoders(10_487_633, 2_771_841, 792_961)),
    ];

    /// <summary>Every decoder on every encoder that can carry it.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } = [.. Encoders.SelectMany(Networks)];

    private static IEnumerable<ModelEntry> Networks(Encoder encoder)
    {
        var published = new SmpUNetOptions();
        yield return Entry(encoder, "unet", "Ronneberger et al., U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015, encoder.Decoders.UNet, null,
            (channels, options) => new SmpUNetDecoder(channels, encoder.Decoders.EndsInPool, options.Varied(published))) with { Variation = published };
        yield return Entry(encoder, "fpn", "Kirillov et al., A Unified Architecture for Instance and Semantic Segmentation", 2017, encoder.Decoders.Fpn, null,
            static (channels, _) => new SmpFpnDecoder(channels));
        yield return Entry(encoder, "pspnet", "Zhao et al., Pyramid Scene Parsing Network", 2017, encoder.Decoders.Psp, null, static (channels, _) => new SmpPspDecoder(channels));
        // What halves its maps by pools cannot keep them finer by dilation.
        if (encoder.Decoders.DeepLabV3 == 0)
            yield break;
        yield return Entry(encoder, "deeplabv3", "Chen et al., Rethinking Atrous Convolution for Semantic Image Segmentation", 2017, encoder.Decoders.DeepLabV3, 8,
            static (channels, _) => new SmpDeepLabV3Decoder(channels));
        yield return Entry(encoder, "deeplabv3plus", "Chen et al., Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation", 2018, encoder.Decoders.DeepLabV3Plus, 16,
            static (channels, _) => new SmpDeepLabV3PlusDecoder(channels));
    }

    private static ModelEntry Entry(Encoder encoder, string decoder, string paper, int year, long parameters, int? stride, Func<IReadOnlyList<int>, ModelOptions, MapDecoder> make) => new(
        $"smp_{decoder}_{encoder.Name}", ModelTask.Semantic, paper, year, 1, encoder.Parameters + parameters, options =>
        {
            var backbone = encoder.Padded?.Invoke(options.InChannels)
                ?? BackboneCatalog.Find(encoder.Backbone).Build(new BackboneOptions { InChannels = options.InChannels, OutputStride = stride });
            var network = new EncoderDecoder(backbone, make([.. backbone.Features.TakeLast(EncoderDecoder.LevelCount).Select(static f => f.Channels)], options), options.Outputs);
            if (encoder.Padded is not null)
                network.Preprocessing = network.Preprocessing.FromMinusOne();
            return network;
        }) { Weights = ["safetensors", "segmentation_models.pytorch .pth"], StartsFrom = [StartingPoint.FromClassifier(encoder.Backbone, encoder.Head, "", "encoder.")] };

    /// <summary>An encoder.</summary>
    /// <param name="Name">Its name in segmentation_models.pytorch.</param>
    /// <param name="Backbone">The classifier that it is taken from.</param>
    /// <param name="Parameters">Its parameters.</param>
    /// <param name="Decoders">The parameters of the decoders and heads on maps of its widths.</param>
    private sealed record Encoder(string Name, string Backbone, long Parameters, Decoders Decoders)
    {
        /// <summary>Makes an Inception network whose convolutions are padded, from its channels; its pictures have values from -1 to 1. Null for the classifier as it is.</summary>
        public Func<int, Backbone>? Padded { get; init; }

        /// <summary>Prefix of the classifier's head, which the encoder is without; VGG's last of three layers, whose others have no use either.</summary>
        public string Head => Name switch
        {
            "inceptionresnetv2" => "classif.",
            _ when Name.StartsWith("vgg", StringComparison.Ordinal) => "classifier.6.",
            _ when Name.StartsWith("se_", StringComparison.Ordinal) || Name == "inceptionv4" => "last_linear.",
            _ when Name.StartsWith("densenet", StringComparison.Ordinal) => "classifier.",
            _ => "fc.",
        };
    }

    /// <summary>Parameters of each decoder with a head of one class; 0 where there is none.</summary>
    private sealed record Decoders(long UNet, long Fpn, long Psp, long DeepLabV3 = 0, long DeepLabV3Plus = 0)
    {
        /// <summary>Whether the coarsest map comes right out of a pool, so that a U-Net puts convolutions on it first.</summary>
        public bool EndsInPool { get; init; }
    }
}
