using Fovea.Torch.Nn;

namespace Fovea.Models.Segmentation;

/// <summary>How the convolutions of networks start that their papers leave to rectifiers.</summary>
internal static class ConvolutionInit
{
    /// <summary>Normal weights that keep the size of what rectifiers pass on (He et al. 2015), biases of zero.</summary>
    /// <param name="network">The network, all of whose convolutions have a bias.</param>
    public static void Rectified(Module network)
    {
        foreach (var (_, module) in network.NamedModules())
        {
            if (module is not Conv2d convolution)
                continue;
            Init.KaimingNormal(convolution.Weight);
            Init.Constant(convolution.Bias!, 0);
        }
    }
}
