using System.Diagnostics;
using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Torch;

namespace Fovea.Training;

/// <summary>Measures a network on labelled images.</summary>
/// <param name="model">The network; it is put into evaluation behaviour and back.</param>
/// <param name="arithmetic">Device and precision.</param>
/// <param name="labels">The classes.</param>
/// <param name="options">What is measured beyond the usual figures; nothing when null.</param>
public sealed class Evaluator(VisionModel model, Arithmetic arithmetic, LabelSpace labels, EvaluationSection? options = null)
{
    /// <summary>Images shown in a report, of either kind.</summary>
    internal const int Shown = 12;

    /// <summary>Hears every prediction as well, or null.</summary>
    internal TaskJudge? Pool { get; init; }

    /// <summary>Evaluates all images of a source, the losses included.</summary>
    /// <param name="source">The images.</param>
    /// <param name="progress">Told the images done and all.</param>
    /// <param name="stop">Asks to stop.</param>
    /// <returns>What was found, or null when asked to stop.</returns>
    /// <exception cref="FoveaException">An image cannot be read, or the options ask for what the task does not have.</exception>
    public Evaluation? Evaluate(IBatchSource source, Action<int, int>? progress = null, CancellationToken stop = default)
    {
        var start = Stopwatch.GetTimestamp();
        var wasTraining = model.IsTraining;
        var judge = TaskJudge.For(model.Task, labels, options ?? new EvaluationSection());
        if (model is Segmenter segmenter)
            segmenter.GivesForeground = judge.NeedsForeground || Pool is { NeedsForeground: true };
        model.Eval();
        // Losses may draw samples; training must go on as if nothing had been drawn.
        using var random = RandomState.Get(arithmetic.Device);
        try
        {
            using var plan = arithmetic.Plan(model);
            var best = new Gallery(Shown);
            var losses = new LossMeans();
            var done = 0;
            foreach (var batch in source.Epoch(0))
            {
                using (batch)
                    Judge(batch, done, judge, best, losses);
                done += batch.Count;
                progress?.Invoke(done, source.Images);
                if (stop.IsCancellationRequested)
                    return null;
            }

            var result = judge.Conclude();
            return result with
            {
                Data = source.Name,
                Images = done,
                Metrics = losses.AddTo(result.Metrics),
                Samples = best.First,
                Worst = best.Worst,
                Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
            };
        }
        finally
        {
            RandomState.Set(random, arithmetic.Device);
            model.Train(wasTraining);
            if (model is Segmenter finished)
                finished.GivesForeground = false;
        }
    }

    private void Judge(Batch batch, int first, TaskJudge judge, Gallery gallery, LossMeans losses)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var placed = arithmetic.Place(batch);
        IReadOnlyList<Prediction> predictions;
        using (arithmetic.Enter())
        {
            losses.Add(SmallImages.Guard(batch, () => model.Loss(placed)), batch.Count);
            predictions = model.Predict(placed);
        }

        for (var i = 0; i < batch.Count; i++)
        {
            var quality = judge.Add(batch.Samples[i], predictions[i]);
            Pool?.Add(batch.Samples[i], predictions[i]);
            // Probabilities have done their work; kept for a gallery they would only take memory.
            gallery.Add(new JudgedImage(first + i, batch.Samples[i], predictions[i] with { Foreground = null }, quality));
        }
    }

    /// <summary>Means of the terms of the loss over images.</summary>
    private sealed class LossMeans
    {
        private readonly OrderedDictionary<string, double> sums = new(StringComparer.Ordinal);
        private int images;

        public void Add(LossTerms terms, int count)
        {
            foreach (var (name, value) in terms.Terms)
                sums[name] = sums.GetValueOrDefault(name) + value.ToDouble() * count;
            images += count;
        }

        public OrderedDictionary<string, double> AddTo(IReadOnlyDictionary<string, double> metrics)
        {
            var all = new OrderedDictionary<string, double>(metrics, StringComparer.Ordinal);
            if (images == 0)
                return all;
            all["loss"] = sums.Values.Sum() / images;
            if (MetricNames.AreTelling(sums))
            {
                foreach (var (name, sum) in sums)
                    all[$"loss.{name}"] = sum / images;
            }

            return all;
        }
    }

    /// <summary>The first images, and the worst in order.</summary>
    internal sealed class Gallery(int size)
    {
        private readonly List<JudgedImage> first = [], worst = [];

        public IReadOnlyList<JudgedImage> First => first;

        public IReadOnlyList<JudgedImage> Worst => worst;

        public void Add(JudgedImage image)
        {
            if (first.Count < size)
                first.Add(image);
            if (worst.Count == size && image.Quality >= worst[^1].Quality)
                return;
            var place = worst.FindIndex(other => other.Quality > image.Quality);
            worst.Insert(place < 0 ? worst.Count : place, image);
            if (worst.Count > size)
                worst.RemoveAt(size);
        }
    }
}
