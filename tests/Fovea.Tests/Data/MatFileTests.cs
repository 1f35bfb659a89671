using Fovea.Data.Readers;
using Fovea.Imaging;

namespace Fovea.Tests.Data;

public sealed class MatFileTests
{
    private static readonly byte[] Values = [1, 2, 3, 4, 5, 6];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Maps_are_read_row_by_row(bool compress, bool swap)
    {
        using var folder = new TempFolder();
        var (size, values) = MatFile.ReadMap(folder.Write("a.mat", MatFiles.Sbd(2, 3, Values, compress, swap)), "GTcls", "Segmentation");
        Assert.Equal(new ImageSize(2, 3), size);
        Assert.Equal(Values, values);
    }

    [Fact]
    public void What_is_not_there_is_named()
    {
        using var folder = new TempFolder();
        var path = folder.Write("a.mat", MatFiles.Sbd(2, 3, Values));
        Assert.Contains("GTinst: found no such variable", Assert.Throws<DataException>(() => MatFile.ReadMap(path, "GTinst", "Segmentation")).Message, StringComparison.Ordinal);
        Assert.Contains("Classes: found no such field", Assert.Throws<DataException>(() => MatFile.ReadMap(path, "GTcls", "Classes")).Message, StringComparison.Ordinal);
        Assert.Contains("found no such file", Assert.Throws<DataException>(() => MatFile.ReadMap(folder.At("b.mat"), "GTcls", "Classes")).Message, StringComparison.Ordinal);
        Assert.Contains("another kind of file", Assert.Throws<DataException>(() => MatFile.ReadMap(folder.Write("c.mat", "MATLAB 7.3 MAT-file"), "GTcls", "x")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_files_are_refused_and_never_crash(bool compress)
    {
        using var folder = new TempFolder();
        var whole = MatFiles.Sbd(2, 3, Values, compress);
        var random = new Random(4);
        for (var round = 0; round < 400; round++)
        {
            var bytes = (byte[])whole.Clone();
            if (round % 3 == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            for (var i = 0; i < 1 + round % 4 && bytes.Length > 0; i++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var path = folder.Write("a.mat", bytes);
            try
            {
                Assert.Equal(6, MatFile.ReadMap(path, "GTcls", "Segmentation").Values.Length);
            }
            catch (DataException fault)
            {
                Assert.Equal(path, fault.File);
            }
        }
    }
}
