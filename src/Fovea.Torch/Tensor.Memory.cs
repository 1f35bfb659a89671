using System.Buffers;

namespace Fovea.Torch;

/// <content>Values for kernels that run on several threads, where a span cannot go.</content>
public sealed partial class Tensor
{
    /// <summary>
    /// The values in row-major order, without a copy. The memory keeps the tensor from being collected; it must not be
    /// disposed while the memory is used.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tensor is on a GPU, not contiguous, or of another element type.</exception>
    public Memory<T> Memory<T>() where T : unmanaged => new TensorMemory<T>(this).Memory;

    private sealed unsafe class TensorMemory<T>(Tensor owner) : MemoryManager<T> where T : unmanaged
    {
        private readonly int length = owner.Span<T>().Length;
        private readonly T* data = (T*)owner.DataPointer;

        public override Span<T> GetSpan() => new(data, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(data + elementIndex, pinnable: this);

        public override void Unpin() => GC.KeepAlive(owner);

        protected override void Dispose(bool disposing) => GC.KeepAlive(owner);
    }
}
