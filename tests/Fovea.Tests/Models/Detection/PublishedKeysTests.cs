using Fovea.Models.Detection;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models.Detection;

[LeakCheck]
public class PublishedKeysTests
{
    [Theory]
    [InlineData("backbone.fpn.inner_blocks.2.weight", "backbone.fpn.inner_blocks.2.0.weight")]
    [InlineData("backbone.fpn.layer_blocks.0.bias", "backbone.fpn.layer_blocks.0.0.bias")]
    [InlineData("backbone.fpn.layer_blocks.0.0.bias", "backbone.fpn.layer_blocks.0.0.bias")]
    [InlineData("backbone.fpn.extra_blocks.p6.weight", "backbone.fpn.extra_blocks.p6.weight")]
    [InlineData("rpn.head.conv.weight", "rpn.head.conv.0.0.weight")]
    [InlineData("roi_heads.mask_head.mask_fcn1.weight", "roi_heads.mask_head.0.0.weight")]
    [InlineData("roi_heads.mask_head.mask_fcn4.bias", "roi_heads.mask_head.3.0.bias")]
    [InlineData("head.classification_head.conv.6.weight", "head.classification_head.conv.3.0.weight")]
    [InlineData("head.regression_head.conv.0.bias", "head.regression_head.conv.0.0.bias")]
    [InlineData("head.regression_head.conv.2.0.bias", "head.regression_head.conv.2.0.bias")]
    public void Old_names_become_new_ones(string old, string current) => Assert.Equal(current, PublishedKeys.Map(old));

    [Theory]
    [InlineData("maskrcnn")]
    [InlineData("retinanet")]
    public void Files_as_first_published_give_the_outputs_of_the_network_they_were_saved_from(string kind)
    {
        using var file = TorchvisionDetector.WeightsPath();
        var answer = TorchvisionDetector.Run(
            $$"""
            import re
            model = enliven(build('{{kind}}', 18, 3, channels=16, norm=FrozenBatchNorm2d, min_size=64)).eval()
            for m in model.modules():
                if isinstance(m, FrozenBatchNorm2d): m.eps = 0.0
            names = {}
            for name, value in model.state_dict().items():
                old = re.sub(r'(inner_blocks|layer_blocks)\.(\d)\.0\.', r'\1.\2.', name).replace('rpn.head.conv.0.0.', 'rpn.head.conv.')
                old = re.sub(r'mask_head\.(\d)\.0\.', lambda m: f'mask_head.mask_fcn{int(m[1]) + 1}.', old)
                names[re.sub(r'_head\.conv\.(\d)\.0\.', lambda m: f'_head.conv.{2 * int(m[1])}.', old)] = value
            assert len(names) == len(model.state_dict()) and names.keys() != model.state_dict().keys()
            torch.save(names, '{{file.Path}}')
            pictures = images(1, 64, 64)
            out['images'] = torch.stack(pictures)
            with torch.no_grad(): found = model(pictures)[0]
            out['boxes'] = found['boxes']; out['scores'] = found['scores']
            """);
        using var scope = new TensorScope();
        using var model = TorchvisionDetector.Load($"{kind}_resnet18_fpn", 3, file.Path, new DetectorOptions { PyramidChannels = 16 });
        Assert.All(model.NamedModules().Select(m => m.Value).OfType<FrozenBatchNorm2d>(), norm => Assert.Equal(0, norm.Eps));
        Assert.False(model.StateDict().Single(s => s.Key == "backbone.body.layer1.0.conv1.weight").Value.RequiresGrad);
        Assert.True(model.StateDict().Single(s => s.Key == "backbone.body.layer2.0.conv1.weight").Value.RequiresGrad);
        model.Preprocessing = model.Preprocessing with { ShorterSide = 64 };
        model.Eval();
        using var noGrad = Autograd.NoGrad();
        var found = model.Forward(TorchvisionDetector.ToTensor(answer["images"]));
        DetectorParityTests.AssertClose(answer.Floats("boxes"), found[0].Value.ToArray<float>(), 1e-2f, "boxes");
        DetectorParityTests.AssertClose(answer.Floats("scores"), found[1].Value.ToArray<float>(), 1e-4f, "scores");
    }

    [Fact]
    public void Constant_norms_take_the_weights_of_norms_that_learn()
    {
        using var file = TorchvisionDetector.WeightsPath();
        TorchvisionDetector.Run($"torch.save(build('retinanet', 18, 2, channels=16).state_dict(), '{file.Path}')");
        using var model = TorchvisionDetector.Load("retinanet_resnet18_fpn", 2, file.Path, new DetectorOptions { PyramidChannels = 16, FrozenNorm = true });
        Assert.Equal(1e-5, model.NamedModules().Select(m => m.Value).OfType<FrozenBatchNorm2d>().First().Eps);
    }
}
