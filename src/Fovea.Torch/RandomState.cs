using Fovea.Torch.Native;

namespace Fovea.Torch;

/// <summary>libtorch's default random generators.</summary>
public static unsafe class RandomState
{
    /// <summary>Seeds the generators of every device.</summary>
    public static void Seed(ulong seed)
    {
        TorchRuntime.EnsureLoaded();
        NativeMethods.Check(NativeMethods.ft_seed(seed), "seed");
    }

    /// <summary>The state of a device's generator as a byte tensor, to be restored by <see cref="Set"/>.</summary>
    public static Tensor Get(Device device = default)
    {
        TorchRuntime.EnsureLoaded();
        nint state;
        NativeMethods.Check(NativeMethods.ft_rng_get(device.IsCuda ? device.Index : -1, &state), "rng_get");
        return new Tensor(state);
    }

    /// <summary>Restores a state read by <see cref="Get"/>.</summary>
    public static void Set(Tensor state, Device device = default)
    {
        NativeMethods.Check(NativeMethods.ft_rng_set(device.IsCuda ? device.Index : -1, state.Handle), "rng_set");
        GC.KeepAlive(state);
    }
}
