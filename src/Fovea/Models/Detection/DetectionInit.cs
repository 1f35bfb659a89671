using Fovea.Torch.Nn;

namespace Fovea.Models.Detection;

/// <summary>How the heads of detectors begin in the reference implementation.</summary>
internal static class DetectionInit
{
    /// <summary>N(0, 0.01) for the weights of all convolutions of a module, 0 for their biases.</summary>
    public static void SmallNormal(Module module)
    {
        foreach (var convolution in module.NamedModules().Select(m => m.Value).OfType<Conv2d>())
        {
            Init.Normal(convolution.Weight, 0, 0.01);
            if (convolution.Bias is { } bias)
                Init.Constant(bias, 0);
        }
    }
}
