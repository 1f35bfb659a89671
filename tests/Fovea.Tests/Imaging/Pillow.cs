using System.Text.Json;
using Fovea.Imaging;

namespace Fovea.Tests.Imaging;

/// <summary>Pictures through Pillow, for comparison.</summary>
internal static class Pillow
{
    /// <summary>Opens a file, turns it upright and converts it to a Pillow mode ("" keeps it).</summary>
    public static byte[] Load(string path, string mode) => (byte[])PythonReference.Run($"""
        from PIL import Image, ImageOps
        picture = ImageOps.exif_transpose(Image.open({Quote(path)}))
        out['x'] = np.asarray(picture.convert('{mode}') if '{mode}' else picture)
        """)["x"].Data;

    /// <summary>A Python literal of a text.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text);

    public static NdArray Array(Image image) => new(image.Data, image.Height, image.Width, image.Channels);

    /// <summary>The largest difference of two arrays of the same length.</summary>
    public static int LargestDifference(byte[] expected, byte[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = 0;
        for (var i = 0; i < expected.Length; i++)
            largest = Math.Max(largest, Math.Abs(expected[i] - actual[i]));
        return largest;
    }
}
