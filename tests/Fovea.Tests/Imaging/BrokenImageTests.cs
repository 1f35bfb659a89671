using Fovea.Imaging;

namespace Fovea.Tests.Imaging;

public class BrokenImageTests
{
    public static TheoryData<string> Formats => ["jpg", "png", "bmp", "tiff", "webp", "gif"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_file_cut_short_anywhere_is_an_error_that_names_it(string format)
    {
        using var folder = new TempFolder();
        var whole = Encode(format);
        // A decoder may do without the last bytes, which are no picture: an end marker, a checksum, padding.
        var needed = whole.Length - format switch { "jpg" => 1, "png" => 24, "gif" => 8, _ => 3 };
        for (var length = 0; length < needed; length += Math.Max(1, needed / 60))
        {
            var path = folder.Write($"cut{length}.{format}", whole[..length]);
            var error = Assert.Throws<DataException>(() => Image.Load(path));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Random_damage_gives_a_picture_or_a_data_error_and_nothing_else(string format)
    {
        var whole = Encode(format);
        var random = new Random(5);
        for (var round = 0; round < 400; round++)
        {
            var bytes = (byte[])whole.Clone();
            for (var n = 0; n < 3; n++)
                bytes[random.Next(n == 0 ? 64 : bytes.Length)] = (byte)random.Next(256);
            try
            {
                Assert.True(Image.Decode(bytes, "damaged").Width > 0);
            }
            catch (DataException)
            {
                // As it should be.
            }
        }
    }

    [Theory]
    [InlineData("", "0 bytes")]
    [InlineData("%PDF-1.4 and so on", "25 50 44 46")]
    [InlineData("<annotation/>", "<annotat")]
    public void Files_that_are_no_images_say_what_they_begin_with(string content, string expected)
    {
        using var folder = new TempFolder();
        var path = folder.Write("x.jpg", System.Text.Encoding.ASCII.GetBytes(content));
        foreach (var error in new[] { Assert.Throws<DataException>(() => Image.Load(path)), Assert.Throws<DataException>(() => ImageInfo.Read(path)) })
        {
            Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_data_errors()
    {
        using var folder = new TempFolder();
        Assert.Contains("no such file", Assert.Throws<DataException>(() => Image.Load(folder.File("none.png"))).Message, StringComparison.Ordinal);
        Assert.Contains("a folder", Assert.Throws<DataException>(() => ImageInfo.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_claims_more_than_the_file_can_hold_allocates_nothing()
    {
        var png = Encode("png");
        (png[18], png[22]) = (0x40, 0x40);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("a size that the file can hold", Assert.Throws<DataException>(() => Image.Decode(png, "huge.png")).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void A_GIF_frame_that_claims_more_than_the_file_can_hold_allocates_nothing()
    {
        byte[] gif = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B];
        Assert.Equal(new ImageSize(1, 1), Image.Decode(gif, "one.gif").Size);
        foreach (var (width, height) in new[] { (0xFFFF, 0xFFFF), (0x8000, 0x8000), (0x4000, 0x4000) })
        {
            (gif[24], gif[25], gif[26], gif[27]) = ((byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8));
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains("a damaged GIF", Assert.Throws<DataException>(() => Image.Decode(gif, "huge.gif")).Message, StringComparison.Ordinal);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
        }
    }

    [Fact]
    public void A_grey_picture_too_large_for_colour_is_an_error_before_it_is_decoded()
    {
        // 900 million pixels of grey fit an array, three times as many do not.
        byte[] png = [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, .. "IDAT"u8, .. new byte[900_000]];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("30000x30000, 3 channels", Assert.Throws<DataException>(() => Image.Decode(png, "huge.png")).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void Lossy_and_colour_label_images_are_refused()
    {
        using var folder = new TempFolder();
        var path = folder.Write("labels.jpg", Encode("jpg"));
        Assert.Contains("PNG", Assert.Throws<DataException>(() => Image.LoadIndices(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_cannot_be_written_leaves_nothing_behind()
    {
        using var folder = new TempFolder();
        var image = new Image(new ImageSize(2, 2), 3);
        Assert.Throws<FoveaException>(() => image.Save(folder.File("x.xyz")));
        var path = Path.Combine(folder.Path, "no", "x.png");
        Assert.StartsWith($"{path}: cannot be written", Assert.Throws<FoveaException>(() => image.Save(path)).Message, StringComparison.Ordinal);
        Assert.Throws<FoveaException>(() => new Image(new ImageSize(2, 2), 4).Encode(".jpg"));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("jpg", 3), InlineData("jpg", 1), InlineData("png", 3), InlineData("bmp", 3), InlineData("tiff", 4), InlineData("webp", 3)]
    public void What_is_encoded_Pillow_reads(string format, int channels)
    {
        using var folder = new TempFolder();
        var image = Gradient(channels);
        var path = folder.File("x." + format);
        image.Save(path, quality: 100);
        var difference = Pillow.LargestDifference(Pillow.Load(path, ""), image.Data);
        Assert.InRange(difference, 0, format switch { "jpg" => 3, "webp" => 20, _ => 0 });
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    private static byte[] Encode(string format)
    {
        if (format != "gif")
            return Gradient(3).Encode(format);
        return (byte[])PythonReference.Run("""
            import io
            from PIL import Image
            f = io.BytesIO(); Image.fromarray(a).convert('P').save(f, 'GIF')
            out['gif'] = np.frombuffer(f.getvalue(), np.uint8)
            """, ("a", Pillow.Array(Gradient(3))))["gif"].Data;
    }

    private static Image Gradient(int channels)
    {
        var image = new Image(new ImageSize(48, 64), channels);
        for (var i = 0; i < image.Data.Length; i++)
        {
            var (x, y, c) = (i / channels % 64, i / channels / 64, i % channels);
            image.Data[i] = (byte)(c == 3 ? 255 - y : x * (c + 1) + y + (x / 8 + y / 8) % 2 * 9);
        }

        return image;
    }
}
