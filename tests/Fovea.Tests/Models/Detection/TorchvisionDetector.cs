using Fovea.Models;
using Fovea.Models.Detection;
using Fovea.Torch;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Detection;

/// <summary>A detector of torchvision with random weights, run live, and the same network here with the same weights.</summary>
internal static class TorchvisionDetector
{
    // Random weights find next to nothing; stretching the last layers makes scores and boxes spread as trained ones do.
    private const string Prelude = """
        import torch, torchvision, os
        from torch import nn
        from torchvision.ops.misc import FrozenBatchNorm2d
        from torchvision.models import resnet
        from torchvision.models.detection import FasterRCNN, MaskRCNN, RetinaNet
        from torchvision.models.detection.backbone_utils import BackboneWithFPN
        from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
        from torchvision.ops.feature_pyramid_network import LastLevelMaxPool, LastLevelP6P7
        def build(kind, depth, classes, channels=256, norm=nn.BatchNorm2d, **more):
            body = getattr(resnet, f'resnet{depth}')(weights=None, norm_layer=norm)
            stages = [2, 3, 4] if kind == 'retinanet' else [1, 2, 3, 4]
            top = LastLevelP6P7(channels, channels) if kind == 'retinanet' else LastLevelMaxPool()
            widths = [body.inplanes // 8 * 2 ** (stage - 1) for stage in stages]
            fpn = BackboneWithFPN(body, {f'layer{stage}': str(i) for i, stage in enumerate(stages)}, widths, channels, top)
            if kind == 'retinanet': return RetinaNet(fpn, classes, **more)
            if kind == 'fasterrcnn': return FasterRCNN(fpn, classes, **more)
            model = MaskRCNN(fpn, classes, mask_head=MaskRCNNHeads(channels, [channels] * 4, 1), **more)
            model.roi_heads.mask_predictor = MaskRCNNPredictor(channels, channels, classes)
            return model
        def enliven(model, gain=20):
            with torch.no_grad():
                for m in model.modules():
                    if hasattr(m, 'running_mean'):
                        m.running_mean.normal_(0, 0.1); m.running_var.uniform_(0.5, 1.5); m.weight.uniform_(0.5, 1.0); m.bias.normal_(0, 0.1)
                for name, p in model.named_parameters():
                    if name.endswith('rpn.head.cls_logits.weight') or name.endswith('box_predictor.cls_score.weight') or name.endswith('head.cls_logits.weight'): p.mul_(gain)
                    if name.endswith('classification_head.cls_logits.bias'): p.fill_(-3)
                    if name.endswith('bbox_pred.weight') or 'bbox_reg.weight' in name: p.mul_(5)
            return model
        def images(n, h, w):
            y, x = torch.meshgrid(torch.linspace(0, 6, h), torch.linspace(0, 8, w), indexing='ij')
            waves = torch.stack([torch.sin(x + i) * torch.cos(y * (i + 1)) for i in range(3)])
            return [(0.5 + 0.4 * waves.roll(5 * i, 1) + 0.1 * torch.rand(3, h, w)).clamp(0, 1) for i in range(n)]

        """;

    /// <summary>Runs a snippet after the prelude, which offers <c>build</c>, <c>enliven</c> and <c>images</c>.</summary>
    public static PythonReference Run(string snippet, params (string Name, NdArray Value)[] inputs) => PythonReference.Run(Prelude + snippet, inputs);

    /// <summary>A path for weights that pass from Python to the code under test, deleted when disposed.</summary>
    public static TemporaryFile WeightsPath() => new();

    /// <summary>The network of the catalogue, fitted to a weights file and loaded from it.</summary>
    public static VisionModel Load(string name, int outputs, string path, DetectorOptions? options = null)
    {
        using var file = WeightsFile.Open(path);
        var entry = ModelCatalog.Find(name);
        var model = entry.Build(entry.Fit([.. file.Tensors.Keys], new ModelOptions { Outputs = outputs, Variation = options }));
        StateDict.Load(model, file);
        return model;
    }

    public static Tensor ToTensor(NdArray array)
    {
        var shape = new Shape(Array.ConvertAll(array.Shape, size => (long)size));
        return array.Data switch
        {
            float[] values => Tensor.FromArray(values, shape),
            long[] values => Tensor.FromArray(values, shape),
            byte[] values => Tensor.FromArray(values, shape),
            _ => throw new ArgumentException($"found {array.Data.GetType().Name}", nameof(array)),
        };
    }

    public sealed class TemporaryFile : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("fovea-detector-").FullName;

        public string Path => System.IO.Path.Combine(folder, "weights.pth");

        public void Dispose() => Directory.Delete(folder, recursive: true);
    }
}
