using Fovea.Torch;

namespace Fovea.Training;

/// <summary>Names the image where a network runs out of pixels: libtorch speaks of the operator that did.</summary>
internal static class SmallImages
{
    // Beyond it no network of the catalogue fails for want of pixels.
    private const int Side = 128;

    /// <exception cref="DataException">The network failed on a batch of small images.</exception>
    public static T Guard<T>(Batch batch, Func<T> network)
    {
        try
        {
            return network();
        }
        catch (TorchException fault) when (batch.Images.Rank == 4 && Math.Min(batch.Images.Shape[2], batch.Images.Shape[3]) < Side)
        {
            var smallest = batch.Origins.MinBy(static origin => Math.Min(origin.NetworkSize.Height, origin.NetworkSize.Width))!;
            throw new DataException(
                smallest.Path, "size", $"{smallest.NetworkSize} in a batch of {batch.Images.Shape[3]}x{batch.Images.Shape[2]}",
                $"an image that the network can halve as often as it does: enlarge it, or pad with a greater preprocessing.size_multiple ({fault.OperatorName} failed)", fault);
        }
    }
}
