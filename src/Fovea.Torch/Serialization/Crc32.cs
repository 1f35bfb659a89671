using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Torch.Serialization;

/// <summary>
/// The CRC-32 of ZIP (polynomial 0x04C11DB7, reflected). Long inputs are folded 64 bytes at a time by carry-less
/// multiplication (Gopal et al., "Fast CRC Computation Using PCLMULQDQ", 2009), the rest goes through a table.
/// </summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    // x^(512+64), x^512 and x^(128+64), x^128 modulo the polynomial, bit-reflected: how far one fold carries a half.
    private static readonly Vector128<long> FoldBy4 = Vector128.Create(0x154442bd4, 0x1c6e41596);
    private static readonly Vector128<long> FoldBy1 = Vector128.Create(0x1751997d0, 0x0ccaa009e);
    private static readonly uint[] Table = BuildTable();

    /// <summary>Continues a checksum (0 at the start) over more bytes.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var state = ~crc;
        if (Pclmulqdq.IsSupported && bytes.Length >= 128)
        {
            var folded = bytes.Length & ~63;
            Span<byte> remainder = stackalloc byte[16];
            Fold(state, bytes[..folded]).AsByte().CopyTo(remainder);
            state = Bytewise(0, remainder);
            bytes = bytes[folded..];
        }

        return ~Bytewise(state, bytes);
    }

    /// <summary>Sixteen bytes that leave the same remainder as all the bytes (a multiple of 64, at least 128).</summary>
    private static Vector128<long> Fold(uint state, ReadOnlySpan<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var a = Load(ref start, 0) ^ Vector128.CreateScalar((long)state);
        var b = Load(ref start, 16);
        var c = Load(ref start, 32);
        var d = Load(ref start, 48);
        for (nuint at = 64; at < (nuint)bytes.Length; at += 64)
        {
            a = Carry(a, FoldBy4) ^ Load(ref start, at);
            b = Carry(b, FoldBy4) ^ Load(ref start, at + 16);
            c = Carry(c, FoldBy4) ^ Load(ref start, at + 32);
            d = Carry(d, FoldBy4) ^ Load(ref start, at + 48);
        }

        return Carry(Carry(Carry(a, FoldBy1) ^ b, FoldBy1) ^ c, FoldBy1) ^ d;
    }

    private static Vector128<long> Carry(Vector128<long> value, Vector128<long> constants) =>
        Pclmulqdq.CarrylessMultiply(value, constants, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, constants, 0x11);

    private static Vector128<long> Load(ref byte start, nuint at) => Unsafe.ReadUnaligned<Vector128<long>>(ref Unsafe.Add(ref start, at));

    private static uint Bytewise(uint state, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            state = (state >> 8) ^ Table[(byte)(state ^ value)];
        return state;
    }

    private static uint[] BuildTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
                value = (value >> 1) ^ (Polynomial & (0 - (value & 1)));
            table[i] = value;
        }

        return table;
    }
}
