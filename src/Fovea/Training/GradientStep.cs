using Fovea.Models;
using Fovea.Torch;
using Fovea.Torch.Optim;

namespace Fovea.Training;

/// <summary>One step of the optimizer: losses and gradients of its batches, clipping, the step, the running average.</summary>
internal sealed class GradientStep
{
    private readonly VisionModel model;
    private readonly Optimizer optimizer;
    private readonly Arithmetic arithmetic;
    private readonly ClippingSection? clipping;
    private readonly WeightAverage? average;
    private readonly FilterLimit? limit;
    private readonly IReadOnlyList<Tensor> trained;
    private readonly OrderedDictionary<string, double> sums = new(StringComparer.Ordinal);
    private List<string> imagesBefore = [];
    private List<string> images = [];

    public GradientStep(
        VisionModel model, Optimizer optimizer, Arithmetic arithmetic, ClippingSection? clipping = null, FilterLimit? limit = null, WeightAverage? average = null, LossScaler? scaler = null)
    {
        this.model = model;
        this.optimizer = optimizer;
        this.arithmetic = arithmetic;
        this.clipping = clipping;
        this.limit = limit;
        this.average = average;
        trained = [.. model.Parameters().Where(static p => p.RequiresGrad)];
        Scaler = arithmetic.NeedsLossScaling ? scaler ?? new LossScaler() : null;
    }

    /// <summary>Scales losses in float16, otherwise null.</summary>
    public LossScaler? Scaler { get; }

    /// <summary>The terms of the loss, means over the batches since the last step.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Terms => [.. sums];

    /// <summary>Adds the gradients of a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="share">Its share of the step: 1 over the batches of the step.</param>
    /// <param name="mix">What is done to the batch on the device first, or null.</param>
    /// <returns>The terms of its loss, or null when one is not finite; then no gradient was added.</returns>
    public IReadOnlyList<KeyValuePair<string, double>>? Accumulate(Batch batch, double share, Func<Batch, Batch>? mix = null)
    {
        using var scope = new TensorScope();
        imagesBefore = images;
        images = [.. batch.Origins.Select(static origin => origin.Path)];
        var placed = arithmetic.Place(batch);
        placed = mix?.Invoke(placed) ?? placed;
        LossTerms terms;
        using (arithmetic.Enter())
            terms = LoneImages.Guard(model, batch, () => SmallImages.Guard(batch, () => model.Loss(placed)));
        var values = Read(terms);
        if (!values.All(static value => double.IsFinite(value.Value)))
        {
            LastTerms = values;
            return null;
        }

        using (var total = terms.Total() * (share * (Scaler?.Scale ?? 1)))
            total.Backward();
        foreach (var (name, value) in values)
            sums[name] = sums.GetValueOrDefault(name) + value * share;
        return values;
    }

    /// <summary>The terms that were not finite.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> LastTerms { get; private set; } = [];

    /// <summary>The images of the batch before the last.</summary>
    public IReadOnlyList<string> ImagesBefore => imagesBefore;

    /// <summary>Takes the step with the gradients gathered, and forgets them.</summary>
    /// <param name="rateFactor">Factor on the learning rates.</param>
    /// <param name="step">Number of the step, from 1.</param>
    public void Take(double rateFactor, long step)
    {
        optimizer.ScaleLearningRates(rateFactor);
        if (Scaler is null || Unscale())
        {
            Clip();
            optimizer.Step();
            limit?.Apply();
        }

        optimizer.ZeroGradients();
        average?.Update(step);
    }

    /// <summary>Forgets the terms of the step.</summary>
    public void Clear() => sums.Clear();

    private bool Unscale()
    {
        using var scope = new TensorScope();
        return Scaler!.Unscale([.. trained.Select(static p => p.Gradient).OfType<Tensor>()]);
    }

    private void Clip()
    {
        if (clipping is null)
            return;
        using var scope = new TensorScope();
        if (clipping.Name == ClippingKind.Norm)
            GradientClipping.ByNorm(trained, clipping.Limit);
        else
            GradientClipping.ByValue(trained, clipping.Limit);
    }

    // One read for all terms: each would wait for the GPU.
    private static List<KeyValuePair<string, double>> Read(LossTerms terms)
    {
        using var noGrad = Autograd.NoGrad();
        var together = Aten.Stack([.. terms.Terms.Select(static term => term.Value.Detach().To(Dtype.Float32).Reshape([]))]).ToArray<float>();
        return [.. terms.Terms.Select((term, i) => KeyValuePair.Create(term.Key, (double)together[i]))];
    }
}
