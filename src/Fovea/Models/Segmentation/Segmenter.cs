using Fovea.Losses;
using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>
/// What networks share that give a class for every pixel: the loss of every pixel while training, label maps
/// in the pixels of the original picture afterwards. Background is a class like the others, usually the first.
/// </summary>
public abstract class Segmenter : VisionModel
{
    /// <summary>The scores that predict: their losses have no name but their own.</summary>
    protected const string Main = "";

    /// <inheritdoc/>
    public override ModelTask Task => ModelTask.Semantic;

    /// <summary>The parts of the loss, which are added; the cross entropy alone unless set. Each is a term of its own under its name.</summary>
    public IReadOnlyList<PixelCriterion> Criteria { get; set; } = [new("cross_entropy", new CrossEntropy { IgnoreIndex = LabelMap.Ignore })];

    /// <summary>Whether predictions hold the probability of every pixel not to be of the first class, besides the best class.</summary>
    public bool GivesForeground { get; set; }

    /// <summary>Sharpens predictions along the borders seen in the picture, or null to take the network's own; training is not affected.</summary>
    public DenseCrf? Crf { get; set; }

    /// <inheritdoc/>
    public override LossTerms Loss(Batch batch)
    {
        using var scope = new TensorScope();
        var terms = new LossTerms();
        foreach (var (head, weight, scores, step) in TrainingScores(batch))
            AddTerms(terms, head, weight, scores, batch, step);
        return terms.KeepIn(scope);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Prediction> Predict(Batch batch)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var logits = BatchLogits(batch);
        PhaseBegins?.Invoke(PredictionPhase.OutputDecoding);
        return [.. Enumerable.Range(0, batch.Count).Select(i => Decode(logits[i], batch, i))];
    }

    /// <summary>The score of every class at every pixel before the softmax, <c>[N, K, H, W]</c> of the images' size, differentiable by the images.</summary>
    /// <param name="batch">The pictures; it needs no targets.</param>
    public Tensor Scores(Batch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(BatchLogits(batch));
    }

    /// <summary>From the scores of one picture of a batch, <c>[K, H, W]</c>, to what is said about it.</summary>
    private protected Prediction Decode(Tensor logits, Batch batch, int index)
    {
        using var scope = new TensorScope();
        var scores = Crf is null ? logits : CrfRefinement.Apply(Crf, logits, batch, index, Preprocessing);
        var origin = batch.Origins[index];
        return new Prediction
        {
            Map = LogitDecoder.Decode(scores, origin),
            Foreground = GivesForeground ? LogitDecoder.Foreground(scores, origin) : null,
        };
    }

    /// <summary>The score of every class at every pixel of the batch, <c>[N, K, H, W]</c> of the images' size.</summary>
    protected abstract Tensor BatchLogits(Batch batch);

    /// <summary>
    /// The scores that training compares with the maps: those of the predictions, and of heads that only help training where a
    /// network has them.
    /// </summary>
    protected virtual IEnumerable<TrainedScores> TrainingScores(Batch batch) => [new(Main, 1, BatchLogits(batch))];

    /// <summary>Adds the losses between scores and the batch's maps.</summary>
    /// <param name="terms">Where they are added.</param>
    /// <param name="head">What gave the scores, such as <c>aux</c>: terms are called <c>aux_dice</c>, and <c>dice</c> where it is empty.</param>
    /// <param name="weight">Weight of all of them.</param>
    /// <param name="logits">The scores, <c>[N, K, H, W]</c>.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="step">Pixels of the maps for each cell of the scores along either side; the first of them is compared.</param>
    /// <exception cref="FoveaException">The batch has no maps.</exception>
    protected void AddTerms(LossTerms terms, string head, double weight, Tensor logits, Batch batch, int step = 1)
    {
        var (maps, weights) = (MapsOf(batch), batch.PixelWeights);
        if (step > 1)
        {
            weights = weights is null ? null : Matched(logits, weights, step).Maps;
            (logits, maps) = Matched(logits, maps, step);
        }

        AddTerms(terms, head, weight, logits, maps, weights);
    }

    /// <summary>Adds the losses between scores and maps of the same size.</summary>
    private protected void AddTerms(LossTerms terms, string head, double weight, Tensor logits, Tensor maps, Tensor? pixelWeights = null)
    {
        foreach (var (part, loss, factor) in Criteria)
        {
            // A schedule may let a part rest.
            if (factor == 0)
                continue;
            var value = loss is CrossEntropy entropy && pixelWeights is not null ? entropy.Compute(logits, maps, pixelWeights) : loss.Compute(logits, maps);
            terms.Add(TermName(head, part), weight * factor == 1 ? value : value * (weight * factor));
        }
    }

    /// <summary>The name of a term of the loss: that of the loss, after that of the scores where a network compares several with the maps.</summary>
    private protected static string TermName(string head, string part) => head.Length == 0 ? part : $"{head}_{part}";

    // Networks round sizes up or down when they halve them.
    private static (Tensor Scores, Tensor Maps) Matched(Tensor scores, Tensor maps, int step)
    {
        var reduced = maps.Slice(1, null, null, step).Slice(2, null, null, step);
        var (rows, columns) = (Math.Min(scores.Shape[2], reduced.Shape[1]), Math.Min(scores.Shape[3], reduced.Shape[2]));
        return (scores.Narrow(2, 0, rows).Narrow(3, 0, columns), reduced.Narrow(1, 0, rows).Narrow(2, 0, columns));
    }

    /// <summary>Scores that training compares with the maps.</summary>
    /// <param name="Head">What gave them, <see cref="Main"/> or a name; their losses are called by it.</param>
    /// <param name="Weight">Weight of their loss.</param>
    /// <param name="Scores">The scores, <c>[N, K, H, W]</c>.</param>
    /// <param name="Step">Pixels of the maps for each cell of the scores along either side.</param>
    protected readonly record struct TrainedScores(string Head, double Weight, Tensor Scores, int Step = 1);

    /// <summary>The true classes of a batch.</summary>
    /// <exception cref="FoveaException">The batch has none.</exception>
    private protected static Tensor MapsOf(Batch batch) =>
        batch.Maps ?? throw new FoveaException("semantic segmentation: found a batch without label maps, expected the class of every pixel");
}
