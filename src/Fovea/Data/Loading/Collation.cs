using Fovea.Imaging;
using Fovea.Torch;
using Fovea.Transforms;

namespace Fovea.Data.Loading;

/// <summary>Puts pictures of different sizes and their targets into the tensors of a batch.</summary>
public static class Collation
{
    /// <summary>Makes a batch with targets.</summary>
    /// <param name="samples">The samples, at least one, 8 bits a channel.</param>
    /// <param name="task">Which targets are made.</param>
    /// <param name="preprocessing">Mean, standard deviation and size multiple.</param>
    /// <param name="classes">Number of classes; for <see cref="ModelTask.MultiLabel"/>.</param>
    /// <param name="channelsLast">Whether the channels of a pixel lie together in memory.</param>
    /// <returns>The batch; the caller disposes it.</returns>
    /// <exception cref="DataException">A sample lacks what the task needs (class, objects, masks, label map).</exception>
    /// <remarks>
    /// Objects: crowds are left out, difficult ones are trained on. Label maps are padded with <see cref="LabelMap.Ignore"/>,
    /// pictures with zeros after normalising.
    /// </remarks>
    public static Batch Make(IReadOnlyList<LoadedSample> samples, ModelTask task, Preprocessing preprocessing, int classes, bool channelsLast = false)
    {
        using var scope = new TensorScope();
        var scenes = samples.Select(static sample => sample.Scene).ToList();
        var origins = samples.Select(static sample => sample.Scene.Origin(sample.Sample.Id)).ToList();
        var batch = new Batch
        {
            Images = Images(scenes, preprocessing, channelsLast),
            Origins = origins,
            Labels = task switch { ModelTask.Classification => Targets.Labels(scenes), ModelTask.MultiLabel => Targets.ManyLabels(scenes, classes), _ => null },
            Maps = task == ModelTask.Semantic ? Targets.Maps(scenes, BatchSize(scenes, preprocessing)) : null,
            PixelWeights = samples[0].PixelWeights is null ? null : Targets.PixelWeights(samples, BatchSize(scenes, preprocessing)),
            Targets = task is ModelTask.Detection or ModelTask.Instance
                ? [.. scenes.Select(scene => Targets.Objects(scene, withMasks: task == ModelTask.Instance))]
                : null,
            Samples = [.. samples.Select(static sample => sample.Sample)],
        };
        LetOut(batch);
        return batch;
    }

    /// <summary>Makes a batch without targets, for prediction: applies the transforms and the size rule, and normalises.</summary>
    /// <param name="images">Pictures with their paths, at least one, with the channels that the preprocessing names.</param>
    /// <param name="preprocessing">What the network expects.</param>
    /// <param name="channelsLast">Whether the channels of a pixel lie together in memory.</param>
    /// <param name="transforms">Applied before the size rule, as in evaluation; null for none. They must be fixed.</param>
    /// <returns>The batch; the caller disposes it.</returns>
    /// <exception cref="FoveaException">A transform is drawn by chance.</exception>
    public static Batch ForPrediction(IReadOnlyList<(string Path, Image Image)> images, Preprocessing preprocessing, bool channelsLast = false, Pipeline? transforms = null) =>
        ForPrediction([.. images.Select(static item => Scene.Of(item.Image, name: item.Path))], preprocessing, channelsLast, transforms);

    /// <summary>Makes a batch without targets, for prediction: applies the size rule and normalises.</summary>
    /// <param name="pictures">Pictures, at least one, with the channels that the preprocessing names, depth too.</param>
    /// <param name="preprocessing">What the network expects.</param>
    /// <param name="channelsLast">Whether the channels of a pixel lie together in memory.</param>
    /// <param name="transforms">Applied before the size rule, as in evaluation; null for none. They must be fixed.</param>
    /// <returns>The batch; the caller disposes it.</returns>
    /// <exception cref="FoveaException">A transform is drawn by chance.</exception>
    public static Batch ForPrediction(IReadOnlyList<Scene> pictures, Preprocessing preprocessing, bool channelsLast = false, Pipeline? transforms = null)
    {
        var steps = new Pipeline([.. (transforms ?? Pipeline.Empty).Augmentations, new Fovea.Transforms.Augmentations.PreprocessingRule(preprocessing)]);
        return OfScenes([.. pictures.Select(steps.ApplyFixed)], preprocessing, channelsLast);
    }

    /// <summary>Makes a batch without targets of pictures that have their size already: normalises.</summary>
    internal static Batch OfScenes(List<Scene> scenes, Preprocessing preprocessing, bool channelsLast)
    {
        using var scope = new TensorScope();
        var batch = new Batch
        {
            Images = Images(scenes, preprocessing, channelsLast),
            Origins = [.. scenes.Select(static scene => scene.Origin(Path.GetFileNameWithoutExtension(scene.Name)))],
        };
        LetOut(batch);
        return batch;
    }

    private static ImageSize BatchSize(List<Scene> scenes, Preprocessing preprocessing)
    {
        var multiple = Math.Max(1, preprocessing.SizeMultiple);
        int RoundUp(int side) => (side + multiple - 1) / multiple * multiple;
        return new ImageSize(RoundUp(scenes.Max(static scene => scene.Image.Height)), RoundUp(scenes.Max(static scene => scene.Image.Width)));
    }

    private static Tensor Images(List<Scene> scenes, Preprocessing preprocessing, bool channelsLast)
    {
        var size = BatchSize(scenes, preprocessing);
        var normalization = new Normalization(preprocessing);
        var (count, channels) = (scenes.Count, normalization.Channels);
        var buffer = Tensor.Empty(channelsLast ? [count, size.Height, size.Width, channels] : [count, channels, size.Height, size.Width]);
        var values = buffer.Span<float>();
        var length = channels * size.Height * size.Width;
        for (var i = 0; i < count; i++)
            normalization.Write(scenes[i].Image, scenes[i].Name, values.Slice(i * length, length), size, channelsLast, scenes[i].Depth);
        return ContrastNormalization.Apply(channelsLast ? buffer.Permute([0, 3, 1, 2]) : buffer, preprocessing);
    }

    private static void LetOut(Batch batch)
    {
        batch.Images.Escape();
        batch.Labels?.Escape();
        batch.Maps?.Escape();
        batch.PixelWeights?.Escape();
        foreach (var target in batch.Targets ?? [])
        {
            target.Boxes.Escape();
            target.Labels.Escape();
            target.Masks?.Escape();
        }
    }
}
