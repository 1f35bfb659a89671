using System.Globalization;
using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Explain;

/// <summary>Which score is asked about; what is left open is chosen by what the network itself says.</summary>
/// <param name="Class">Name or number of the class.</param>
/// <param name="Box">Number of a detection, from 1, best first.</param>
/// <param name="Within">A box in pixels of the original picture that a segmenter's region is cut to.</param>
public sealed record TargetRequest(string? Class = null, int? Box = null, Box? Within = null);

/// <summary>Poses questions to a trained network: finds the score that a request means on a picture.</summary>
public sealed class Explainer
{
    private readonly VisionModel model;
    private readonly LabelSpace labels;

    /// <summary>Takes a predictor's network; its inference plan ends, so that layers give what they were built to give.</summary>
    public Explainer(Predictor predictor)
    {
        (model, labels) = (predictor.Model, predictor.Labels);
        model.Train();
        model.Eval();
    }

    /// <summary>The question about a picture.</summary>
    /// <param name="batch">The picture, as a batch of one; it must outlive the subject.</param>
    /// <param name="request">What is asked.</param>
    /// <exception cref="FoveaException">The class or box does not exist, or the request is for another task.</exception>
    public Subject Ask(Batch batch, TargetRequest request)
    {
        int? label = request.Class is { } name ? LabelOf(name) : null;
        if (request.Box is not null && model.Task is not (ModelTask.Detection or ModelTask.Instance))
            throw new FoveaException($"--box: found a network of {model.Task}, expected a detector; other networks are asked with --target");
        if (request.Within is not null && model is not Segmenter)
            throw new FoveaException($"--region: found a network of {model.Task}, expected a segmenter");
        return new Subject(model, batch, model switch
        {
            ImageClassifier classifier => new ClassTarget(label ?? Likeliest(classifier, batch)),
            Segmenter segmenter => RegionTarget.Predicted(segmenter, batch, label, request.Within is { } box ? ToNetwork(box, batch.Origins[0]) : null),
            _ => BoxOf(batch, request.Box ?? 1, label),
        });
    }

    private static int Likeliest(ImageClassifier classifier, Batch batch)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        return (int)classifier.Logits(batch.Images).Argmax().ToInt64();
    }

    private static Box ToNetwork(Box box, ImageOrigin origin) => new(
        (float)(box.X1 * origin.ScaleX + origin.OffsetX), (float)(box.Y1 * origin.ScaleY + origin.OffsetY),
        (float)(box.X2 * origin.ScaleX + origin.OffsetX), (float)(box.Y2 * origin.ScaleY + origin.OffsetY));

    private BoxTarget BoxOf(Batch batch, int number, int? label)
    {
        var found = model.Predict(batch)[0].Detections!;
        if (number < 1 || number > found.Count)
        {
            throw new FoveaException(found.Count == 0
                ? $"{batch.Origins[0].Path}: found no object, so there is no box to explain"
                : $"--box: found {number}, expected 1 to {found.Count}, the objects found in {batch.Origins[0].Path}, the best first");
        }

        var detection = found[number - 1];
        return new BoxTarget(ToNetwork(detection.Box, batch.Origins[0]), label ?? detection.Label);
    }

    private int LabelOf(string name) => labels.TryIndexOf(name, out var index) ? index
        : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < labels.Count ? number
        : labels.IndexOf(name);
}
