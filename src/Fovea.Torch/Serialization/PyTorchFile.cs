using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.ExceptionServices;
using Fovea.Torch.Serialization.Pickling;

namespace Fovea.Torch.Serialization;

/// <summary>Reads the files of <c>torch.save</c>: the archive of PyTorch 1.6 and later, and the older run of pickles.</summary>
internal static class PyTorchFile
{
    private const int ProtocolVersion = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    public static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8);

    /// <summary>A pickle starts with its protocol, or in the oldest protocol with a name or a mark.</summary>
    /// <remarks>The length that a safetensors file starts with can look alike, but its upper bytes are zero.</remarks>
    public static bool IsPickle(ReadOnlySpan<byte> start)
    {
        if (start.Length < 2 || (start.Length > 8 && start[8] == '{' && start[4..8].IndexOfAnyExcept((byte)0) < 0))
            return false;
        return (start[0] == 0x80 && start[1] is >= 2 and <= 5) || (start[0] is (byte)'c' or (byte)'(' && start[1] != 0);
    }

    public static bool IsTar(ReadOnlySpan<byte> start) => start.Length > 262 && start[257..].StartsWith("ustar"u8);

    /// <summary>An archive: NAME/data.pkl holds the object, NAME/data/KEY the bytes of every storage.</summary>
    public static WeightsFile ReadZip(MappedFile file, string? section)
    {
        var zip = new ZipDirectory(file.Path, ByteSource.Of(file));
        var root = zip.Names.FirstOrDefault(static name => name.EndsWith("/data.pkl", StringComparison.Ordinal) && name.Count('/') == 1)?[..^"data.pkl".Length]
            ?? throw new DataException(file.Path, null, "a ZIP archive without a data.pkl", "the archive of torch.save (since PyTorch 1.6)");
        if (zip.Contains(root + "byteorder"))
            CheckByteOrder(file, zip.Read(root + "byteorder").Span(0, 1)[0] == 'l');
        var storages = new Dictionary<string, PickleStorage>(StringComparer.Ordinal);
        var pickle = new Unpickler(file.Path, zip.Read(root + "data.pkl"), 0, id => StorageOf(file, id, storages));
        var value = pickle.Load();
        try
        {
            Parallel.ForEach(storages.Values, storage => storage.Source = zip.Read($"{root}data/{storage.Key}"));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return StateDictSearch.Find(file, WeightsFormat.PyTorchZip, value, section);
    }

    /// <summary>Pickles of a magic number, a version, facts on the machine, the object and the storage keys; then the storages.</summary>
    public static WeightsFile ReadPickle(MappedFile file, string? section)
    {
        var source = ByteSource.Of(file);
        var storages = new Dictionary<string, PickleStorage>(StringComparer.Ordinal);
        var position = 0L;
        object? Next()
        {
            var pickle = new Unpickler(file.Path, source, position, id => StorageOf(file, id, storages));
            var value = pickle.Load();
            position = pickle.Position;
            return value;
        }

        if (Next() is not BigInteger magic || magic != Magic)
            throw new DataException(file.Path, null, "a pickle that torch.save did not write", "a state dict saved with torch.save");
        if (Next() is not (long and ProtocolVersion))
            throw new DataException(file.Path, "protocol version", "another", $"{ProtocolVersion}");
        if (Next() is PickleDict system && system.ByName().TryGetValue("little_endian", out var little))
            CheckByteOrder(file, little is true);
        var value = Next();
        if (Next() is not List<object?> keys)
            throw new DataException(file.Path, "storage keys", "something else", "a list");
        foreach (var key in keys)
            position = TakeStorage(file, source, position, key as string, storages);
        foreach (var storage in storages.Values.Where(static storage => storage.Source is null))
            throw new DataException(file.Path, $"storage {storage.Key}", "nothing", $"{storage.Count} elements (the file is truncated)");
        return StateDictSearch.Find(file, WeightsFormat.PyTorchPickle, value, section);
    }

    /// <summary>A persistent id: ('storage', class, key, device, elements), and in the old format None or a view of another storage.</summary>
    private static PickleStorage StorageOf(MappedFile file, PickleTuple id, Dictionary<string, PickleStorage> storages)
    {
        var call = new PickleArguments(file.Path, "a storage's id", id.Items);
        var dtype = call.Get<PickleGlobal>(1, "a storage class").Dtype ?? throw call.Wrong(1, "a storage class");
        var key = call.Get<string>(2, "a key");
        var count = call.Integer(4);
        if (call.Count > 5 && call.Any(5) is not null)
            throw call.Wrong(5, "None: views of storages, as PyTorch before 0.4 wrote them, are not read; save the file again with a newer one");
        if (count > long.MaxValue / dtype.Size())
            throw call.Wrong(4, "a number of elements that fits a file");
        if (!storages.TryGetValue(key, out var storage))
            storages.Add(key, storage = new PickleStorage(key, dtype, count));
        return storage.Dtype == dtype && storage.Count == count
            ? storage
            : throw call.Wrong(1, $"{storage.Count} elements of {storage.Dtype}, as the same storage has elsewhere");
    }

    private static long TakeStorage(MappedFile file, ByteSource source, long position, string? key, Dictionary<string, PickleStorage> storages)
    {
        if (key is null || !storages.TryGetValue(key, out var storage))
            throw new DataException(file.Path, "storage keys", $"'{key}'", "the keys of the storages that the tensors use");
        var bytes = storage.Count * storage.Dtype.Size();
        if (position > source.Length - sizeof(long) || bytes > source.Length - sizeof(long) - position)
            throw new DataException(file.Path, $"storage {key}", "the end of the file", $"{bytes} bytes at {position} (the file is truncated)");
        var count = BinaryPrimitives.ReadInt64LittleEndian(source.Span(position, sizeof(long)));
        if (count != storage.Count)
            throw new DataException(file.Path, $"storage {key}", $"{count} elements", $"{storage.Count}");
        storage.Source = source.Slice(position + sizeof(long), bytes);
        return position + sizeof(long) + bytes;
    }

    private static void CheckByteOrder(MappedFile file, bool isLittle)
    {
        if (!isLittle)
            throw new DataException(file.Path, "byte order", "big-endian", "little-endian; save the file again on a little-endian machine");
    }
}
