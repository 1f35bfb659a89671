using System.Text.Json.Serialization;
using Fovea.Training.Recipes;

namespace Fovea.Training;

/// <summary>Which crops of a picture a classifier sees.</summary>
public enum CropViews
{
    /// <summary>The one crop of the preprocessing.</summary>
    One,

    /// <summary>The four corners and the centre, as they are and mirrored (Krizhevsky et al. 2012): 10.</summary>
    TenCrop,

    /// <summary>A grid of 5 by 5 at shorter sides of 256, 384 and 512 for crops of 224 (others in proportion), as they are and mirrored (Simonyan and Zisserman 2015): 150.</summary>
    MultiCrop,

    /// <summary>Three squares at shorter sides of 256, 288, 320 and 352 for crops of 224, of each the corners, the centre and the whole, as they are and mirrored (Szegedy et al. 2015): 144.</summary>
    Googlenet,
}

/// <summary>
/// Test-time augmentation: how often and in which form a network sees a picture. What it says is the mean of its
/// probabilities over all views. As it is created, a picture is seen once.
/// </summary>
public sealed record TestViews
{
    /// <summary>Crops, for classifiers: <c>one</c>, <c>ten_crop</c>, <c>multi_crop</c> (150) or <c>googlenet</c> (144).</summary>
    public CropViews Crops { get; init; }

    /// <summary>Whether every view is seen mirrored as well, left to right.</summary>
    public bool Flips { get; init; }

    /// <summary>Factors on the size of the picture, for semantic networks.</summary>
    [Within(0, 16, Above = true)]
    public IReadOnlyList<double> Scales { get; init; } = [1];

    /// <summary>Side of the square tiles that a semantic network sees one at a time, pixels; left out, it sees whole pictures.</summary>
    [Within(1, 65536)]
    public int? Tile { get; init; }

    /// <summary>Least share of a tile that the next one covers too, 0 to less than 1.</summary>
    [Within(0, 0.99)]
    public double Overlap { get; init; } = 0.5;

    /// <summary>Whether the middle of a tile counts more than its edges, as a Gaussian; otherwise all of it counts alike.</summary>
    public bool WeighsTileCentres { get; init; } = true;

    /// <summary>Whether each class of a semantic network has its highest probability over all views and tiles that see a pixel, instead of the mean: a window that shows an object whole then outvotes those that cut it. Tiles all count alike then.</summary>
    public bool TakesHighest { get; init; }

    /// <summary>Whether a picture is seen once and whole, as without any views.</summary>
    [JsonIgnore]
    public bool IsPlain => Crops == CropViews.One && !Flips && Tile is null && Scales is [1];

    internal void Check(ModelTask task, int sizeMultiple)
    {
        if (task is not (ModelTask.Classification or ModelTask.MultiLabel or ModelTask.Semantic) && !IsPlain)
            throw new FoveaException($"views: found a network for {task.ToString().ToLowerInvariant()}, expected one for classification or semantic segmentation, whose probabilities can be averaged");
        if (task is ModelTask.Classification or ModelTask.MultiLabel && (Tile is not null || Scales is not [1]))
            throw new FoveaException("views: found tiles or scales for a classifier, expected crops and flips; tiles and scales are for semantic networks");
        if (task != ModelTask.Semantic && TakesHighest)
            throw new FoveaException("views: found takes_highest for a network that gives no maps, expected the mean of its probabilities");
        if (task == ModelTask.Semantic && Crops != CropViews.One)
            throw new FoveaException("views: found crops for a semantic network, expected scales, flips and tiles; crops are for classifiers");
        if (Scales.Count == 0 || Scales.Any(static scale => !(scale is > 0 and <= 16)))
            throw new FoveaException($"views: scales: found {string.Join(", ", Scales.Select(static scale => FormattableString.Invariant($"{scale}")))}, expected one or more above 0 and at most 16");
        if (!(Overlap >= 0 && Overlap < 1))
            throw new FoveaException(FormattableString.Invariant($"views: overlap: found {Overlap}, expected 0 to less than 1"));
        if (Tile is { } tile && (tile < 1 || tile % sizeMultiple != 0))
            throw new FoveaException($"views: tile: found {tile} pixels, expected a multiple of {sizeMultiple}, which this network's sizes have to be");
    }
}
