namespace Fovea.Torch.Serialization;

/// <summary>A network that can tell which numbers of a file without names belong to which of its tensors.</summary>
public interface INamesWeights
{
    /// <summary>
    /// The tensors of a file of <see cref="WeightsFormat.Darknet"/> under the network's names, its class order put into the
    /// network's. A file of another class count gives a head of that count; one that ends before the head gives none.
    /// </summary>
    /// <exception cref="FoveaException">The file is not of this network.</exception>
    IReadOnlyDictionary<string, TensorData> Name(WeightsFile file);
}
