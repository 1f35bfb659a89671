using Fovea.Data;
using Fovea.Data.Loading;
using Fovea.Torch.Serialization;

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

    /// <summary>Measures.</summary>
    /// <param name="predictor">The network.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="batchSize">Images in a batch.</param>
    /// <param name="skipBroken">Whether images that cannot be read are left out and counted in the notes.</param>
    /// <param name="progress">Told the images done and all.</param>
    /// <exception cref="FoveaException">An image cannot be read, or there are none.</exception>
    public static Evaluation Run(Predictor predictor, IDataset dataset, int batchSize, bool skipBroken, Action<int, int>? progress = null)
    {
        var options = new LoaderOptions { BatchSize = batchSize, ChannelsLast = predictor.Arithmetic.ChannelsLast, Broken = skipBroken ? BrokenImages.LeaveOut : BrokenImages.Error };
        var loader = new DataLoader(dataset, predictor.Card.Task, predictor.Model.Preprocessing, options, predictor.Transforms);
        var evaluation = new Evaluator(predictor.Model, predictor.Arithmetic, predictor.Labels).Evaluate(loader, progress)!;
        var skipped = loader.Skipped;
        return skipped.Count == 0
            ? evaluation
            : evaluation with { Notes = [.. evaluation.Notes, $"{skipped.Count} images cannot be read and were left out, such as {skipped[0].Reason}"] };
    }
}
