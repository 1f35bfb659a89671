using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Fovea.Tests;

/// <summary>A shaped array exchanged with NumPy as a .npy file; what parity tests send and receive.</summary>
public sealed partial class NdArray
{
    private static readonly (string Code, Type Type, int Size)[] Types =
    [
        ("<f4", typeof(float), 4), ("<f8", typeof(double), 8), ("<i4", typeof(int), 4), ("<i8", typeof(long), 8),
        ("|u1", typeof(byte), 1), ("|b1", typeof(bool), 1), ("<u4", typeof(uint), 4),
    ];

    public NdArray(Array data, params int[] shape)
    {
        if (shape.Length == 0)
            shape = [data.Length];
        var count = shape.Aggregate(1, (a, b) => a * b);
        if (count != data.Length)
            throw new ArgumentException($"found {data.Length} elements, expected {count} for [{string.Join(", ", shape)}]");
        Data = data;
        Shape = shape;
    }

    /// <summary>Row-major elements.</summary>
    public Array Data { get; }

    public int[] Shape { get; }

    public static implicit operator NdArray(float[] data) => new(data);

    public static implicit operator NdArray(double[] data) => new(data);

    public static implicit operator NdArray(int[] data) => new(data);

    public static implicit operator NdArray(long[] data) => new(data);

    public static implicit operator NdArray(byte[] data) => new(data);

    public static implicit operator NdArray(bool[] data) => new(data);

    /// <summary>The elements converted to another type.</summary>
    public T[] To<T>() => Data as T[] ?? [.. Data.Cast<object>().Select(value => (T)Convert.ChangeType(value, typeof(T), CultureInfo.InvariantCulture))];

    public void Save(string path)
    {
        var (code, _, size) = Types.Single(entry => entry.Type == Data.GetType().GetElementType());
        var shape = string.Join("", Shape.Select(extent => $"{extent},"));
        var header = $"{{'descr': '{code}', 'fortran_order': False, 'shape': ({shape}), }}";
        var padded = (10 + header.Length + 1 + 63) / 64 * 64 - 10;
        using var file = File.Create(path);
        file.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)padded, (byte)(padded >> 8)]);
        file.Write(Encoding.ASCII.GetBytes(header.PadRight(padded - 1) + "\n"));
        if (Data.Length > 0)
            file.Write(MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(Data), Data.Length * size));
    }

    public static NdArray Load(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < 10 || !bytes.AsSpan(1, 5).SequenceEqual("NUMPY"u8) || bytes[6] != 1)
            throw new InvalidDataException($"{path}: found no NumPy version 1 header");
        var headerLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        var match = Header().Match(Encoding.ASCII.GetString(bytes, 10, headerLength));
        if (!match.Success || match.Groups["order"].Value != "False")
            throw new InvalidDataException($"{path}: found a header that is not C-ordered");
        var known = Types.SingleOrDefault(entry => entry.Code == match.Groups["code"].Value);
        if (known.Type is null)
            throw new InvalidDataException($"{path}: found dtype {match.Groups["code"].Value}, expected one of {string.Join(' ', Types.Select(entry => entry.Code))}");
        var shape = match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(extent => int.Parse(extent, CultureInfo.InvariantCulture)).ToArray();
        var count = shape.Aggregate(1, (a, b) => a * b);
        var data = Array.CreateInstance(known.Type, count);
        if (count > 0)
            bytes.AsSpan(10 + headerLength).CopyTo(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(data), count * known.Size));
        return new NdArray(data, shape.Length == 0 ? [1] : shape);
    }

    [GeneratedRegex(@"'descr':\s*'(?<code>[^']+)',\s*'fortran_order':\s*(?<order>\w+),\s*'shape':\s*\((?<shape>[^)]*)\)")]
    private static partial Regex Header();
}
