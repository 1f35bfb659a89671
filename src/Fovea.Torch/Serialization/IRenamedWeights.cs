namespace Fovea.Torch.Serialization;

/// <summary>A network some of whose weights were published under other names than it gives them now.</summary>
public interface IRenamedWeights
{
    /// <summary>
    /// The name that a tensor of a weights file has in this network: the same name when it was never another; null for one that
    /// the network has no use for by design (the batch counters of norms that are constants).
    /// </summary>
    string? CurrentName(string name);
}
