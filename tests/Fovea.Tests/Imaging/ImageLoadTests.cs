using Fovea.Imaging;

namespace Fovea.Tests.Imaging;

public class ImageLoadTests
{
    [Theory]
    [InlineData("photos/darknet/dog.jpg")]
    [InlineData("photos/machinelearning/taco_invalidpixelformat.jpg")]
    [InlineData("photos/machinelearning/tomato.bmp")]
    [InlineData("photos/machinelearning/tomato_indexedpixelformat.gif")]
    [InlineData("photos/pytorch-grad-cam/both.png")]
    [InlineData("raccoon/images/raccoon-150.jpg")]
    [InlineData("fashion/val")]
    [InlineData("camvid/test")]
    [InlineData("dsb2018-nuclei/stage1_train")]
    [InlineData("isbi-em/image")]
    public void Real_pictures_decode_as_Pillow_decodes_them(string name)
    {
        if (!TestData.TryFolder(name.Split('/')[0], out var folder))
            return;
        var path = Path.Combine(Path.GetDirectoryName(folder)!, name);
        if (Directory.Exists(path))
            path = Directory.GetFiles(path, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var image = Image.Load(path);
        var info = ImageInfo.Read(path);
        Assert.Equal(image.Size, info.Size);
        Assert.Equal(0, Pillow.LargestDifference(Pillow.Load(path, "RGB"), image.Data));
        Assert.Equal(0, Pillow.LargestDifference(Pillow.Load(path, "L"), Image.Load(path, ImageChannels.Grey).Data));
    }

    [Fact]
    public void The_CMYK_JPEG_is_read_as_three_channels()
    {
        if (!TestData.TryFolder("photos", out var folder))
            return;
        var info = ImageInfo.Read(Path.Combine(folder, "machinelearning", "taco_invalidpixelformat.jpg"));
        Assert.Equal((ImageFormat.Jpeg, 3, 8), (info.Format, info.Channels, info.BitDepth));
    }

    [Fact]
    public void Every_EXIF_orientation_shows_the_same_upright_picture()
    {
        if (!TestData.TryFolder("exif-orientation", out var folder))
            return;
        for (var orientation = 1; orientation <= 8; orientation++)
        {
            var path = Path.Combine(folder, $"Portrait_{orientation}.jpg");
            var info = ImageInfo.Read(path);
            Assert.Equal(orientation, info.Orientation);
            Assert.Equal(new ImageSize(1800, 1200), info.Size);
            Assert.Equal(orientation >= 5 ? new ImageSize(1200, 1800) : info.Size, info.StoredSize);
            var image = Image.Load(path);
            Assert.Equal(info.Size, image.Size);
            Assert.Equal(0, Pillow.LargestDifference(Pillow.Load(path, "RGB"), image.Data));
        }
    }

    [Theory]
    [InlineData("jpeg", "L", ""), InlineData("jpeg", "RGB", "progressive=True"), InlineData("jpeg", "CMYK", "")]
    [InlineData("jpeg", "RGB", "quality=100, subsampling=0"), InlineData("jpeg", "RGB", "subsampling=1")]
    [InlineData("bmp", "1", ""), InlineData("bmp", "L", ""), InlineData("bmp", "P", ""), InlineData("bmp", "RGB", "")]
    [InlineData("tiff", "1", ""), InlineData("tiff", "L", ""), InlineData("tiff", "P", ""), InlineData("tiff", "RGB", ""), InlineData("tiff", "RGBA", "")]
    [InlineData("tiff", "RGB", "compression='tiff_lzw'"), InlineData("tiff", "RGB", "compression='tiff_deflate'")]
    [InlineData("webp", "RGB", "lossless=True"), InlineData("webp", "RGBA", "lossless=True, exact=True"), InlineData("webp", "RGB", "quality=80")]
    [InlineData("gif", "L", ""), InlineData("gif", "P", "interlace=1"), InlineData("gif", "P", "interlace=0")]
    [InlineData("png", "1", ""), InlineData("png", "LA", ""), InlineData("png", "RGBA", "optimize=True")]
    public void Files_that_Pillow_writes_decode_to_what_it_reads(string format, string mode, string options)
    {
        using var folder = new TempFolder();
        var path = folder.File("picture." + format);
        PythonReference.Run($$"""
            from PIL import Image
            y, x = np.mgrid[0:37, 0:53]
            rgba = np.stack([x * 4, y * 6, (x * y) % 256, 255 - (x + y) % 200], -1).astype(np.uint8)
            picture = Image.fromarray(rgba)
            if '{{mode}}' != 'RGBA': picture = picture.convert('RGB').convert('{{mode}}')
            picture.save({{Pillow.Quote(path)}}, '{{format.ToUpperInvariant()}}', **dict({{options}}))
            """);
        var info = ImageInfo.Read(path);
        Assert.Equal(new ImageSize(37, 53), info.Size);
        Assert.Equal(0, Pillow.LargestDifference(Pillow.Load(path, "RGB"), Image.Load(path).Data));
        if (mode == "RGBA")
            Assert.Equal(0, Pillow.LargestDifference(Pillow.Load(path, "RGBA"), Image.Load(path, ImageChannels.Unchanged).Data));
        Assert.Equal(Image.Load(path, ImageChannels.Unchanged).Channels, info.Channels);
    }

    [Theory]
    [InlineData("tiff"), InlineData("webp"), InlineData("png"), InlineData("jpeg")]
    public void Orientation_is_applied_in_every_format_that_carries_it(string format)
    {
        using var folder = new TempFolder();
        for (var orientation = 1; orientation <= 8; orientation++)
        {
            var path = folder.File($"{orientation}.{format}");
            var upright = (byte[])PythonReference.Run($$"""
                from PIL import Image
                y, x = np.mgrid[0:5, 0:9]
                u = np.stack([x * 20, y * 40, 90 + x - y], -1).astype(np.uint8)
                t = u.transpose(1, 0, 2)
                stored = [u, u[:, ::-1], u[::-1, ::-1], u[::-1], t, np.rot90(u), t[::-1, ::-1], np.rot90(u, -1)][{{orientation}} - 1]
                picture = Image.fromarray(np.ascontiguousarray(stored))
                if '{{format}}' == 'tiff': picture.save({{Pillow.Quote(path)}}, tiffinfo={274: {{orientation}}})
                else:
                    exif = Image.Exif(); exif[274] = {{orientation}}
                    options = {'webp': dict(lossless=True), 'jpeg': dict(quality=100, subsampling=0)}.get('{{format}}', {})
                    picture.save({{Pillow.Quote(path)}}, exif=exif, **options)
                out['u'] = u
                """)["u"].Data;
            Assert.Equal(orientation, ImageInfo.Read(path).Orientation);
            var image = Image.Load(path);
            Assert.Equal(new ImageSize(5, 9), image.Size);
            Assert.InRange(Pillow.LargestDifference(upright, image.Data), 0, format == "jpeg" ? 3 : 0);
        }
    }

    [Fact]
    public void Deep_and_floating_point_TIFF_keep_their_samples()
    {
        using var folder = new TempFolder();
        var (words, floats) = (folder.File("words.tiff"), folder.File("floats.tiff"));
        PythonReference.Run($"""
            from PIL import Image
            a = (np.arange(12).reshape(3, 4) * 5000)
            Image.fromarray(a.astype(np.uint16)).save({Pillow.Quote(words)})
            Image.fromarray((a / 7).astype(np.float32)).save({Pillow.Quote(floats)})
            """);
        var deep = Image.Load(words, ImageChannels.Unchanged);
        Assert.Equal((PixelType.UInt16, 1), (deep.Type, deep.Channels));
        Assert.Equal(55000, deep.AsSpan<ushort>()[11]);
        Assert.Equal(55000 >> 8, Image.Load(words, ImageChannels.Grey).Data[11]);
        var real = Image.Load(floats, ImageChannels.Unchanged);
        Assert.Equal(55000 / 7f, real.AsSpan<float>()[11]);
        Assert.Contains("floats.tiff", Assert.Throws<DataException>(() => Image.Load(floats)).Message, StringComparison.Ordinal);
    }
}
