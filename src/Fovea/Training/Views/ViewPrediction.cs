using Fovea.Data.Loading;
using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Transforms;

namespace Fovea.Training;

/// <summary>What a network says about a picture over several views of it.</summary>
internal static class ViewPrediction
{
    private const int ViewsAtOnce = 30;

    /// <param name="model">The network, in evaluation behaviour.</param>
    /// <param name="arithmetic">Device and precision.</param>
    /// <param name="views">The views.</param>
    /// <param name="scene">The picture as it is in its file, with the network's channels.</param>
    /// <exception cref="FoveaException">The network, or what is done to its pictures, does not go with the views.</exception>
    public static Prediction Predict(VisionModel model, Arithmetic arithmetic, TestViews views, Scene scene)
    {
        views.Check(model.Task, Math.Max(1, model.Preprocessing.SizeMultiple));
        return model is Segmenter segmenter ? new PixelViews(segmenter, arithmetic, views).Predict(scene) : Average(model, arithmetic, views, scene);
    }

    private static Prediction Average(VisionModel model, Arithmetic arithmetic, TestViews views, Scene scene)
    {
        var transforms = CropPlan.Of(views, model.Preprocessing, scene.Image.Size);
        double[]? sum = null;
        foreach (var some in transforms.Chunk(ViewsAtOnce))
        {
            using var batch = Collation.OfScenes([.. some.Select(transform => transform.Apply(scene))], model.Preprocessing, arithmetic.ChannelsLast);
            var placed = arithmetic.Place(batch);
            using var lowered = arithmetic.Enter();
            foreach (var prediction in model.Predict(placed))
            {
                sum ??= new double[prediction.Probabilities!.Length];
                for (var i = 0; i < sum.Length; i++)
                    sum[i] += prediction.Probabilities![i];
            }
        }

        return new Prediction { Probabilities = [.. sum!.Select(value => (float)(value / transforms.Count))], IsMultiLabel = model.Task == ModelTask.MultiLabel };
    }
}
