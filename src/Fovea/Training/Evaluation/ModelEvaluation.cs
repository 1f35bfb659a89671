using System.Diagnostics;
using Fovea.Data;
using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Models.Segmentation;
using Fovea.Torch.Serialization;
using Fovea.Transforms;

namespace Fovea.Training;

/// <summary>Measures a trained network on a folder of labelled images.</summary>
public static class ModelEvaluation
{
    /// <summary>Opens the data to measure a network on, read as in its training.</summary>
    /// <param name="predictor">The network.</param>
    /// <param name="weights">Its weights file, whose recipe says how the data is read.</param>
    /// <param name="folder">The data, or null for the data it was trained with.</param>
    /// <param name="split">The split, or null for the usual one.</param>
    /// <exception cref="FoveaException">The data is not there or at fault, or has classes that the network does not know.</exception>
    public static IDataset Open(Predictor predictor, string weights, string? folder, string? split)
    {
        using var file = WeightsFile.Open(weights);
        var recipe = Checkpoint.RecipeOf(file);
        var section = recipe?.Data ?? new DataSection();
        if (folder is not null)
            return DataParts.OpenForEvaluation(folder, split, predictor.Labels, section, predictor.Card.Task);
        if (recipe is null || section.Folder is null)
            throw new FoveaException($"{weights}: does not say what data it was trained with, expected --data DIR");
        return split is null
            ? DataParts.Open(section, predictor.Card.Task, recipe.Seed).Validation
            : DataParts.OpenForEvaluation(section.Folder, split, predictor.Labels, section, predictor.Card.Task);
    }

    /// <summary>What the recipe of a weights file measures beyond the usual figures; nothing when the file has no recipe.</summary>
    /// <param name="weights">The weights file.</param>
    public static EvaluationSection FiguresOf(string weights)
    {
        using var file = WeightsFile.Open(weights);
        return Checkpoint.RecipeOf(file)?.Evaluation ?? new EvaluationSection();
    }

    /// <summary>Measures.</summary>
    /// <param name="predictor">The network.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="batchSize">Images in a batch.</param>
    /// <param name="skipBroken">Whether images that cannot be read are left out and counted in the notes.</param>
    /// <param name="figures">What is measured beyond the usual figures; nothing when null.</param>
    /// <param name="progress">Told the images done and all.</param>
    /// <returns>The figures; of a predictor with <see cref="Predictor.Views"/> those of its averaged predictions, without a loss.</returns>
    /// <exception cref="FoveaException">An image cannot be read, there are none, or figures are asked for that the task does not have.</exception>
    public static Evaluation Run(Predictor predictor, IDataset dataset, int batchSize, bool skipBroken, EvaluationSection? figures = null, Action<int, int>? progress = null) =>
        predictor.Views.IsPlain ? Run(predictor, dataset, batchSize, skipBroken, figures, null, progress) : RunViews(predictor, dataset, skipBroken, figures, progress);

    /// <summary>Measures, and tells another judge besides.</summary>
    internal static Evaluation Run(
        Predictor predictor, IDataset dataset, int batchSize, bool skipBroken, EvaluationSection? figures, TaskJudge? pool, Action<int, int>? progress = null)
    {
        var options = new LoaderOptions { BatchSize = batchSize, ChannelsLast = predictor.Arithmetic.ChannelsLast, Broken = skipBroken ? BrokenImages.LeaveOut : BrokenImages.Error };
        var loader = new DataLoader(dataset, predictor.Card.Task, predictor.Model.Preprocessing, options, predictor.Transforms);
        var evaluation = new Evaluator(predictor.Model, predictor.Arithmetic, predictor.Labels, figures) { Pool = pool }.Evaluate(loader, progress)!;
        return Noting(evaluation, [.. loader.Skipped.Select(static image => image.Reason)]);
    }

    private static Evaluation RunViews(Predictor predictor, IDataset dataset, bool skipBroken, EvaluationSection? figures, Action<int, int>? progress)
    {
        var start = Stopwatch.GetTimestamp();
        var judge = TaskJudge.For(predictor.Card.Task, predictor.Labels, figures ?? new EvaluationSection());
        if (predictor.Model is Segmenter segmenter)
            segmenter.GivesForeground = judge.NeedsForeground;
        var gallery = new Evaluator.Gallery(Evaluator.Shown);
        var (done, skipped) = (0, new List<string>());
        for (var i = 0; i < dataset.Count; i++)
        {
            if (Load(predictor, dataset, i, skipBroken ? skipped : null) is not var (sample, scene))
                continue;
            var prediction = predictor.Predict([scene])[0];
            var quality = judge.Add(sample, prediction);
            // Probabilities have done their work; kept for a gallery they would only take memory.
            gallery.Add(new JudgedImage(done++, sample, prediction with { Foreground = null }, quality));
            progress?.Invoke(i + 1, dataset.Count);
        }

        return Noting(judge.Conclude() with
        {
            Data = dataset.Name, Images = done, Samples = gallery.First, Worst = gallery.Worst, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        }, skipped);
    }

    private static (Sample Sample, Scene Scene)? Load(Predictor predictor, IDataset dataset, int index, List<string>? skipped)
    {
        try
        {
            var sample = predictor.Card.Task == ModelTask.Semantic ? dataset.Load(index) : dataset[index];
            var channels = predictor.Model.Preprocessing.Channels;
            var scene = Scene.Of(dataset.LoadImage(index, channels), name: sample.ImagePath);
            return (sample, channels == ImageChannels.Rgbd ? scene with { Depth = DepthPicture.Load(sample, scene.Image.Size) } : scene);
        }
        catch (FoveaException e) when (skipped is not null)
        {
            skipped.Add(e.Message);
            return null;
        }
    }

    private static Evaluation Noting(Evaluation evaluation, IReadOnlyList<string> skipped) => skipped.Count == 0
        ? evaluation
        : evaluation with { Notes = [.. evaluation.Notes, $"{Counted.Of(skipped.Count, "image cannot be read and was", "images cannot be read and were")} left out, such as {skipped[0]}"] };
}
