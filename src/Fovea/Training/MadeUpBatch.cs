using Fovea.Models;
using Fovea.Torch;

namespace Fovea.Training;

/// <summary>Noise with targets of the right kind, to time a network with.</summary>
internal static class MadeUpBatch
{
    private const int ObjectsPerImage = 8;

    public static Batch Create(VisionModel model, int count, ImageSize size, int classes)
    {
        var random = new Random(1);
        var channels = model.Preprocessing.Mean.Count;
        return new Batch
        {
            Images = Tensor.Randn([count, channels, size.Height, size.Width]),
            Origins = [.. Enumerable.Range(0, count).Select(i => new ImageOrigin("noise", $"{i}", size, size))],
            Labels = model.Task == ModelTask.Classification ? Labels(random, count, classes) : null,
            Maps = model.Task == ModelTask.Semantic ? Labels(random, count * size.Height * size.Width, classes).Reshape([count, size.Height, size.Width]) : null,
            Targets = model.Task is ModelTask.Detection or ModelTask.Instance
                ? [.. Enumerable.Range(0, count).Select(_ => Objects(random, size, classes, model.Task == ModelTask.Instance))]
                : null,
        };
    }

    private static Tensor Labels(Random random, int count, int classes) =>
        Tensor.FromArray([.. Enumerable.Range(0, count).Select(_ => (long)random.Next(classes))]);

    private static DetectionTarget Objects(Random random, ImageSize size, int classes, bool withMasks)
    {
        var boxes = new float[ObjectsPerImage * 4];
        var masks = new byte[withMasks ? ObjectsPerImage * size.Height * size.Width : 0];
        for (var i = 0; i < ObjectsPerImage; i++)
        {
            var (width, height) = (size.Width / 8 + random.Next(size.Width / 3), size.Height / 8 + random.Next(size.Height / 3));
            var (x, y) = (random.Next(size.Width - width), random.Next(size.Height - height));
            new float[] { x, y, x + width, y + height }.CopyTo(boxes, i * 4);
            for (var row = y; withMasks && row < y + height; row++)
                masks.AsSpan((i * size.Height + row) * size.Width + x, width).Fill(1);
        }

        return new DetectionTarget(Tensor.FromArray(boxes, [ObjectsPerImage, 4]), Labels(random, ObjectsPerImage, classes),
            withMasks ? Tensor.FromArray(masks, [ObjectsPerImage, size.Height, size.Width]) : null);
    }
}
