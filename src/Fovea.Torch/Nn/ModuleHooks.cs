namespace Fovea.Torch.Nn;

/// <summary>What listens on a module, in the order in which it was registered.</summary>
internal sealed class ModuleHooks
{
    private static int count;

    private readonly List<Hook> hooks = [];

    /// <summary>Whether anything listens on any module.</summary>
    public static bool Any => Volatile.Read(ref count) > 0;

    public bool IsEmpty => hooks.Count == 0;

    public IDisposable OnForward(Func<Tensor, Tensor, Tensor?> function) => Add(new Hook(this) { Forward = function });

    public IDisposable OnGradient(Func<Tensor, Tensor?> function) => Add(new Hook(this) { OutputGradient = function });

    public IDisposable OnInputGradient(Func<Tensor, Tensor?> function) => Add(new Hook(this) { InputGradient = function });

    /// <summary>The input as a call is to take it.</summary>
    public Tensor Enter(Tensor input) => Heard(input, [.. hooks], static hook => hook.InputGradient);

    /// <summary>Tells the hooks of a call.</summary>
    /// <returns>The output as the call is to give it.</returns>
    public Tensor Leave(Tensor input, Tensor output)
    {
        var all = hooks.ToArray();
        foreach (var hook in all)
        {
            if (hook.Forward is { } forward)
                output = forward(input, output) ?? output;
        }

        return Heard(output, all, static hook => hook.OutputGradient);
    }

    /// <summary>Takes every hook off.</summary>
    public void Clear()
    {
        foreach (var hook in hooks.ToArray())
            hook.Dispose();
    }

    private Hook Add(Hook hook)
    {
        hooks.Add(hook);
        Interlocked.Increment(ref count);
        return hook;
    }

    // The gradient is heard on another name of the tensor: the tensor itself may be a parameter, which would keep the hook for good,
    // and other modules may use it too, whose share of its gradient is not this one's.
    private static Tensor Heard(Tensor tensor, Hook[] hooks, Func<Hook, Func<Tensor, Tensor?>?> listener)
    {
        if (!Autograd.IsEnabled || !hooks.Any(hook => listener(hook) is not null) || !tensor.RequiresGrad)
            return tensor;
        var name = tensor.Alias();
        foreach (var hook in hooks)
        {
            if (listener(hook) is not null)
                name.OnGradient(gradient => listener(hook)?.Invoke(gradient));
        }

        return name;
    }

    private sealed class Hook(ModuleHooks owner) : IDisposable
    {
        public Func<Tensor, Tensor, Tensor?>? Forward { get; set; }

        public Func<Tensor, Tensor?>? OutputGradient { get; set; }

        public Func<Tensor, Tensor?>? InputGradient { get; set; }

        /// <summary>Silences it, also for what was recorded already, and lets go of what it holds.</summary>
        public void Dispose()
        {
            (Forward, OutputGradient, InputGradient) = (null, null, null);
            if (owner.hooks.Remove(this))
                Interlocked.Decrement(ref count);
        }
    }
}
