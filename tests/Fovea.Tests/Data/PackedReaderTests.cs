using Fovea.Data;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

public sealed class PackedReaderTests
{
    // Two images of 2 x 3 pixels, big-endian header.
    private static readonly byte[] Images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16];
    private static readonly byte[] Labels = [0, 0, 8, 1, 0, 0, 0, 2, 7, 1];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void IdxIsReadFromDiskOrGzip(bool zipped)
    {
        using var folder = new TempFolder();
        Write(folder, "train-images-idx3-ubyte", Images, zipped);
        Write(folder, "train-labels-idx1-ubyte", Labels, zipped);
        var dataset = Dataset.Open(folder.Path, split: "train");
        Assert.Equal((DatasetFormat.Idx, 2, 8), (dataset.Format, dataset.Count, dataset.Labels.Count));
        Assert.Equal(7, dataset[0].Annotation.Label);
        Assert.EndsWith(zipped ? "train-images-idx3-ubyte.gz#1" : "train-images-idx3-ubyte#1", dataset[1].ImagePath, StringComparison.Ordinal);
        var image = dataset.LoadImage(1, ImageChannels.Unchanged);
        Assert.Equal((new ImageSize(2, 3), 1), (image.Size, image.Channels));
        Assert.Equal([11, 12, 13, 14, 15, 16], image.Data);
        Assert.Throws<ArgumentOutOfRangeException>(() => dataset[2]);
    }

    public static TheoryData<byte[], string> BrokenImages => new()
    {
        { [], "an empty file" },
        { [0, 0, 8], "bytes 000008" },
        { [1, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3], "bytes 01000803" },
        { [0, 0, 13, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3], "type 0x0d" },
        { Images[..^1], "27 bytes" },
        { [.. Images, 0], "29 bytes" },
        // A header that claims two billion images: an error, not an allocation.
        { [0, 0, 8, 3, 0x7f, 0xff, 0xff, 0xff, 0, 0, 4, 0, 0, 0, 4, 0, 9], "17 bytes" },
        { [0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2, 0, 0, 0, 3, 9], "-1" },
        { [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 1, 1, 1], "2 dimensions" },
    };

    [Theory]
    [MemberData(nameof(BrokenImages))]
    public void BrokenIdxIsNamed(byte[] bytes, string found)
    {
        using var folder = new TempFolder();
        folder.Write("train-images-idx3-ubyte", bytes);
        folder.Write("train-labels-idx1-ubyte", Labels);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        Assert.Contains(found, fault.Found, StringComparison.Ordinal);
        Assert.EndsWith("train-images-idx3-ubyte", fault.File, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenGzipIsNamed()
    {
        using var folder = new TempFolder();
        folder.WriteGzip("train-labels-idx1-ubyte.gz", Labels);
        var whole = File.ReadAllBytes(folder.WriteGzip("train-images-idx3-ubyte.gz", Images));
        folder.Write("train-images-idx3-ubyte.gz", whole[..20]);
        Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        whole[12] ^= 0xff;
        folder.Write("train-images-idx3-ubyte.gz", whole);
        Assert.Throws<DataException>(() => Dataset.Open(folder.Path));
        // 1 GiB declared, a few bytes there.
        folder.WriteGzip("train-images-idx3-ubyte.gz", [0, 0, 8, 3, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 9]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("17 bytes", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Found, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
        folder.WriteGzip("train-images-idx3-ubyte.gz", [.. Images, 1, 2, 3]);
        Assert.Contains("more than 28 bytes", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LabelsMustFitTheImages()
    {
        using var folder = new TempFolder();
        folder.Write("t10k-images-idx3-ubyte", Images);
        Assert.Contains("found nothing", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Message, StringComparison.Ordinal);
        folder.Write("t10k-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 3, 7, 1, 1]);
        Assert.Contains("found 3 labels, expected 2", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Message, StringComparison.Ordinal);
        folder.Write("t10k-labels-idx1-ubyte", Labels);
        var fault = Assert.Throws<DataException>(() => Dataset.Open(folder.Path, labels: new LabelSpace(["a", "b"])));
        Assert.Equal(("label 0", "7"), (fault.Field, fault.Found));
        Assert.Equal(2, Dataset.Open(folder.Path, split: "test").Count);
    }

    [Fact]
    public void CifarPlanesAreInterleaved()
    {
        using var folder = new TempFolder();
        var records = new byte[2 * 3073];
        records[3073] = 9;
        for (var i = 0; i < 3072; i++)
            records[3074 + i] = (byte)(i / 1024 * 100 + i % 100);
        folder.Write("cifar-10-batches-bin/data_batch_1.bin", records);
        folder.Write("cifar-10-batches-bin/test_batch.bin", records[..3073]);
        folder.Write("cifar-10-batches-bin/batches.meta.txt", "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
        Assert.Equal(["train", "test"], Dataset.Splits(folder.Path));
        var train = Dataset.Open(folder.Path, split: "train");
        Assert.Equal(("truck", 2), (train.Labels[train[1].Annotation.Label!.Value], train.Count));
        Assert.Equal([0, 124, 248, 1, 125, 249], train.LoadImage(1).Data[..6]);
        folder.Write("cifar-10-batches-bin/test_batch.bin", records[..3000]);
        Assert.Contains("a multiple of 3073", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Message, StringComparison.Ordinal);
        records[0] = 10;
        folder.Write("cifar-10-batches-bin/test_batch.bin", records);
        Assert.Equal("record 0, label", Assert.Throws<DataException>(() => Dataset.Open(folder.Path)).Field);
    }

    [Fact]
    public void Cifar100TakesTheFineLabel()
    {
        using var folder = new TempFolder();
        var record = new byte[3074];
        (record[0], record[1]) = (3, 99);
        folder.Write("train.bin", record);
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal((100, 99), (dataset.Labels.Count, dataset[0].Annotation.Label!.Value));
    }

    [Fact]
    public void DigitsOpen()
    {
        if (!TestData.TryFolder("mnist", out var path))
            return;
        var (train, test) = (Dataset.Open(path, split: "train"), Dataset.Open(path, split: "test"));
        Assert.Equal((4000, 1000, 10), (train.Count, test.Count, train.Labels.Count));
        // The first digits of MNIST's test file: 7 2 1 0 4 1 4 9.
        Assert.Equal([7, 2, 1, 0, 4, 1, 4, 9], Enumerable.Range(0, 8).Select(i => train[i].Annotation.Label!.Value));
        var image = train.LoadImage(0);
        Assert.Equal((new ImageSize(28, 28), 3), (image.Size, image.Channels));
    }

    private static void Write(TempFolder folder, string name, byte[] bytes, bool zipped)
    {
        if (zipped)
            folder.WriteGzip(name + ".gz", bytes);
        else
            folder.Write(name, bytes);
    }
}
