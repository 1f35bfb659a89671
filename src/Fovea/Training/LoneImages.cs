using Fovea.Models;
using Fovea.Torch.Nn;

namespace Fovea.Training;

/// <summary>Names the image and the layer where a network cannot be trained on one image alone.</summary>
internal static class LoneImages
{
    /// <exception cref="FoveaException">A norm found one value a channel.</exception>
    public static T Guard<T>(VisionModel model, Batch batch, Func<T> network)
    {
        try
        {
            return network();
        }
        catch (LoneValueException fault)
        {
            var name = model.NamedModules().First(part => ReferenceEquals(part.Value, fault.Layer)).Key;
            throw new FoveaException(
                $"{batch.Origins[0].Path}: found it alone in its batch, of which batch normalisation '{name}' of {model.GetType().Name} sees {fault.Input}, one value a channel without a variance; "
                + "expected two images or more: choose a 'batch_size' above 1, and 'drop_last: true' where the last batch of an epoch is a single image", fault);
        }
    }
}
