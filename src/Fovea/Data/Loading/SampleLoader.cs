using System.Collections.Concurrent;
using Fovea.Imaging;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Data.Loading;

/// <summary>Loads, decodes and transforms one image at a time; called from many threads.</summary>
internal sealed class SampleLoader
{
    private readonly IDataset dataset;
    private readonly ModelTask task;
    private readonly Preprocessing preprocessing;
    private readonly Pipeline augmentations;
    private readonly LoaderOptions options;
    private readonly PreprocessingRule sizeRule;
    private readonly int[]? keypointMirror;
    private readonly ConcurrentDictionary<int, SkippedImage> broken = new();

    public SampleLoader(IDataset dataset, ModelTask task, Preprocessing preprocessing, Pipeline augmentations, LoaderOptions options)
    {
        (this.dataset, this.task, this.preprocessing, this.augmentations, this.options) = (dataset, task, preprocessing, augmentations, options);
        sizeRule = new PreprocessingRule(preprocessing);
        keypointMirror = KeypointMirror.Of(dataset.Keypoints);
    }

    /// <summary>The images skipped so far, by index.</summary>
    public IReadOnlyList<SkippedImage> Skipped => [.. broken.OrderBy(static pair => pair.Key).Select(static pair => pair.Value)];

    /// <summary>Loads an image, or the next whole one; null when it is broken and left out.</summary>
    public LoadedSample? Load(int index, int epoch)
    {
        for (var attempt = 0; attempt < dataset.Count; attempt++)
        {
            var candidate = (index + attempt) % dataset.Count;
            if (Read(candidate) is { } scene)
                return new LoadedSample(scene.Sample, Transform(scene.Scene, index, epoch));
            if (options.Broken == BrokenImages.LeaveOut)
                return null;
        }

        throw new FoveaException($"{dataset.Name}: found no whole image among {dataset.Count}; the first fault: {Skipped[0].Reason}");
    }

    private (Sample Sample, Scene Scene)? Read(int index)
    {
        if (broken.ContainsKey(index))
            return null;
        var path = "";
        try
        {
            path = dataset[index].ImagePath;
            var sample = task is ModelTask.Instance or ModelTask.Semantic ? dataset.Load(index) : dataset[index];
            var image = dataset.LoadImage(index, preprocessing.Channels);
            var depth = preprocessing.Channels == ImageChannels.Rgbd ? DepthPicture.Load(sample, image.Size) : null;
            return (sample, Scene.Of(image, sample.Annotation, sample.ImagePath) with { Depth = depth, KeypointMirror = keypointMirror });
        }
        catch (Exception e) when (e is FoveaException or IOException or UnauthorizedAccessException)
        {
            if (options.Broken == BrokenImages.Error)
                throw;
            broken.TryAdd(index, new SkippedImage(path, e.Message));
            return null;
        }
    }

    // A replacement draws what the broken image would have drawn: two replacements of one epoch then still differ.
    private Scene Transform(Scene scene, int index, int epoch)
    {
        var random = new RandomStream(options.Seed, epoch, index);
        scene = augmentations.Apply(scene, random);
        return options.ApplySizeRule ? sizeRule.For(scene.Image.Size).Apply(scene) : scene;
    }
}
