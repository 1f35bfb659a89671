using Fovea.Torch.Nn;

namespace Fovea.Models;

/// <summary>The non-linear function between layers.</summary>
public enum ActivationKind
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>x, and 0.01·x below 0 (Maas et al. 2013).</summary>
    LeakyRelu,

    /// <summary>x, and below 0 a learned share of it for each layer (He et al. 2015).</summary>
    Prelu,

    /// <summary>x, and exp(x) − 1 below 0 (Clevert et al. 2016).</summary>
    Elu,

    /// <summary>x·sigmoid(x) (Ramachandran et al. 2017).</summary>
    Silu,

    /// <summary>x·tanh(softplus(x)) (Misra 2019).</summary>
    Mish,

    /// <summary>tanh(x).</summary>
    Tanh,

    /// <summary>1/(1 + exp(−x)).</summary>
    Sigmoid,
}

/// <summary>Makes the layer of an <see cref="ActivationKind"/>.</summary>
public static class ActivationKinds
{
    /// <summary>A layer of its own, which may overwrite its input where the function allows.</summary>
    public static Layer Make(this ActivationKind kind) => kind switch
    {
        ActivationKind.Relu => new ReLU(inPlace: true),
        ActivationKind.LeakyRelu => new LeakyReLU(inPlace: true),
        ActivationKind.Prelu => new PReLU(),
        ActivationKind.Elu => new ELU(inPlace: true),
        ActivationKind.Silu => new SiLU(inPlace: true),
        ActivationKind.Mish => new Mish(inPlace: true),
        ActivationKind.Tanh => new Tanh(inPlace: true),
        _ => new Sigmoid(inPlace: true),
    };
}
