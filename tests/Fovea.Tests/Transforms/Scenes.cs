using Fovea.Imaging;
using Fovea.Transforms;

namespace Fovea.Tests.Transforms;

/// <summary>Black pictures with bright rectangles exactly where boxes, masks and label maps say.</summary>
internal static class Scenes
{
    public static Scene Painted(ImageSize size, params (int X1, int Y1, int X2, int Y2)[] rectangles)
    {
        var image = new Image(size, 3, new byte[size.Height * size.Width * 3]);
        var map = new byte[size.Height * size.Width];
        var instances = new List<Instance>();
        foreach (var (index, (x1, y1, x2, y2)) in rectangles.Index())
        {
            var bitmap = new byte[map.Length];
            for (var y = y1; y < y2; y++)
            {
                for (var x = x1; x < x2; x++)
                {
                    bitmap[y * size.Width + x] = 1;
                    map[y * size.Width + x] = (byte)(index + 1);
                    image.Data.AsSpan((y * size.Width + x) * 3, 3).Fill(255);
                }
            }

            instances.Add(new Instance(index, new Box(x1, y1, x2, y2))
            {
                Mask = RunLengthMask.FromBitmap(bitmap, size),
                Keypoints = [new Keypoint((x1 + x2) / 2f, (y1 + y2) / 2f, 2), new Keypoint(x1, y1, 1), default],
            });
        }

        return Scene.Of(image, new Annotation { Instances = instances, Map = new LabelMap(size, map) }, "painted.png");
    }

    public static Image RandomImage(ImageSize size, int channels = 3, int seed = 1)
    {
        var image = new Image(size, channels);
        new Random(seed).NextBytes(image.Data);
        return image;
    }

    public static NdArray Array(Image image) => new(image.Data, image.Height, image.Width, image.Channels);

    public static Scene WithoutMasks(this Scene scene) => scene with
    {
        Annotation = scene.Annotation with { Instances = [.. scene.Annotation.Instances!.Select(static item => item with { Mask = null })] },
    };
}
