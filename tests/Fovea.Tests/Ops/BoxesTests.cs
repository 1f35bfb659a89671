using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Tests.Ops;

public class BoxesTests
{
    private static readonly ImageSize Size = new(100, 200);

    [Fact]
    public void A_one_pixel_box_keeps_its_place_in_every_format()
    {
        using var scope = new TensorScope();
        var pixel = new Box(3, 5, 4, 6);
        var boxes = Boxes.Of([pixel], Size);
        Assert.Equal([3, 5, 1, 1], boxes.To(BoxFormat.Xywh).Values.ToArray<float>());
        Assert.Equal([3.5f, 5.5f, 1, 1], boxes.To(BoxFormat.Cxcywh).Values.ToArray<float>());
        foreach (var format in Enum.GetValues<BoxFormat>())
        {
            Assert.Equal([pixel], boxes.To(format).ToArray());
            Assert.Equal([1f], boxes.To(format).Area().ToArray<float>());
        }
    }

    [Fact]
    public void Resizing_flipping_and_clipping_keep_the_format()
    {
        using var scope = new TensorScope();
        var boxes = Boxes.Of([new Box(-10, 20, 50, 120)], Size).To(BoxFormat.Cxcywh);
        Assert.Equal([new Box(0, 20, 50, 100)], boxes.Clip().ToArray());
        Assert.Equal(BoxFormat.Cxcywh, boxes.Clip().Format);
        var resized = boxes.Resize(new ImageSize(50, 400));
        Assert.Equal([new Box(-20, 10, 100, 60)], resized.ToArray());
        Assert.Equal(new ImageSize(50, 400), resized.ImageSize);
        Assert.Equal([new Box(150, 20, 210, 120)], boxes.FlipHorizontal().ToArray());
    }

    [Fact]
    public void Boxes_of_another_image_or_shape_are_refused()
    {
        using var scope = new TensorScope();
        var boxes = Boxes.Of([new Box(0, 0, 1, 1), new Box(1, 1, 2, 2)], Size);
        Assert.Equal([1f, 0f], boxes.Overlap(BoxOverlap.IoU, boxes[Tensor.FromArray([0L])]).ToArray<float>());
        Assert.Throws<ArgumentException>(() => boxes.Overlap(BoxOverlap.IoU, Boxes.Of([], new ImageSize(1, 1))));
        Assert.Throws<ArgumentException>(() => new Boxes(Tensor.Zeros([4]), BoxFormat.Xyxy, Size));
        Assert.Equal(0, Boxes.Of([], Size).Count);
        Assert.Empty(Boxes.Of([], Size).To(BoxFormat.Xywh).ToArray());
    }
}
