using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fovea.Torch.Optim;

/// <summary>What a step does to a vector of elements.</summary>
internal interface IElementStep
{
    /// <summary>How many of the three buffers are used.</summary>
    int BufferCount { get; }

    void Run(ref Vector<float> parameter, Vector<float> gradient, ref Vector<float> first, ref Vector<float> second, ref Vector<float> third);
}

/// <summary>
/// Runs a step over all parameters of a group in one pass over memory, on all cores. The foreach operators of libtorch pass over
/// the same memory three to eight times, and memory is what a step of an optimizer waits for.
/// </summary>
internal static unsafe class FusedPass
{
    // Fits the first-level cache with gradient and buffers.
    internal const int ChunkSize = 4096;

    private const int MaxBuffers = 3;

    /// <summary>Takes the step if every tensor is float32 on the CPU with one layout; otherwise does nothing.</summary>
    /// <returns>Whether the step was taken.</returns>
    public static bool TryRun<TStep>(TStep step, ParameterUpdate update, IReadOnlyList<string> bufferKeys) where TStep : struct, IElementStep
    {
        var buffers = bufferKeys.Select(update.Buffers).ToList();
        if (!update.Parameters.Select((parameter, i) => IsDense([parameter, update.Gradients[i], .. buffers.Select(list => list[i])])).All(static dense => dense))
            return false;
        var places = new List<Place>();
        for (var i = 0; i < update.Parameters.Count; i++)
        {
            var whole = new Place((float*)update.Parameters[i].DataPointer, (float*)update.Gradients[i].DataPointer,
                Pointer(buffers, 0, i), Pointer(buffers, 1, i), Pointer(buffers, 2, i), update.Parameters[i].Count);
            for (var start = 0L; start < whole.Count; start += ChunkSize)
                places.Add(whole.Part(start, Math.Min(ChunkSize, whole.Count - start)));
        }

        Parallel.For(0, places.Count, new ParallelOptions { MaxDegreeOfParallelism = TorchRuntime.Threads }, i => RunPlace(step, places[i]));
        GC.KeepAlive(update);
        GC.KeepAlive(buffers);
        return true;
    }

    private static bool IsDense(ReadOnlySpan<Tensor> tensors)
    {
        bool contiguous = true, channelsLast = tensors[0].Rank == 4;
        foreach (var tensor in tensors)
        {
            if (tensor.Dtype != Dtype.Float32 || tensor.Device.IsCuda)
                return false;
            contiguous = contiguous && tensor.IsContiguous();
            channelsLast = channelsLast && tensor.IsContiguous(MemoryFormat.ChannelsLast);
        }

        return contiguous || channelsLast;
    }

    private static float* Pointer(List<IReadOnlyList<Tensor>> buffers, int which, int parameter) =>
        which < buffers.Count ? (float*)buffers[which][parameter].DataPointer : null;

    private static void RunPlace<TStep>(TStep step, Place place) where TStep : struct, IElementStep
    {
        var at = 0L;
        for (; at <= place.Count - Vector<float>.Count; at += Vector<float>.Count)
            RunVector(step, place.Part(at, Vector<float>.Count));
        if (at == place.Count)
            return;

        // What is left over goes through the same arithmetic, padded to a whole vector.
        var room = stackalloc float[(MaxBuffers + 2) * Vector<float>.Count];
        Unsafe.InitBlock(room, 0, (uint)((MaxBuffers + 2) * Vector<float>.Count * sizeof(float)));
        var rest = place.Part(at, place.Count - at);
        var padded = new Place(room, room + Vector<float>.Count, room + 2 * Vector<float>.Count, room + 3 * Vector<float>.Count, room + 4 * Vector<float>.Count, Vector<float>.Count);
        rest.CopyTo(padded, step.BufferCount, rest.Count);
        RunVector(step, padded);
        padded.CopyTo(rest, step.BufferCount, rest.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RunVector<TStep>(TStep step, Place at) where TStep : struct, IElementStep
    {
        var parameter = Vector.Load(at.Parameter);
        var first = step.BufferCount > 0 ? Vector.Load(at.First) : default;
        var second = step.BufferCount > 1 ? Vector.Load(at.Second) : default;
        var third = step.BufferCount > 2 ? Vector.Load(at.Third) : default;
        step.Run(ref parameter, Vector.Load(at.Gradient), ref first, ref second, ref third);
        parameter.Store(at.Parameter);
        if (step.BufferCount > 0)
            first.Store(at.First);
        if (step.BufferCount > 1)
            second.Store(at.Second);
        if (step.BufferCount > 2)
            third.Store(at.Third);
    }

    private readonly struct Place(float* parameter, float* gradient, float* first, float* second, float* third, long count)
    {
        public readonly float* Parameter = parameter;
        public readonly float* Gradient = gradient;
        public readonly float* First = first;
        public readonly float* Second = second;
        public readonly float* Third = third;
        public readonly long Count = count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Place Part(long from, long count) => new(Parameter + from, Gradient + from, First + from, Second + from, Third + from, count);

        public void CopyTo(Place target, int buffers, long count)
        {
            var bytes = count * sizeof(float);
            Buffer.MemoryCopy(Parameter, target.Parameter, bytes, bytes);
            Buffer.MemoryCopy(Gradient, target.Gradient, bytes, bytes);
            if (buffers > 0)
                Buffer.MemoryCopy(First, target.First, bytes, bytes);
            if (buffers > 1)
                Buffer.MemoryCopy(Second, target.Second, bytes, bytes);
            if (buffers > 2)
                Buffer.MemoryCopy(Third, target.Third, bytes, bytes);
        }
    }
}
