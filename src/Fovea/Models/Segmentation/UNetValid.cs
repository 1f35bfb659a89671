using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>
/// U-Net: Convolutional Networks for Biomedical Image Segmentation (Ronneberger, Fischer, Brox, MICCAI 2015) as published:
/// convolutions without padding, so that every score comes from whole neighbourhoods and the output is 184 pixels smaller than
/// the input (572 to 388). Beyond the image's edge its mirror image is seen; large images are predicted tile by tile.
/// </summary>
public sealed class UNetValid : Segmenter
{
    /// <summary>Pixels lost on each side.</summary>
    public const int Margin = 92;

    /// <summary>Side of a tile of the output, as in figure 1 of the paper.</summary>
    public const int TileSide = 388;

    // The poolings halve the resolution four times: tiles this many pixels apart sample the image alike, so that they join without a seam.
    private const int Period = 16;
    private const int Remainder = TileSide % Period;
    private const int TileStep = TileSide / Period * Period;

    private static readonly UNetOptions Published = new() { Dropout = 0.5 };

    private readonly UNetBody body;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K, with the background.</param>
    /// <param name="options">How it is put together; as in the paper, without normalisation and with dropout, when null.</param>
    /// <exception cref="FoveaException">The options ask for parts whose maps must keep their size.</exception>
    public UNetValid(int inChannels, int classes, UNetOptions? options = null)
    {
        if (options is { Upsampling: not UpsamplingKind.Transposed } or { IsResidual: true } or { IsDeeplySupervised: true })
        {
            throw new FoveaException("U-Net without padding: found resize-convolutions, residual levels or deep supervision, expected none of them, "
                + "since its maps shrink at every convolution; take 'unet', whose convolutions are padded");
        }

        body = Child("", new UNetBody(inChannels, classes, options ?? Published, padding: 0));
        Preprocessing = new Preprocessing().Adapt(inChannels);
    }

    /// <summary>The network of the catalogue.</summary>
    public static IReadOnlyList<ModelEntry> Entries { get; } =
    [
        new("unet_valid", ModelTask.Semantic, "Ronneberger et al., U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015, 2, 31_030_658,
            options => new UNetValid(options.InChannels, options.Outputs, options.Varied(Published))) { DefaultInChannels = 1, Weights = ["safetensors"], Variation = Published },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["outc."];

    /// <summary>The bare network: the scores are <see cref="Margin"/> pixels smaller on each side.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> with sides of 16·m + 12, at least 188.</param>
    /// <exception cref="FoveaException">A side does not halve evenly at every pooling.</exception>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Forward(Tensor images)
    {
        CheckSide(images, 2);
        CheckSide(images, 3);
        return [KeyValuePair.Create("out", body.Forward(images))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Prediction> Predict(Batch batch)
    {
        using var noGrad = Autograd.NoGrad();
        var predictions = new List<Prediction>(batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            using var scope = new TensorScope();
            predictions.Add(Decode(PredictTiles(Picture(batch, i))[0], batch, i));
        }

        return predictions;
    }

    /// <summary>The scores of a whole image of any size, computed tile by tile (figure 2 of the paper); equal to those of one huge tile.</summary>
    /// <param name="image"><c>[1, C, H, W]</c>.</param>
    /// <returns><c>[1, K, H, W]</c>.</returns>
    public Tensor PredictTiles(Tensor image)
    {
        using var scope = new TensorScope();
        var (height, width) = (image.Shape[2], image.Shape[3]);
        var whole = Tensor.Empty([1, body.Classes, height, width], Dtype.Float32, image.Device);
        foreach (var (top, tileHeight) in Tiles(height))
        {
            foreach (var (left, tileWidth) in Tiles(width))
            {
                using var tile = new TensorScope();
                var seen = Mirror.Cut(image, top - Margin, left - Margin, tileHeight + 2 * Margin, tileWidth + 2 * Margin);
                var scores = body.Consume(seen);
                var (rows, columns) = (Math.Min(tileHeight, height - top), Math.Min(tileWidth, width - left));
                whole.Narrow(2, top, rows).Narrow(3, left, columns).CopyInPlace(scores.Narrow(2, 0, rows).Narrow(3, 0, columns));
            }
        }

        return scope.Keep(whole);
    }

    /// <inheritdoc/>
    protected override Tensor BatchLogits(Batch batch)
    {
        using var scope = new TensorScope();
        var (height, width) = (batch.Images.Shape[2], batch.Images.Shape[3]);
        // Each picture is mirrored at its own edge, not at the batch's padding.
        var pictures = Enumerable.Range(0, batch.Count).Select(i =>
            Mirror.Cut(Picture(batch, i), -Margin, -Margin, OutputFor(height) + 2 * Margin, OutputFor(width) + 2 * Margin)).ToArray();
        var logits = body.Consume(pictures.Length == 1 ? pictures[0] : Aten.Cat(pictures));
        return scope.Keep(logits.Narrow(2, 0, height).Narrow(3, 0, width));
    }

    private static Tensor Picture(Batch batch, int index)
    {
        var size = batch.Origins[index].NetworkSize;
        return batch.Images.Narrow(0, index, 1).Narrow(2, 0, Math.Min(size.Height, batch.Images.Shape[2])).Narrow(3, 0, Math.Min(size.Width, batch.Images.Shape[3]));
    }

    // Where tiles start and how long they are, along one side; the last is only as long as it must be.
    private static IEnumerable<(long Start, long Side)> Tiles(long pixels)
    {
        for (long start = 0; ; start += TileStep)
        {
            var side = Math.Min(TileSide, OutputFor(pixels - start));
            yield return (start, side);
            if (start + side >= pixels)
                yield break;
        }
    }

    // The smallest side that the network can give and that covers so many pixels.
    private static long OutputFor(long pixels) => (Math.Max(pixels, Remainder) - Remainder + Period - 1) / Period * Period + Remainder;

    private static void CheckSide(Tensor images, int dimension)
    {
        var side = images.Shape[dimension];
        if (side >= 2 * Margin + Remainder && side % Period == (2 * Margin + Remainder) % Period)
            return;
        var good = OutputFor(side - 2 * Margin) + 2 * Margin;
        throw new FoveaException($"U-Net: found images {images.Shape}, expected sides of 16·m + 12, at least 188; the next after {side} is {good}");
    }
}
