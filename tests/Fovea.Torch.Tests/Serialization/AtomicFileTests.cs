using System.Diagnostics;
using Fovea.Torch.Serialization;

namespace Fovea.Torch.Tests.Serialization;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fovea-atomic-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Replaces_the_file_and_leaves_nothing_else()
    {
        var path = Path.Combine(folder, "file");
        AtomicFile.WriteText(path, "old");
        AtomicFile.WriteText(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_failure_half_way_keeps_the_old_file()
    {
        var path = Path.Combine(folder, "file");
        AtomicFile.WriteText(path, "old");
        var error = Assert.Throws<FoveaException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100]);
            throw new IOException("No space left on device", 28);
        }));
        Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, _ => throw new InvalidOperationException()));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var error = Assert.Throws<FoveaException>(() => AtomicFile.WriteText(Path.Combine(folder, "none", "file"), ""));
        Assert.Contains("none does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_system_says_about_temporary_files_is_not_passed_on()
    {
        Assert.Equal("out/a.png: cannot be written: no permission to write there; choose another folder or change its rights",
            AtomicFile.Unwritable("out/a.png", new UnauthorizedAccessException("Access to the path '/x/out/a.png.5f.tmp' is denied.")).Message);
        Assert.StartsWith("out: cannot be written: the disk is full (", AtomicFile.Unwritable("out", new IOException("No space left on device : '/x/out.5f/b.png'", 28)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_disk_that_is_really_full_gives_one_error(bool lengthIsKnown)
    {
        if (Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder) != 0)
        {
            Console.WriteLine("SKIPPED: a small disk can be mounted only by root");
            return;
        }

        try
        {
            var path = Path.Combine(folder, "weights.safetensors");
            AtomicFile.WriteText(path, "old");
            var data = TensorData.FromArray<byte>(new byte[1 << 20], 1 << 20);
            var error = Assert.Throws<FoveaException>(() =>
            {
                if (lengthIsKnown)
                    Safetensors.Write(path, [new("w", data)]);
                else
                    AtomicFile.Write(path, stream => stream.Write(new byte[1 << 20]));
            });
            Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
            Assert.Equal("old", File.ReadAllText(path));
            Assert.Equal([path], Directory.GetFiles(folder));
        }
        finally
        {
            Assert.Equal(0, Run("umount", folder));
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
