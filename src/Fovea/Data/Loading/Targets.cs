using Fovea.Torch;
using Fovea.Transforms;

namespace Fovea.Data.Loading;

/// <summary>Turns annotations into the tensors that losses take.</summary>
internal static class Targets
{
    /// <summary><c>[N]</c> int64.</summary>
    public static Tensor Labels(List<Scene> scenes) => Tensor.FromArray(scenes.Select(static scene =>
        (long)(scene.Annotation.Label ?? throw new DataException(scene.Name, null, "no class", "a class for the image; is this a classification data set?"))).ToArray());

    /// <summary><c>[N, K]</c> float32, 1 for each class that the image shows.</summary>
    public static Tensor ManyLabels(List<Scene> scenes, int classes)
    {
        var labels = Tensor.Zeros([scenes.Count, classes]);
        var values = labels.Span<float>();
        for (var i = 0; i < scenes.Count; i++)
        {
            foreach (var label in scenes[i].Annotation.PresentLabels
                ?? throw new DataException(scenes[i].Name, null, "no classes", "a list of classes, which may be empty; is this a data set with several labels an image?"))
                values[i * classes + label] = 1;
        }

        return labels;
    }

    /// <summary><c>[N, H, W]</c> int64, 255 where nothing is known.</summary>
    public static Tensor Maps(List<Scene> scenes, ImageSize size)
    {
        var maps = Tensor.Empty([scenes.Count, size.Height, size.Width], Dtype.Int64);
        var values = maps.Span<long>();
        for (var i = 0; i < scenes.Count; i++)
            Spread(scenes[i], values.Slice(i * size.Height * size.Width, size.Height * size.Width), size.Width);
        return maps;
    }

    /// <summary><c>[N, H, W]</c> float32, 0 in the padding.</summary>
    public static Tensor PixelWeights(IReadOnlyList<LoadedSample> samples, ImageSize size)
    {
        var weights = Tensor.Zeros([samples.Count, size.Height, size.Width]);
        var values = weights.Span<float>();
        for (var i = 0; i < samples.Count; i++)
        {
            var (own, width) = (samples[i].PixelWeights!, samples[i].Scene.Image.Width);
            for (var row = 0; row * width < own.Length; row++)
                own.AsSpan(row * width, width).CopyTo(values[((i * size.Height + row) * size.Width)..]);
        }

        return weights;
    }

    /// <summary>Boxes, classes and, if asked for, masks of all objects that are no crowds.</summary>
    public static DetectionTarget Objects(Scene scene, bool withMasks)
    {
        var given = scene.Annotation.Instances
            ?? throw new DataException(scene.Name, null, "no objects", "a list of objects, which may be empty; is this a detection data set?");
        var objects = given.Where(static item => !item.IsCrowd).ToList();
        var boxes = Tensor.Empty([objects.Count, 4]);
        var coordinates = boxes.Span<float>();
        for (var i = 0; i < objects.Count; i++)
        {
            var box = objects[i].Box;
            (coordinates[4 * i], coordinates[4 * i + 1], coordinates[4 * i + 2], coordinates[4 * i + 3]) = (box.X1, box.Y1, box.X2, box.Y2);
        }

        return new DetectionTarget(
            boxes, Tensor.FromArray(objects.Select(static item => (long)item.Label).ToArray()), withMasks ? Masks(objects, scene) : null);
    }

    private static Tensor Masks(List<Instance> objects, Scene scene)
    {
        var (height, width) = (scene.Image.Height, scene.Image.Width);
        var masks = Tensor.Empty([objects.Count, height, width], Dtype.UInt8);
        var values = masks.Span<byte>();
        values.Clear();
        for (var i = 0; i < objects.Count; i++)
        {
            var mask = objects[i].Mask
                ?? throw new DataException(scene.Name, $"object {objects[i].Id ?? objects[i].Box.ToString()}", "no mask", "a mask for every object; is this an instance segmentation data set?");
            mask.PaintOn(values.Slice(i * height * width, height * width), 1);
        }

        return masks;
    }

    private static void Spread(Scene scene, Span<long> target, int width)
    {
        var map = scene.Annotation.Map
            ?? throw new DataException(scene.Name, null, "no label map", "a class for every pixel; is this a semantic segmentation data set?");
        target.Fill(LabelMap.Ignore);
        for (var row = 0; row < map.Size.Height; row++)
        {
            var line = map.Values.AsSpan(row * map.Size.Width, map.Size.Width);
            for (var column = 0; column < line.Length; column++)
                target[row * width + column] = line[column];
        }
    }
}
