using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Models.Segmentation;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>Names of published weights, and parameter counts beyond those of the catalogue.</summary>
[LeakCheck]
public class PublishedLayoutTests
{
    [Theory]
    [InlineData("fcn32s_vgg16", "conv1_1.weight conv5_3.bias fc6.weight fc7.bias score_fr.weight upscore.weight")]
    [InlineData("fcn16s_vgg16", "score_fr.bias score_pool4.weight upscore2.weight upscore16.weight")]
    [InlineData("fcn8s_vgg16", "score_fr.bias score_pool3.weight score_pool4.bias upscore2.weight upscore_pool4.weight upscore8.weight")]
    [InlineData("deeplabv2_resnet101", "base.layer1.conv1.conv.weight base.layer2.block1.shortcut.bn.running_var base.layer4.block23.conv3x3.conv.weight base.layer5.block3.increase.bn.bias base.aspp.c0.bias base.aspp.c3.weight")]
    [InlineData("deeplabv3_resnet101_multigrid", "layer1.conv1.bn.weight aspp.stages.c0.conv.weight aspp.stages.c3.bn.bias aspp.stages.imagepool.conv.conv.weight fc1.bn.weight fc2.bias")]
    [InlineData("deeplabv3plus_resnet101", "layer5.block1.reduce.conv.weight reduce.conv.weight fc2.conv1.conv.weight fc2.conv2.bn.running_mean fc2.conv3.bias")]
    [InlineData("refinenet_resnet50", "conv1.weight layer4.2.bn3.bias p_ims1d2_outl1_dimred.weight adapt_stage1_b.0.1_conv.bias adapt_stage2_b.0.2_conv_relu_varout_dimred.weight adapt_stage4_b2_joint_varout_dimred.weight mflow_conv_g1_pool.0.4_outvar_dimred.weight mflow_conv_g4_b.0.3_conv.weight mflow_conv_g3_b3_joint_varout_dimred.weight clf_conv.bias")]
    [InlineData("dfn_resnet101", "backbone.conv1.6.weight backbone.bn1.weight backbone.layer1.0.downsample.0.weight global_context.1.conv.weight smooth_pre_rrbs.0.conv_1x1.weight smooth_pre_rrbs.3.cbr.bn.running_var cabs.0.channel_attention.fc.0.weight cabs.3.channel_attention.fc.2.bias smooth_aft_rrbs.1.conv_refine.weight smooth_heads.2.rrb.cbr.conv.weight smooth_heads.3.conv.bias border_pre_rrbs.0.conv_1x1.weight border_aft_rrbs.0.cbr.conv.weight border_heads.3.conv.weight")]
    [InlineData("pspnet_resnet50", "layer0.0.weight layer0.1.bias layer0.3.weight layer0.4.weight layer0.6.weight layer0.7.running_mean layer4.2.conv3.weight ppm.features.0.1.weight ppm.features.3.2.bias cls.0.weight cls.1.weight cls.4.bias aux.0.weight aux.4.weight")]
    [InlineData("lraspp_mobilenet_v3_large", "backbone.0.0.weight backbone.16.1.running_var backbone.4.block.2.fc1.bias classifier.cbr.1.bias classifier.scale.1.weight classifier.low_classifier.bias classifier.high_classifier.weight")]
    public void Keys_are_the_published_ones(string name, string expected)
    {
        using var skip = Init.Skip();
        using var model = ModelCatalog.Find(name).Build(new ModelOptions { Outputs = 21 });
        var keys = model.StateDict().Select(t => t.Key).ToHashSet();
        Assert.All(expected.Split(' '), key => Assert.True(keys.Contains(key), $"{name} has no {key}"));
        if (model is DeepLabV2 deepLab)
            Assert.Equal("base.layer1.conv1.bn.bias", deepLab.CurrentName("layer1.conv1.bn.bias"));
    }

    [Theory]
    [InlineData(50, 19, 49_080_038, 46_715_347)]
    [InlineData(50, 21, 49_081_578, 46_716_373)]
    [InlineData(50, 150, 49_180_908, 46_782_550)]
    [InlineData(101, 19, 68_072_166, 65_707_475)]
    public void PSPNet_counts_with_and_without_its_auxiliary_head(int depth, int classes, long training, long alone)
    {
        using var skip = Init.Skip();
        foreach (var (hasAuxiliary, expected) in new[] { (true, training), (false, alone) })
        {
            using var model = new PspNet(ResNet.OfDepth(depth, new ResNetOptions { Stem = ResNetStem.NumberedDeep }), classes, hasAuxiliary);
            Assert.Equal(expected, model.ParameterCount());
        }
    }

    [Theory]
    [InlineData(50, 21, 15, 26_052_308)]
    [InlineData(50, 19, 15, 25_799_280)]
    [InlineData(152, 21, 7, 59_369_620)]
    public void GCN_counts_by_the_side_of_its_kernels(int depth, int classes, int kernel, long expected)
    {
        using var skip = Init.Skip();
        using var model = new Gcn(ResNet.OfDepth(depth), classes, new GcnOptions { Kernel = kernel });
        Assert.Equal(expected, model.ParameterCount());
        using var learned = new Gcn(ResNet.OfDepth(depth), classes, new GcnOptions { Kernel = kernel, HasLearnedUpsampling = true });
        Assert.Equal(expected + 5 * 16 * classes * classes, learned.ParameterCount());
    }

    [Theory]
    [InlineData(54, 1_630_774)]
    [InlineData(19, 1_626_259)]
    public void Panoptic_head_counts(int classes, int expected)
    {
        using var skip = Init.Skip();
        using var model = new SemanticFpn(ResNet.OfDepth(18), classes);
        Assert.Equal(expected, model.NamedParameters().Where(static p => p.Key.StartsWith("sem_seg_head.", StringComparison.Ordinal)).Sum(static p => p.Value.Count));
        Assert.Superset(new HashSet<string> { "sem_seg_head.p2.0.norm.weight", "sem_seg_head.p5.4.weight", "sem_seg_head.predictor.bias", "fpn.inner_blocks.3.0.bias" },
            model.StateDict().Select(static t => t.Key).ToHashSet());
    }

    [Fact]
    public void DFN_for_the_classes_of_Cityscapes()
    {
        using var skip = Init.Skip();
        using var model = new Dfn(ResNet.OfDepth(101, new ResNetOptions { Stem = ResNetStem.Deep }), 19);
        Assert.Equal(90_217_888, model.ParameterCount());
        Assert.Equal(152_944, model.NamedParameters().Where(p => p.Key.StartsWith("border_", StringComparison.Ordinal)).Sum(p => p.Value.Count));
    }

    [Fact]
    public void Enlargements_start_as_linear_interpolation_and_stay_so()
    {
        using var scope = new Torch.TensorScope();
        using var model = new FcnVgg(16, 1, 2, width: 4);
        var taps = model.StateDict().Single(t => t.Key == "upscore2.weight").Value;
        Assert.Equal([0.0625f, 0.1875f, 0.1875f, 0.0625f], taps[1, 1, 0].ToArray<float>());
        Assert.Equal(0, taps[0, 1].Abs().Max().ToDouble());
        Assert.Throws<FoveaException>(() => new FcnVgg(4, 3, 2));
    }
}
