using Fovea.Models.Detection;
using Fovea.Torch;

namespace Fovea.Tests.Models.Detection;

[LeakCheck]
public class PyramidPoolerTests
{
    [Fact]
    public void Regions_go_to_the_level_of_their_size()
    {
        // 224 to P4 (stride 16, the third of four), 112 to P3, 448 to P5, tiny to P2, huge to P5; just below a boundary one finer.
        using var scope = new TensorScope();
        var boxes = new[] { 224f, 112, 448, 1, 2000, 223.9f, 111.9f }.SelectMany(side => new[] { 10, 20, 10 + side, 20 + side }).ToArray();
        var levels = new PyramidPooler([4, 8, 16, 32], 7).LevelsOf(Tensor.FromArray(boxes, [7, 4]));
        Assert.Equal([2, 1, 3, 0, 3, 1, 0], levels.ToArray<long>());
    }

    [Fact]
    public void Pooled_regions_equal_torchvisions_in_the_order_given()
    {
        var answer = PythonReference.Run(
            """
            import torch
            from torchvision.ops import MultiScaleRoIAlign
            features = {str(i): torch.rand(2, 5, 64 >> i, 96 >> i) for i in range(4)}
            corners = torch.rand(40, 2) * torch.tensor([300., 200.]); sides = torch.rand(40, 2) ** 3 * 600 + 4
            boxes = torch.cat([corners, torch.minimum(corners + sides, torch.tensor([384., 256.]))], 1)
            out['pooled'] = MultiScaleRoIAlign(['0', '1', '2', '3'], 7, 2)(features, [boxes[:25], boxes[25:]], [(256, 384), (256, 384)])
            out['boxes'] = boxes
            for name, value in features.items(): out['f' + name] = value
            """);
        using var scope = new TensorScope();
        var boxes = TorchvisionDetector.ToTensor(answer["boxes"]);
        var pooled = new PyramidPooler([4, 8, 16, 32], 7).Pool(
            [.. Enumerable.Range(0, 4).Select(i => TorchvisionDetector.ToTensor(answer[$"f{i}"]))], [boxes[..25], boxes[25..]]);
        DetectorParityTests.AssertClose(answer.Floats("pooled"), pooled.ToArray<float>(), 1e-5f, "pooled");
    }
}
