using System.Numerics;

namespace Fovea.Ops.Kernels;

/// <summary>Numbers keys in the order they come, by open addressing.</summary>
internal sealed class CornerTable
{
    private readonly int[] slots;
    private readonly int shift;
    private UInt128[] keys;

    /// <param name="most">The most keys there can be.</param>
    public CornerTable(int most)
    {
        var bits = BitOperations.Log2((uint)Math.Max(16, most)) + 2;
        slots = new int[1 << bits];
        shift = 64 - bits;
        keys = new UInt128[Math.Max(16, most / 8)];
    }

    /// <summary>Number of different keys.</summary>
    public int Count { get; private set; }

    /// <summary>The keys by number.</summary>
    public ReadOnlySpan<UInt128> Keys => keys.AsSpan(0, Count);

    /// <summary>The number of a key, a new one when it is new.</summary>
    public int Add(UInt128 key)
    {
        var slot = Slot(key);
        if (slots[slot] > 0)
            return slots[slot] - 1;
        if (Count == keys.Length)
            Array.Resize(ref keys, 2 * keys.Length);
        keys[Count] = key;
        slots[slot] = ++Count;
        return Count - 1;
    }

    /// <summary>The number of a key, or -1.</summary>
    public int Find(UInt128 key) => slots[Slot(key)] - 1;

    // Where the key is, or the empty place where it would be.
    private int Slot(UInt128 key)
    {
        var mixed = ((ulong)key ^ ((ulong)(key >> 64) * 0xD6E8FEB86659FD93)) * 0x9E3779B97F4A7C15;
        var slot = (int)((mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9 >> shift);
        while (slots[slot] > 0 && keys[slots[slot] - 1] != key)
            slot = (slot + 1) & (slots.Length - 1);
        return slot;
    }
}
