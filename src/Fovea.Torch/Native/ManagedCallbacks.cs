using System.Runtime.InteropServices;

namespace Fovea.Torch.Native;

/// <summary>
/// What libtorch calls back into: exceptions are kept here while native frames unwind, and come out again as the inner
/// exception of the call that led to them.
/// </summary>
internal static class ManagedCallbacks
{
    private static Exception? pending;

    /// <summary>Runs a callback; an exception becomes status 1 and waits to be taken.</summary>
    public static int Guard(Action body)
    {
        try
        {
            body();
            return 0;
        }
#pragma warning disable CA1031 // no managed exception may cross native frames
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref pending, e, null);
            return 1;
        }
    }

    /// <summary>The exception of the callback that failed, if one did; forgets it.</summary>
    public static Exception? TakePending() => Interlocked.Exchange(ref pending, null);

    /// <summary>Frees the handle that carried a callback's state.</summary>
    [UnmanagedCallersOnly]
    public static void Release(nint context)
    {
        var handle = GCHandle.FromIntPtr(context);
        (handle.Target as IDisposable)?.Dispose();
        handle.Free();
    }
}
