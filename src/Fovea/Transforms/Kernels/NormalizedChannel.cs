namespace Fovea.Transforms.Kernels;

/// <summary>How a channel of a network's input is made.</summary>
/// <param name="Source">The channel of the picture that it is made of.</param>
/// <param name="Mean">Subtracted after scaling to [0, 1].</param>
/// <param name="Std">Divides what is left.</param>
/// <param name="Table">What each byte becomes, for what is no multiple of a vector.</param>
internal sealed record NormalizedChannel(int Source, float Mean, float Std, float[] Table)
{
    /// <summary>Works the table out.</summary>
    public static NormalizedChannel Of(int source, float mean, float std)
    {
        var table = new float[256];
        for (var value = 0; value < table.Length; value++)
            table[value] = (value / 255f - mean) / std;
        return new NormalizedChannel(source, mean, std, table);
    }
}
