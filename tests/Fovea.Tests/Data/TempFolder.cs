using System.IO.Compression;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

/// <summary>A folder for one test, deleted with what it holds.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fovea-data-").FullName;

    public string At(string relative) => System.IO.Path.Combine(Path, relative);

    public string Write(string relative, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(relative))!);
        File.WriteAllText(At(relative), text);
        return At(relative);
    }

    public string Write(string relative, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(relative))!);
        File.WriteAllBytes(At(relative), bytes);
        return At(relative);
    }

    public string WriteGzip(string relative, byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return Write(relative, memory.ToArray());
    }

    /// <summary>Files that are there but hold no picture: for what never decodes them.</summary>
    public void Touch(params string[] relatives)
    {
        foreach (var relative in relatives)
            Write(relative, "no picture");
    }

    public string Save(string relative, Image image)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(relative))!);
        image.Save(At(relative));
        return At(relative);
    }

    /// <summary>A grey PNG of the values.</summary>
    public string Mask(string relative, int height, int width, params byte[] values) =>
        Save(relative, new Image(new ImageSize(height, width), 1, values));

    /// <summary>A picture images/NAME.png with its mask masks/NAME.png.</summary>
    public void Pair(string name, int height, int width, params byte[] values)
    {
        Save($"images/{name}.png", new Image(new ImageSize(height, width), 3, new byte[3 * values.Length]));
        Mask($"masks/{name}.png", height, width, values);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
