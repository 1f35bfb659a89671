using Fovea.Data;
using Fovea.Data.Loading;
using Fovea.Explain;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Cli;

/// <summary>What a picture costs a trained network.</summary>
/// <param name="Parameters">Trainable scalars.</param>
/// <param name="MultiplyAdds">Products added up for the first picture of the data.</param>
/// <param name="Width">Width of that picture as the network sees it, pixels.</param>
/// <param name="Height">Its height, pixels.</param>
/// <param name="ImagesPerSecond">Pictures of that size predicted in a second, one at a time.</param>
internal sealed record PictureCost(long Parameters, long MultiplyAdds, int Width, int Height, double ImagesPerSecond)
{
    /// <summary>Measures.</summary>
    public static PictureCost Of(Predictor predictor, IDataset dataset)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var (model, arithmetic) = (predictor.Model, predictor.Arithmetic);
        var image = dataset.LoadImage(0, model.Preprocessing.Channels);
        using var batch = Collation.ForPrediction([(dataset[0].ImagePath, image)], model.Preprocessing, arithmetic.ChannelsLast, predictor.Transforms);
        var placed = arithmetic.Place(batch);
        var (height, width) = ((int)batch.Images.Shape[2], (int)batch.Images.Shape[3]);
        NetworkProfile profile;
        using (arithmetic.Enter())
            profile = NetworkProfile.Of(model, placed.Images, _ => model.Predict(placed));
        var speed = SpeedTest.Predict(model, arithmetic, 1, new ImageSize(height, width));
        return new PictureCost(profile.Parameters, profile.MultiplyAdds, width, height, speed.ImagesPerSecond);
    }
}
