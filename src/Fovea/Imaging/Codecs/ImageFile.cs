using Microsoft.Win32.SafeHandles;

namespace Fovea.Imaging.Codecs;

/// <summary>Reads files so that every failure names the file and what to do.</summary>
internal static class ImageFile
{
    public static SafeFileHandle Open(string path)
    {
        try
        {
            return File.OpenHandle(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    public static byte[] ReadAll(string path)
    {
        using var file = Open(path);
        var length = RandomAccess.GetLength(file);
        if (length > Array.MaxLength)
            throw new DataException(path, null, $"{length} bytes", $"an image file below {Array.MaxLength} bytes");
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        Fill(file, bytes, path);
        return bytes;
    }

    public static void Fill(SafeFileHandle file, Span<byte> bytes, string path)
    {
        try
        {
            for (var done = 0; done < bytes.Length;)
            {
                var read = RandomAccess.Read(file, bytes[done..], done);
                if (read == 0)
                    throw new DataException(path, null, $"{done} bytes", $"{bytes.Length} bytes; the file changed while it was read");
                done += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    private static DataException Unreadable(string path, Exception cause) => cause switch
    {
        FileNotFoundException or DirectoryNotFoundException => new(path, null, "no such file", "an image file", cause),
        UnauthorizedAccessException when Directory.Exists(path) => new(path, null, "a folder", "an image file", cause),
        UnauthorizedAccessException => new(path, null, "no permission to read", "a readable image file", cause),
        _ => new(path, null, $"a file that cannot be read ({cause.Message})", "a readable image file", cause),
    };
}
