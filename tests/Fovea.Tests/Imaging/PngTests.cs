using Fovea.Imaging;
using Fovea.Imaging.Codecs;

namespace Fovea.Tests.Imaging;

public class PngTests
{
    // A PNG writer of its own: every colour type, depth, filter and interlacing, which Pillow cannot write.
    private const string Writer = """
        import zlib, struct
        def chunk(kind, data): return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
        def pack(row, depth):
            if depth == 16: return row.astype('>u2').tobytes()
            if depth == 8: return row.astype(np.uint8).tobytes()
            bits = ''.join(format(int(v), '0%db' % depth) for v in row.ravel())
            bits += '0' * (-len(bits) % 8)
            return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
        def filtered(rows, bpp):
            data, above = b'', None
            for n, row in enumerate(rows):
                kind = n % 5; above = above or bytes(len(row)); res = bytearray()
                for i, v in enumerate(row):
                    a = row[i - bpp] if i >= bpp else 0; b = above[i]; c = above[i - bpp] if i >= bpp else 0
                    p = a + b - c; pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
                    paeth = a if pa <= pb and pa <= pc else b if pb <= pc else c
                    res.append((v - [0, a, b, (a + b) // 2, paeth][kind]) % 256)
                data += bytes([kind]) + bytes(res); above = row
            return data
        def write(path, samples, colour, depth, interlaced, extra=b''):
            h, w, c = samples.shape; bpp = max(1, c * depth // 8)
            passes = [(0,0,8,8),(0,4,8,8),(4,0,8,4),(0,2,4,4),(2,0,4,2),(0,1,2,2),(1,0,2,1)] if interlaced else [(0,0,1,1)]
            raw = b''
            for y, x, dy, dx in passes:
                part = samples[y::dy, x::dx]
                if part.size: raw += filtered([pack(r, depth) for r in part], bpp)
            packed = zlib.compress(raw)
            body = b''.join(chunk(b'IDAT', packed[i:i + 100]) for i in range(0, len(packed), 100))
            with open(path, 'wb') as f:
                f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, depth, colour, 0, 0, interlaced)) + extra + body + chunk(b'IEND', b''))
        """;

