namespace Fovea.Torch;

/// <summary>
/// Frees every tensor made on this thread between its creation and its disposal, except those kept. The trainer owns a
/// scope per step and every layer one per call, so that memory never waits for the garbage collector.
/// </summary>
/// <remarks>Scopes nest and belong to the thread that made them.</remarks>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? current;

    private readonly TensorScope? outer;
    private List<Tensor> tensors;
    private int cleanAt = 4096;
    private bool disposed;

    /// <summary>Opens a scope inside the one that is open, if any.</summary>
    public TensorScope()
    {
        outer = current;
        tensors = ListPool.Rent();
        current = this;
    }

    /// <summary>The innermost open scope of this thread, or null.</summary>
    public static TensorScope? Current => current;

    /// <summary>Runs a function in a scope of its own and keeps only the tensor that it returns.</summary>
    public static Tensor Run(Func<Tensor> body)
    {
        using var scope = new TensorScope();
        return scope.Keep(body());
    }

    /// <summary>Moves a tensor to the enclosing scope; without one it lives until it is disposed or collected.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Keep(Tensor tensor)
    {
        if (ReferenceEquals(tensor.Owner, this))
            tensor.MoveTo(outer);
        return tensor;
    }

    /// <summary>Frees what was made in the scope and not kept.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        current = outer;
        foreach (var tensor in tensors)
        {
            if (ReferenceEquals(tensor.Owner, this))
                tensor.Dispose();
        }

        ListPool.Return(tensors);
        tensors = [];
    }

    internal void Add(Tensor tensor)
    {
        if (tensors.Count >= cleanAt)
        {
            // A long loop that disposes as it goes must not grow the list.
            tensors.RemoveAll(t => !ReferenceEquals(t.Owner, this));
            cleanAt = Math.Max(4096, tensors.Count * 2);
        }

        tensors.Add(tensor);
    }

    private static class ListPool
    {
        [ThreadStatic]
        private static Stack<List<Tensor>>? pool;

        public static List<Tensor> Rent() => pool is { Count: > 0 } ? pool.Pop() : new List<Tensor>(16);

        public static void Return(List<Tensor> list)
        {
            list.Clear();
            if (list.Capacity <= 8192)
                (pool ??= new Stack<List<Tensor>>()).Push(list);
        }
    }
}
