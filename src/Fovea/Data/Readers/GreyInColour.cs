using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>
/// Masks of grey values that were saved with three channels, as many programs do: all three hold the class. Masks that show their
/// classes in colours are stored alike and are refused.
/// </summary>
internal static class GreyInColour
{
    // As many headers tell how a set stores its masks.
    private const int LookedAt = 100;

    /// <summary>Whether a mask has channels of colour and neither a palette nor losses; grey or not is not looked at.</summary>
    public static bool IsStored(string path) => File.Exists(path)
        && ImageInfo.Read(path) is { HasPalette: false, Channels: > 1, Format: ImageFormat.Png or ImageFormat.Bmp or ImageFormat.Tiff };

    /// <summary>Reads such a mask as grey values.</summary>
    /// <exception cref="DataException">The channels differ, there is transparency, or samples have more than 8 bits.</exception>
    public static Image Load(string path)
    {
        var image = Image.Load(path, ImageChannels.Unchanged);
        if (image.Type != PixelType.UInt8)
            throw new DataException(path, "values", $"{Counted.Of(image.Channels, "channel")} of {image.Type}", "one channel of 8 bits, a class a value");
        var (data, channels, values) = (image.Data, image.Channels, new byte[image.Width * image.Height]);
        for (int i = 0, at = 0; i < values.Length; i++, at += channels)
        {
            if (data[at] != data[at + 1] || data[at] != data[at + 2])
            {
                throw new DataException(
                    path, "values", $"{channels} channels of colour", "palette indices or grey values, a class a value: the mask was saved as a picture of its colours; "
                    + "save it with its palette, or name the data set's format if its masks are meant to be colours");
            }

            // What is to be seen could be in the transparency alone.
            if (channels == 4 && data[at + 3] != byte.MaxValue)
                throw new DataException(path, "values", "4 channels of grey with transparency", "grey values without transparency, a class a value");
            values[i] = data[at];
        }

        return new Image(image.Size, 1, values);
    }

    /// <summary>Says so, once, where masks are stored like that.</summary>
    /// <param name="masks">The masks of a set.</param>
    /// <param name="notes">Receives the sentence.</param>
    public static void Note(IReadOnlyList<string> masks, List<string> notes)
    {
        var looked = masks.Where((_, i) => (long)i * LookedAt % masks.Count < LookedAt).ToList();
        var stored = looked.FindAll(IsReadableAndStored);
        if (stored.Count > 0 && IsGrey(stored[0]))
            notes.Add($"{stored.Count} of {Counted.Of(looked.Count, "mask")} looked at {(stored.Count == 1 ? "is" : "are")} stored with three channels, such as {Path.GetFileName(stored[0])}: where all three are equal they are read as one, grey values");
    }

    private static bool IsReadableAndStored(string path) => Tried(() => IsStored(path));

    private static bool IsGrey(string path) => Tried(() => Load(path) is not null);

    // A mask that cannot be read is an error when it is loaded.
    private static bool Tried(Func<bool> test)
    {
        try
        {
            return test();
        }
        catch (DataException)
        {
            return false;
        }
    }
}