    public static TheoryData<int, int, bool> Kinds()
    {
        var kinds = new TheoryData<int, int, bool>();
        foreach (var (colour, depths) in new[] { (0, new[] { 1, 2, 4, 8, 16 }), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16]) })
        {
            foreach (var depth in depths)
            {
                kinds.Add(colour, depth, false);
                kinds.Add(colour, depth, true);
            }
        }

        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_colour_type_depth_filter_and_interlacing_decodes_exactly(int colour, int depth, bool interlaced)
    {
        using var folder = new TempFolder();
        var path = folder.File("x.png");
        var answer = PythonReference.Run($$"""
            {{Writer}}
            rng = np.random.default_rng({{colour * 20 + depth}})
            channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[{{colour}}]
            samples = rng.integers(0, 2 ** {{depth}}, (13, 19, channels))
            samples[5:, :9] = samples[5:6, :1]
            palette = rng.integers(0, 256, (2 ** min({{depth}}, 8), 3)).astype(np.uint8)
            extra = chunk(b'PLTE', palette.tobytes()) if {{colour}} == 3 else b''
            write({{Pillow.Quote(path)}}, samples, {{colour}}, {{depth}}, {{(interlaced ? 1 : 0)}}, extra)
            out['stored'] = samples.astype(np.int32)
            grey = lambda v: v * (255 // (2 ** {{depth}} - 1)) if {{depth}} < 8 else v
            out['shown'] = {0: grey, 2: lambda v: v, 3: lambda v: palette[v[..., 0]], 4: lambda v: v[..., [0, 0, 0, 1]], 6: lambda v: v}[{{colour}}](samples).astype(np.int32)
            """);
        var image = Image.Load(path, ImageChannels.Unchanged);
        Assert.Equal(answer.Longs("shown"), Values(image));
        var info = ImageInfo.Read(path);
        Assert.Equal((image.Channels, depth, colour == 3), (info.Channels, info.BitDepth, info.HasPalette));
        if (colour is 0 or 3 && depth <= 8)
            Assert.Equal(answer.Longs("stored"), Values(Image.LoadIndices(path)));
        else
            Assert.Contains("x.png", Assert.Throws<DataException>(() => Image.LoadIndices(path)).Message, StringComparison.Ordinal);
        if (depth == 16)
            Assert.Equal(answer.Longs("shown").Select(v => v >> 8), Values(new Image(image.Size, image.Channels, [.. Values(image).Select(v => (byte)(v >> 8))])));
    }

    [Fact]
    public void Transparent_colours_become_alpha()
    {
        using var folder = new TempFolder();
        PythonReference.Run($$"""
            {{Writer}}
            one = np.array([[0, 1, 2], [3, 3, 0]])[..., None]
            write({{Pillow.Quote(folder.File("palette.png"))}}, one, 3, 2, 0, chunk(b'PLTE', bytes([9, 8, 7, 20, 21, 22, 30, 31, 32, 40, 41, 42])) + chunk(b'tRNS', bytes([0, 128])))
            write({{Pillow.Quote(folder.File("grey.png"))}}, one, 0, 2, 0, chunk(b'tRNS', bytes([0, 3])))
            """);
        var palette = Image.Load(folder.File("palette.png"), ImageChannels.Unchanged);
        Assert.Equal([9, 8, 7, 0, 20, 21, 22, 128, 30, 31, 32, 255, 40, 41, 42, 255, 40, 41, 42, 255, 9, 8, 7, 0], palette.Data);
        var grey = Image.Load(folder.File("grey.png"), ImageChannels.Unchanged);
        Assert.Equal([0, 0, 0, 255, 85, 85, 85, 255, 170, 170, 170, 255, 255, 255, 255, 0, 255, 255, 255, 0, 0, 0, 0, 255], grey.Data);
        Assert.Equal(0, Pillow.LargestDifference(Pillow.Load(folder.File("palette.png"), "RGBA"), palette.Data));
    }

    [Fact]
    public void Label_images_of_real_data_sets_give_their_indices()
    {
        if (!TestData.TryFolder("camvid", out var folder))
            return;
        foreach (var path in Directory.GetFiles(Path.Combine(folder, "testannot")).Order(StringComparer.Ordinal).Take(3))
        {
            var labels = Image.LoadIndices(path);
            Assert.Equal(0, Pillow.LargestDifference(Pillow.Load(path, ""), labels.Data));
            Assert.All(labels.Data, value => Assert.InRange(value, 0, 11));
        }
    }

    [Theory]
    [InlineData(1, PixelType.UInt8), InlineData(3, PixelType.UInt8), InlineData(4, PixelType.UInt8)]
    [InlineData(1, PixelType.UInt16), InlineData(3, PixelType.UInt16), InlineData(4, PixelType.UInt16)]
    public void What_is_written_reads_back_the_same(int channels, PixelType type)
    {
        var image = new Image(new ImageSize(17, 23), channels, type);
        new Random(1).NextBytes(image.Data);
        image.Data.AsSpan(0, image.Data.Length / 2).Fill(77);
        var back = Image.Decode(image.Encode("png"), "memory", ImageChannels.Unchanged);
        Assert.Equal((image.Size, channels, type), (back.Size, back.Channels, back.Type));
        Assert.Equal(image.Data, back.Data);
    }

    [Fact]
    public void Label_images_are_written_with_their_palette()
    {
        using var folder = new TempFolder();
        var path = folder.Write("labels.png", PngEncoder.EncodeIndices(new Image(new ImageSize(1, 3), 1, [2, 0, 1]), [1, 2, 3, 4, 5, 6, 7, 8, 9]));
        Assert.Equal([2, 0, 1], Image.LoadIndices(path).Data);
        Assert.Equal([7, 8, 9, 1, 2, 3, 4, 5, 6], Image.Load(path).Data);
        Assert.Equal([2, 0, 1], Pillow.Load(path, ""));
    }

    private static IEnumerable<long> Values(Image image) =>
        image.Type == PixelType.UInt16 ? image.AsSpan<ushort>().ToArray().Select(v => (long)v) : image.Data.Select(v => (long)v);
}
