using System.IO.MemoryMappedFiles;

namespace Fovea.Torch.Serialization;

/// <summary>A file mapped read-only into memory; pages are read when they are touched.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private byte* start;

    private MappedFile(string path, FileStream stream)
    {
        Path = path;
        Length = stream.Length;
        map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>Start of the mapping.</summary>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(start is null, this);
            return start;
        }
    }

    /// <exception cref="FoveaException">The file is missing, empty, a folder or not readable.</exception>
    public static MappedFile Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
            if (stream.Length == 0)
                throw new DataException(path, null, "an empty file", "weights (safetensors, or .pth/.pt of PyTorch)");
            return new MappedFile(path, stream);
        }
        catch (Exception e)
        {
            stream?.Dispose();
            throw e switch
            {
                FileNotFoundException or DirectoryNotFoundException => new FoveaException($"{path}: there is no such file", e),
                UnauthorizedAccessException when Directory.Exists(path) => new FoveaException($"{path}: is a folder, expected a weights file", e),
                UnauthorizedAccessException => new FoveaException($"{path}: no permission to read it", e),
                IOException => new FoveaException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e),
                _ => e,
            };
        }
    }

    public void Dispose()
    {
        if (start is null)
            return;
        start = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
    }
}
