using Fovea.Data;
using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Models.Segmentation;
using Fovea.Torch;

namespace Fovea.Tests.Models.Segmentation;

[LeakCheck]
public sealed class RedNetTests
{
    private const string Code = """
        def start(x, d): return F.relu(norm(conv(x, 'conv1' + d, stride=2, padding=3), 'bn1' + d))
        def block(x, k, doubles):
            y = F.relu(norm(conv(x, k + '.conv1', padding=1), k + '.bn1'))
            y = tconv(y, k + '.conv2', stride=2, padding=1, output_padding=1) if doubles else conv(y, k + '.conv2', padding=1)
            if doubles: x = norm(tconv(x, k + '.upsample.0', stride=2), k + '.upsample.1')
            return F.relu(norm(y, k + '.bn2') + x)
        def up(x, k, count, doubles=True):
            for i in range(count): x = block(x, f'{k}.{i}', doubles and i == count - 1)
            return x
        def agent(x, i): return F.relu(norm(conv(x, f'agant{i}.0'), f'agant{i}.1'))
        def net(x):
            h, w = x.shape[2:]
            x = F.pad(x, (0, -w % 32, 0, -h % 32))
            d = start(x[:, 3:], '_d'); maps = [start(x[:, :3], '') + d]
            x, d = F.max_pool2d(maps[0], 3, 2, 1), F.max_pool2d(d, 3, 2, 1)
            for i, count in enumerate((3, 4, 6, 3)):
                step = 1 if i == 0 else 2
                d = stage(d, f'layer{i + 1}_d', count, step, bottleneck); x = stage(x, f'layer{i + 1}', count, step, bottleneck) + d
                maps.append(x)
            z, sides = agent(maps[4], 4), {}
            for i, count in enumerate((6, 4, 3, 3)):
                z = up(z, f'deconv{i + 1}', count)
                sides[f'out{5 - i}'] = conv(z, f'out{5 - i}_conv')
                z = z + agent(maps[3 - i], 3 - i)
            return {'out': tconv(up(z, 'final_conv', 3, False), 'final_deconv', stride=2)[:, :, :h, :w], **sides}
        def loss(outputs, y):
            total = 0
            for k, v in outputs.items():
                step = {'out': 1, 'out2': 2, 'out3': 4, 'out4': 8, 'out5': 16}[k]
                t = y[:, ::step, ::step]
                total = total + F.cross_entropy(v[:, :, :t.shape[1], :t.shape[2]], t, ignore_index=255)
            return total
        """;

    [Fact]
    public void Equals_the_same_arithmetic_in_PyTorch()
    {
        using var model = SegmenterContract.Build("rednet", 3, inChannels: 4);
        SegmenterParity.Compare(model, Code, [2, 4, 33, 64], 3);
    }

    [Fact]
    public void Learns_from_colour_and_depth()
    {
        using var scope = new TensorScope();
        using var model = SegmenterContract.Build("rednet", 2, inChannels: 4);
        using var batch = SegmenterContract.Batch(2, 4, 64, 50);
        Assert.Equal(["cross_entropy", "out5_cross_entropy", "out4_cross_entropy", "out3_cross_entropy", "out2_cross_entropy"], model.Loss(batch).Terms.Select(t => t.Key));
        SegmenterContract.Learns(model, batch, steps: 4);
        SegmenterContract.KeepsItsScoresInAPlan(model, 4);
        var error = Assert.Throws<FoveaException>(() => model.Forward(Tensor.Rand([1, 3, 32, 32])));
        Assert.Contains("[N, 4, H, W]", error.Message, StringComparison.Ordinal);
        Assert.Contains("colour and then depth", Assert.Throws<FoveaException>(() => new RedNet(1, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_pictures_with_their_depth()
    {
        using var scope = new TensorScope();
        var folder = Directory.CreateTempSubdirectory("fovea-rednet-");
        try
        {
            var size = new ImageSize(20, 33);
            var random = new Random(3);
            foreach (var (name, channels, type) in new[] { ("image", 3, PixelType.UInt8), ("depth", 1, PixelType.UInt16), ("label", 1, PixelType.UInt8) })
            {
                var picture = new Image(size, channels, type);
                random.NextBytes(picture.Data);
                for (var i = 0; name == "label" && i < picture.Data.Length; i++)
                    picture.Data[i] %= 3;
                picture.Save(Path.Combine(folder.CreateSubdirectory(name).FullName, "1.png"));
            }

            var dataset = Dataset.Open(folder.FullName);
            using var model = SegmenterContract.Build("rednet", dataset.Labels.Count, inChannels: 4);
            Assert.Equal(ImageChannels.Rgbd, model.Preprocessing.Channels);
            Assert.Equal(19050, model.Preprocessing.Mean[3]);
            using var batch = new DataLoader(dataset, ModelTask.Semantic, model.Preprocessing, new LoaderOptions()).Epoch(0).Single();
            Assert.Equal([1, 4, 32, 64], batch.Images.Shape);
            model.Eval();
            Assert.Equal(size, model.Predict(batch)[0].Map!.Size);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
