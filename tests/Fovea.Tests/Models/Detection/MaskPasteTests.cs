using Fovea.Models.Detection;
using Fovea.Torch;

namespace Fovea.Tests.Models.Detection;

[LeakCheck]
public class MaskPasteTests
{
    // Inside, over each edge, of no size, larger than the image.
    private static readonly float[] Boxes =
    [
        3.2f, 4.7f, 20.1f, 33.9f, 0, 0, 9.5f, 12, 30, 20, 48, 40, 25.5f, 0.3f, 26, 39.9f, 10, 10, 10.2f, 10.1f, 0, 0, 48, 40, -4, -3, 60, 55,
    ];

    [Fact]
    public void Pasted_masks_equal_torchvisions()
    {
        var answer = PythonReference.Run(
            """
            import torch
            from torchvision.models.detection.roi_heads import paste_masks_in_image
            masks = torch.rand(7, 1, 28, 28)
            out['masks'] = masks[:, 0]
            out['pasted'] = paste_masks_in_image(masks, T(boxes), (40, 48))
            """,
            ("boxes", new NdArray(Boxes, 7, 4)));
        using var scope = new TensorScope();
        var pasted = MaskPaste.ToImages(
            TorchvisionDetector.ToTensor(answer["masks"]), Tensor.FromArray(Boxes, [7, 4]), new ImageSize(40, 48));
        Assert.Equal([7, 1, 40, 48], pasted.Shape.ToArray());
        DetectorParityTests.AssertClose(answer.Floats("pasted"), pasted.ToArray<float>(), 1e-5f, "pasted");
    }

    [Fact]
    public void Run_lengths_hold_the_pixels_above_one_half()
    {
        using var scope = new TensorScope();
        RandomState.Seed(1);
        var size = new ImageSize(40, 48);
        var masks = Tensor.Rand([7, 28, 28]);
        masks[5] = Tensor.Ones([28, 28]);
        var pasted = MaskPaste.ToImages(masks, Tensor.FromArray(Boxes, [7, 4]), size).ToArray<float>();
        var values = masks.ToArray<float>();
        for (var i = 0; i < 7; i++)
        {
            var box = new Box(Boxes[4 * i], Boxes[4 * i + 1], Boxes[4 * i + 2], Boxes[4 * i + 3]);
            var mask = MaskPaste.ToRunLengths(values.AsSpan(i * 784, 784), 28, box, size);
            Assert.All(mask.Counts.Skip(1), count => Assert.NotEqual(0u, count));
            var pixels = mask.Counts.SelectMany((count, run) => Enumerable.Repeat(run % 2 == 1, (int)count)).ToArray();
            for (var pixel = 0; pixel < pixels.Length; pixel++)
                Assert.Equal(pasted[i * 1920 + pixel % 40 * 48 + pixel / 40] > 0.5f, pixels[pixel]);
        }
    }
}
