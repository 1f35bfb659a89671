using Fovea.Data.Loading;
using Fovea.Models.Segmentation;
using Fovea.Ops;
using Fovea.Torch;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Training;

/// <summary>What a semantic network says about a picture over all its views: scaled, mirrored, tile by tile.</summary>
/// <param name="model">The network, in evaluation behaviour.</param>
/// <param name="arithmetic">Device and precision.</param>
/// <param name="views">The views.</param>
internal sealed class PixelViews(Segmenter model, Arithmetic arithmetic, TestViews views)
{
    private const int TilesAtOnce = 4;

    /// <summary>The best class of every pixel by the mean of the probabilities.</summary>
    /// <param name="scene">The picture as it is in its file, with the network's channels.</param>
    public Prediction Predict(Scene scene)
    {
        using var scope = new TensorScope();
        var whole = new PreprocessingRule(model.Preprocessing).For(scene.Image.Size).Apply(scene);
        var size = whole.Image.Size;
        Tensor? sum = null;
        foreach (var scale in views.Scales)
        {
            var scaled = scale == 1 ? whole : new Resize(size, Scaled(size, scale), model.Preprocessing.Interpolation).Apply(whole);
            sum = Add(sum, AtSize(Probabilities(scaled), size));
            if (views.Flips)
                sum = Add(sum, AtSize(Probabilities(new Flip(scaled.Image.Size).Apply(scaled)).Flip([3]), size));
        }

        var origin = whole.Origin("");
        // The softmax of a logarithm is the probability again; that of 0 would not interpolate.
        var scores = Sharpened(sum![0].ClampMin(1e-12).Log(), whole);
        return new Prediction
        {
            Map = LogitDecoder.Decode(model.Crf is null ? sum[0] : scores, origin),
            Foreground = model.GivesForeground ? LogitDecoder.Foreground(scores, origin) : null,
        };
    }

    // By the picture itself, however often and in whatever form the network saw it.
    private Tensor Sharpened(Tensor scores, Scene whole)
    {
        if (model.Crf is null)
            return scores;
        using var batch = Collation.OfScenes([whole], model.Preprocessing, channelsLast: false);
        return CrfRefinement.Apply(model.Crf, scores, batch, 0, model.Preprocessing);
    }

    private static ImageSize Scaled(ImageSize size, double scale) => new(Math.Max(1, (int)Math.Round(size.Height * scale)), Math.Max(1, (int)Math.Round(size.Width * scale)));

    private Tensor Add(Tensor? sum, Tensor probabilities) => sum is null ? probabilities : views.TakesHighest ? sum.Maximum(probabilities) : sum + probabilities;

    private static Tensor AtSize(Tensor probabilities, ImageSize size) => probabilities.Shape[2] == size.Height && probabilities.Shape[3] == size.Width
        ? probabilities
        : probabilities.UpsampleBilinear2d([size.Height, size.Width], false);

    /// <summary>[1, K, H, W] of the picture's size.</summary>
    private Tensor Probabilities(Scene scene)
    {
        var size = scene.Image.Size;
        if (views.Tile is { } side)
            return Tiled(scene, side);
        using var scope = new TensorScope();
        using var batch = Collation.OfScenes([scene], model.Preprocessing, arithmetic.ChannelsLast);
        return scope.Keep(Cut(Softmax(arithmetic.Place(batch)), size).Contiguous());
    }

    private Tensor Tiled(Scene scene, int side)
    {
        using var scope = new TensorScope();
        var size = scene.Image.Size;
        using var batch = Collation.OfScenes([scene], model.Preprocessing with { SizeMultiple = 1 }, arithmetic.ChannelsLast);
        // What is missing of a tile is padded as batches are: with zeros after normalising, at the right and the bottom.
        var images = arithmetic.Place(batch).Images.ConstantPadNd([0, Math.Max(0, side - size.Width), 0, Math.Max(0, side - size.Height)]);
        var places = (from y in SlidingWindow.Starts(size.Height, side, views.Overlap) from x in SlidingWindow.Starts(size.Width, side, views.Overlap) select (y, x)).ToList();
        var weights = Weights(side).To(arithmetic.Device);
        Tensor? sum = null;
        var total = Tensor.Zeros([1, 1, images.Shape[2], images.Shape[3]], Dtype.Float32, arithmetic.Device);
        foreach (var some in places.Chunk(TilesAtOnce))
        {
            using var inner = new TensorScope();
            var probabilities = Softmax(Tiles(images, some, side));
            sum ??= inner.Keep(Tensor.Zeros([1, probabilities.Shape[1], images.Shape[2], images.Shape[3]], Dtype.Float32, arithmetic.Device));
            foreach (var (i, (y, x)) in some.Index())
            {
                var (place, found) = (Window(sum, y, x, side), probabilities.Narrow(0, i, 1));
                if (views.TakesHighest)
                {
                    place.CopyInPlace(place.Maximum(found));
                    continue;
                }

                place.AddInPlace(found * weights);
                Window(total, y, x, side).AddInPlace(weights);
            }
        }

        return scope.Keep(Cut(views.TakesHighest ? sum! : sum! / total, size).Contiguous());
    }

    private Tensor Weights(int side)
    {
        if (!views.WeighsTileCentres)
            return Tensor.Ones([1, 1, side, side]);
        var line = Tensor.FromArray(SlidingWindow.GaussianWeights(side));
        return (line.View([side, 1]) * line).View([1, 1, side, side]);
    }

    private Batch Tiles(Tensor images, IReadOnlyList<(int Y, int X)> places, int side)
    {
        var size = new ImageSize(side, side);
        return new Batch
        {
            Images = arithmetic.Place(Aten.Cat([.. places.Select(place => Window(images, place.Y, place.X, side))], 0)),
            Origins = [.. places.Select(_ => new ImageOrigin("tile", "", size, size))],
        };
    }

    private Tensor Softmax(Batch batch)
    {
        using var lowered = arithmetic.Enter();
        return model.Scores(batch).Softmax(1, Dtype.Float32);
    }

    private static Tensor Cut(Tensor map, ImageSize size) => map.Narrow(2, 0, size.Height).Narrow(3, 0, size.Width);

    private static Tensor Window(Tensor map, int y, int x, int side) => map.Narrow(2, y, side).Narrow(3, x, side);
}
