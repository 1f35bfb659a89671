namespace Fovea.Torch.Nn;

/// <summary>A module that gives one tensor at every call, whatever it is given. It can be listened to, and traces name it.</summary>
public abstract class SingleOutputModule : Module
{
    /// <summary>Whether any hook listens on any module, or operators are traced: then no layer overwrites its input.</summary>
    protected internal static bool HasHooks => ModuleHooks.Any || OperatorTrace.Current is not null;

    /// <summary>
    /// Calls <paramref name="hook"/> with input and output of every call, until the returned registration is disposed. A tensor
    /// that the hook returns takes the output's place.
    /// </summary>
    /// <remarks>
    /// Of several inputs the hook gets the first. The output is freed like any other tensor: keep what you need with
    /// <see cref="Tensor.Share"/> and <see cref="Tensor.Escape"/>.
    /// </remarks>
    public IDisposable OnForward(Func<Tensor, Tensor, Tensor?> hook) => Listen().OnForward(hook);

    /// <summary>
    /// Calls <paramref name="hook"/> in backward with the gradient of the module's output, once for each recorded call of the module,
    /// until the returned registration is disposed. A tensor that the hook returns takes the gradient's place.
    /// </summary>
    /// <remarks>
    /// Calls that are not recorded (<see cref="Autograd.NoGrad"/>, or nothing before the module requires a gradient) have none. What the
    /// hook makes is freed after it: keep what you need with <see cref="Tensor.Clone"/> and <see cref="Tensor.Escape"/>.
    /// </remarks>
    public IDisposable OnGradient(Func<Tensor, Tensor?> hook) => Listen().OnGradient(hook);

    /// <summary>What listens, or null.</summary>
    private protected ModuleHooks? Hooks { get; private set; }

    /// <summary>Runs a call in a <see cref="TensorScope"/> and tells hooks and traces of it.</summary>
    /// <param name="input">What the module was given; the first where there is more. The call may free it.</param>
    /// <param name="compute">The call; it gets the scope, to keep more than it gives.</param>
    protected Tensor Observed(Tensor input, Func<TensorScope, Tensor> compute)
    {
        using var scope = new TensorScope();
        var call = Enter(input);
        // A hook may look at an input that the call frees.
        var seen = Hooks is null or { IsEmpty: true } ? input : input.Share();
        return scope.Keep(Leave(call, seen, compute(scope)));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Hooks?.Clear();
        base.Dispose(disposing);
    }

    private protected LayerCall? Enter(Tensor input) => OperatorTrace.Current?.Enter(this, input);

    private protected Tensor Leave(LayerCall? call, Tensor input, Tensor output)
    {
        output = Hooks?.Leave(input, output) ?? output;
        call?.Leave(output);
        return output;
    }

    private protected ModuleHooks Listen() => Hooks ??= new ModuleHooks();
}
