using Fovea.Torch;

namespace Fovea.Models.Detection;

/// <summary>
/// What detectors share: from raw detections to the reference's named outputs, and to predictions in pixels of the original
/// pictures. How objects are found is the affair of each.
/// </summary>
public abstract class Detector : VisionModel
{
    /// <summary>The number that the network's outputs give to class 0 of the label space: 1 where the head puts background first.</summary>
    protected abstract int FirstLabel { get; }

    /// <summary>
    /// The reference's whole way: images are normalised, resized by <see cref="VisionModel.Preprocessing"/> and padded, and for
    /// image i come <c>boxes.i</c> [K, 4] in pixels of the input, <c>scores.i</c> [K], <c>labels.i</c> [K] in the reference's numbering
    /// and, from networks with masks, <c>masks.i</c> [K, 1, H, W], probabilities.
    /// </summary>
    /// <param name="images"><c>[N, C, H, W]</c> float32 in [0, 1].</param>
    /// <exception cref="FoveaException">The tensor has another shape.</exception>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images)
    {
        using var scope = new TensorScope();
        var size = AnchorOutputs.SizeOf(images);
        var input = ReferenceInput.Of(images, Preprocessing);
        var found = Detect(input.Images, [.. Enumerable.Repeat(input.Size, (int)images.Shape[0])]);
        var (x, y) = (size.Width / (float)input.Size.Width, size.Height / (float)input.Size.Height);
        var ratios = Tensor.FromArray([x, y, x, y]).To(images.Device);
        var outputs = new List<KeyValuePair<string, Tensor>>();
        for (var i = 0; i < found.Length; i++)
        {
            var boxes = found[i].Boxes * ratios;
            outputs.Add(KeyValuePair.Create($"boxes.{i}", scope.Keep(boxes)));
            outputs.Add(KeyValuePair.Create($"scores.{i}", scope.Keep(found[i].Scores)));
            outputs.Add(KeyValuePair.Create($"labels.{i}", scope.Keep(found[i].Labels)));
            if (found[i].Masks is { } masks)
                outputs.Add(KeyValuePair.Create($"masks.{i}", scope.Keep(MaskPaste.ToImages(masks, boxes, size))));
        }

        return outputs;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Prediction> Predict(Batch batch)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var found = Detect(batch.Images, [.. batch.Origins.Select(origin => origin.NetworkSize)]);
        PhaseBegins?.Invoke(PredictionPhase.OutputDecoding);
        return [.. found.Select((image, i) => ToPrediction(image, batch.Origins[i]))];
    }

    /// <summary>Finds the objects of images that are normalised, resized and padded already.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> float32.</param>
    /// <param name="sizes">Sizes of the images without padding.</param>
    /// <returns>One for each image, in the caller's scope.</returns>
    public abstract RawDetections[] Detect(Tensor images, IReadOnlyList<ImageSize> sizes);

    /// <summary>The targets of a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="withMasks">Whether masks are needed too.</param>
    /// <exception cref="FoveaException">There are none, a mask is missing, or a box has no area; the message names the picture.</exception>
    protected static IReadOnlyList<DetectionTarget> TargetsOf(Batch batch, bool withMasks = false)
    {
        var targets = batch.Targets ?? throw new FoveaException("detection: found a batch without targets, expected the objects of every picture (none is legal)");
        for (var i = 0; i < targets.Count; i++)
        {
            if (withMasks && targets[i].Masks is null)
                throw new FoveaException($"{batch.Origins[i].Path}: found objects without masks, expected a mask for each, as the network predicts masks");
            using var scope = new TensorScope();
            var corners = targets[i].Boxes.ToArray<float>();
            for (var box = 0; box < corners.Length; box += 4)
            {
                if (corners[box + 2] <= corners[box] || corners[box + 3] <= corners[box + 1])
                {
                    throw new FoveaException(
                        $"{batch.Origins[i].Path}: object {box / 4}: found box ({string.Join(", ", corners[box..(box + 4)])}) in network pixels, expected x1 < x2 and y1 < y2");
                }
            }
        }

        return targets;
    }

    private Prediction ToPrediction(RawDetections found, ImageOrigin origin)
    {
        var (corners, scores, labels) = (found.Boxes.ToArray<float>(), found.Scores.ToArray<float>(), found.Labels.ToArray<long>());
        var side = (int)(found.Masks?.Shape[-1] ?? 0);
        var masks = found.Masks?.ToArray<float>();
        var detections = new Fovea.Detection?[labels.Length];
        void Convert(int i)
        {
            var box = origin.ToOriginal(new Box(corners[4 * i], corners[4 * i + 1], corners[4 * i + 2], corners[4 * i + 3]));
            if (box.IsEmpty)
                return;
            var mask = masks is null ? null : MaskPaste.ToRunLengths(masks.AsSpan(i * side * side, side * side), side, box, origin.OriginalSize);
            detections[i] = new Fovea.Detection(box, (int)labels[i] - FirstLabel, scores[i]) { Mask = mask };
        }

        if (masks is null)
        {
            for (var i = 0; i < detections.Length; i++)
                Convert(i);
        }
        else
        {
            Parallel.For(0, detections.Length, Convert);
        }

        return new Prediction { Detections = [.. detections.OfType<Fovea.Detection>()] };
    }
}
