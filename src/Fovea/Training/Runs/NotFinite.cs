using System.Text.Json.Nodes;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Training;

/// <summary>The error of a loss that is not finite: says which terms, which images, and what to try.</summary>
internal static class NotFinite
{
    private const int Listed = 8;

    /// <summary>Describes the failure and leaves the list of images in the run's folder.</summary>
    /// <param name="folder">The run's folder, or null.</param>
    /// <param name="model">The network, whose weights may be what is wrong.</param>
    /// <param name="terms">The terms with their values.</param>
    /// <param name="batch">The batch that gave them.</param>
    /// <param name="before">The images of the batches before it.</param>
    /// <param name="step">Steps taken before, and the learning rate.</param>
    public static FoveaException Describe(RunFolder? folder, Module model, IReadOnlyList<KeyValuePair<string, double>> terms, Batch batch,
        IReadOnlyList<string> before, (long Step, double LearningRate) step)
    {
        var images = batch.Origins.Select(static origin => origin.Path).ToList();
        var broken = BrokenWeight(model);
        if (folder is not null)
            Save(folder, terms, images, before, broken, step);
        var where = folder is null ? "" : $" (all in {folder.NotFinite})";
        var culprit = broken is null ? "" : $"; the weights were not finite already ({broken}), so the batch before it did the harm: {List(before)}";
        return new FoveaException(FormattableString.Invariant(
            $"the loss is not finite after {Counted.Of(step.Step, "step")}: {string.Join(", ", terms.Select(static t => FormattableString.Invariant($"{t.Key} = {t.Value:G6}")))}; images of the batch: {List(images)}{where}{culprit}; try a learning rate below {step.LearningRate:G3}, warm-up or clipping, or look at these images"));
    }

    private static string List(IReadOnlyList<string> images) =>
        string.Join(", ", images.Take(Listed)) + (images.Count > Listed ? $" and {images.Count - Listed} more" : "");

    private static string? BrokenWeight(Module model)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        return model.NamedParameters().Where(static p => !p.Value.Isfinite().All().ToBoolean()).Select(static p => p.Key).FirstOrDefault();
    }

    private static void Save(RunFolder folder, IReadOnlyList<KeyValuePair<string, double>> terms, List<string> images, IReadOnlyList<string> before,
        string? broken, (long Step, double LearningRate) step)
    {
        RunFacts.WriteJson(folder.NotFinite, new JsonObject
        {
            ["step"] = step.Step,
            ["learning_rate"] = step.LearningRate,
            ["terms"] = new JsonObject(terms.Select(static t => KeyValuePair.Create(t.Key, (JsonNode?)FormattableString.Invariant($"{t.Value:R}")))),
            ["images"] = Array(images),
            ["images_of_the_batch_before"] = Array(before),
            ["weight_not_finite"] = broken,
        });
    }

    private static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(static text => JsonValue.Create(text))]);
}
