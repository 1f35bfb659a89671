namespace Fovea.Ops;

/// <summary>
/// Where the tiles lie that cover a picture or a volume, and what each of their elements counts for (Isensee et al., "nnU-Net", 2021,
/// supplementary note 2, inference). One dimension at a time; tiles of several dimensions are the products.
/// </summary>
public static class SlidingWindow
{
    /// <summary>The first element of every tile: evenly spread, the last tile ending with the picture.</summary>
    /// <param name="size">Elements of the picture.</param>
    /// <param name="tile">Elements of a tile.</param>
    /// <param name="overlap">Least share of a tile that the next one covers too, 0 to less than 1.</param>
    /// <returns>Rising positions; 0 alone when the tile is no smaller than the picture, which then needs padding.</returns>
    public static int[] Starts(int size, int tile, double overlap)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tile, 1);
        if (!(overlap >= 0 && overlap < 1))
            throw new ArgumentOutOfRangeException(nameof(overlap), overlap, "expected 0 to less than 1");
        if (size <= tile)
            return [0];
        var count = (int)Math.Ceiling((size - tile) / Math.Max(1, tile * (1 - overlap))) + 1;
        var step = (double)(size - tile) / (count - 1);
        return [.. Enumerable.Range(0, count).Select(i => (int)Math.Round(step * i))];
    }

    /// <summary>Weights that fall from 1 in the middle like a Gaussian of an eighth of the tile: near its edges a network has seen only half of what surrounds a pixel.</summary>
    /// <param name="tile">Elements of a tile.</param>
    public static float[] GaussianWeights(int tile)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tile, 1);
        var sigma = tile / 8.0;
        return [.. Enumerable.Range(0, tile).Select(i => (float)Math.Exp(-(i - tile / 2) * (i - tile / 2) / (2 * sigma * sigma)))];
    }
}
