using Fovea.Torch.Native;
using Fovea.Torch.Nn;

namespace Fovea.Torch;

/// <summary>A tensor as a trace knows it: one object for each value that an operator made or was given from outside.</summary>
/// <param name="shape">Its shape when it was made.</param>
public sealed class TracedTensor(Shape shape)
{
    /// <summary>Its shape when it was made.</summary>
    public Shape Shape { get; } = shape;
}

/// <summary>An operator that ran.</summary>
/// <param name="Name">Name in the schema, such as <c>aten::conv2d</c>; overloads share it.</param>
/// <param name="Arguments">
/// By position: <see cref="TracedTensor"/>, arrays of them, <c>long</c>, <c>double</c>, <c>bool</c>, <c>long[]</c>; null for what was left out and all else.
/// </param>
/// <param name="Results">The tensors it made; an in-place operator makes its first argument a new value.</param>
public sealed record TracedOperator(string Name, IReadOnlyList<object?> Arguments, IReadOnlyList<TracedTensor> Results)
{
    /// <summary>All tensors among the arguments.</summary>
    public IEnumerable<TracedTensor> Inputs => Arguments.SelectMany(static argument => argument switch
    {
        TracedTensor tensor => [tensor],
        TracedTensor?[] tensors => tensors.OfType<TracedTensor>(),
        _ => [],
    });
}

/// <summary>A call of a layer, or of another module with one output, with the operators that ran in it.</summary>
public sealed class LayerCall
{
    private readonly OperatorTrace trace;

    internal LayerCall(OperatorTrace trace, SingleOutputModule layer, TracedTensor input, int first)
    {
        this.trace = trace;
        (Layer, Input, Output, First) = (layer, input, input, first);
    }

    /// <summary>The layer.</summary>
    public SingleOutputModule Layer { get; }

    /// <summary>What it was given; the first where there is more.</summary>
    public TracedTensor Input { get; }

    /// <summary>What it gave.</summary>
    public TracedTensor Output { get; private set; }

    /// <summary>Position of its first operator in <see cref="OperatorTrace.Operators"/>.</summary>
    public int First { get; }

    /// <summary>Position behind its last operator, those of the layers in it included.</summary>
    public int End { get; private set; }

    internal void Leave(Tensor output) => (Output, End) = (trace.Of(output), trace.Operators.Count);
}

/// <summary>
/// Writes down every operator and every layer that runs on this thread until disposed: which value was made of which. While
/// it is open no layer overwrites its input and no norm is computed into a convolution, so that layers are seen as they were built.
/// </summary>
/// <remarks>Traces do not nest. What custom functions compute outside libtorch is not seen; what they give counts as given from outside.</remarks>
public sealed unsafe class OperatorTrace : IDisposable
{
    private static int open;

    [ThreadStatic]
    private static OperatorTrace? current;

    private readonly Dictionary<nint, TracedTensor> known = [];
    private readonly List<TracedOperator> operators = [];
    private readonly List<LayerCall> calls = [];
    private bool disposed;

    /// <summary>Opens the trace.</summary>
    /// <exception cref="InvalidOperationException">One is open on this thread already.</exception>
    public OperatorTrace()
    {
        if (current is not null)
            throw new InvalidOperationException("found a trace open on this thread, expected none; traces do not nest");
        current = this;
        Interlocked.Increment(ref open);
    }

    /// <summary>The operators in the order they ran.</summary>
    public IReadOnlyList<TracedOperator> Operators => operators;

    /// <summary>The calls of layers in the order they began, outer before inner.</summary>
    public IReadOnlyList<LayerCall> Calls => calls;

    // A look at one number where nothing is traced: operators must stay cheap.
    internal static OperatorTrace? Current => Volatile.Read(ref open) == 0 ? null : current;

    /// <summary>A tensor's value as it is now.</summary>
    public TracedTensor Of(Tensor tensor) => Of(tensor.Handle);

    /// <summary>Closes the trace; what was written down stays.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        current = null;
        Interlocked.Decrement(ref open);
        known.Clear();
    }

    internal LayerCall Enter(SingleOutputModule layer, Tensor input)
    {
        var call = new LayerCall(this, layer, Of(input), operators.Count);
        calls.Add(call);
        return call;
    }

    internal void Record(string name, NativeValue* arguments, int count, NativeValue* results, int returned)
    {
        var given = new object?[count];
        for (var i = 0; i < count; i++)
            given[i] = Read(arguments[i]);
        var made = new List<TracedTensor>();
        if (name.EndsWith('_') && count > 0 && arguments[0].Kind == ValueKind.Tensor)
        {
            made.Add(Make(arguments[0].Pointer));
        }
        else
        {
            for (var i = 0; i < returned; i++)
            {
                if (results[i].Kind == ValueKind.Tensor && results[i].Pointer != 0)
                    made.Add(Make(results[i].Pointer));
                else if (results[i].Kind == ValueKind.TensorList)
                    made.AddRange(Handles(results[i]).Where(static handle => handle != 0).Select(Make));
            }
        }

        operators.Add(new TracedOperator(name, given, made));
    }

    internal void Alias(nint handle, nint other)
    {
        if (known.TryGetValue(handle, out var tensor))
            known[other] = tensor;
    }

    // A handle's address is used again for other tensors.
    internal void Forget(nint handle) => known.Remove(handle);

    private static nint[] Handles(NativeValue list) => new ReadOnlySpan<nint>((void*)list.Pointer, list.Length).ToArray();

    private object? Read(NativeValue value) => value.Kind switch
    {
        ValueKind.Tensor => value.Pointer == 0 ? null : Of(value.Pointer),
        ValueKind.TensorList or ValueKind.OptionalTensorList => Array.ConvertAll(Handles(value), handle => handle == 0 ? null : Of(handle)),
        ValueKind.Int => value.Integer,
        ValueKind.Bool => value.Integer != 0,
        ValueKind.Double => value.Real,
        ValueKind.IntList => new ReadOnlySpan<long>((void*)value.Pointer, value.Length).ToArray(),
        _ => null,
    };

    private TracedTensor Of(nint handle) => known.TryGetValue(handle, out var tensor) ? tensor : Make(handle);

    private TracedTensor Make(nint handle) => known[handle] = new TracedTensor(new Shape(Dispatcher.SizesOf(handle) ?? []));
}
