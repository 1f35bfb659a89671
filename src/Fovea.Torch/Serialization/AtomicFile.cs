namespace Fovea.Torch.Serialization;

/// <summary>Writes files whole or not at all: into a temporary file beside the target, flushed to the disk, then renamed.</summary>
public static class AtomicFile
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Replaces a file by what <paramref name="write"/> puts out; a failure leaves the old file as it was.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="write">Writes the contents to the stream it is given.</param>
    /// <param name="byteCount">The length in bytes when it is known, so that a full disk shows before anything is written; otherwise 0.</param>
    /// <exception cref="FoveaException">The disk is full, the folder is missing or not writable.</exception>
    public static void Write(string path, Action<Stream> write, long byteCount = 0)
    {
        var target = Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(target) ?? "/", $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}");
        try
        {
            if (FreeBytes(target) < byteCount)
                throw new IOException("too little space", NoSpace);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e);
        }
        finally
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
        }
    }

    /// <summary>Replaces a text file (UTF-8, no byte-order mark); a failure leaves the old file as it was.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="text">The whole contents.</param>
    /// <exception cref="FoveaException">The disk is full, the folder is missing or not writable.</exception>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>The error of a file or folder that cannot be written, in words that do not depend on the system.</summary>
    /// <param name="path">The file or folder, as its user named it.</param>
    /// <param name="error">What the system said.</param>
    public static FoveaException Unwritable(string path, Exception error) => new($"{path}: cannot be written: {Reason(error, Path.GetFullPath(path))}", error);

    private static string Reason(Exception e, string target) => e switch
    {
        DirectoryNotFoundException => $"the folder {Path.GetDirectoryName(target)} does not exist; create it first",
        UnauthorizedAccessException => "no permission to write there; choose another folder or change its rights",
        _ when IsDiskFull(e) => $"the disk is full ({FreeSpace(target)} free); free some space and try again, nothing was replaced",
        _ => e.Message.ReplaceLineEndings(" "),
    };

    private static bool IsDiskFull(Exception e) => e.HResult is NoSpace or QuotaExceeded or WindowsDiskFull;

    private static string FreeSpace(string target) => FreeBytes(target) is { } bytes ? FormattableString.Invariant($"{bytes / 1e6:0.#} MB") : "an unknown amount";

    private static long? FreeBytes(string target)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(target) ?? "/").AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
