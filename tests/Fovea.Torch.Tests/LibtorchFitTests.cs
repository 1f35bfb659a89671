using System.Text;
using Fovea.Torch.Native;

namespace Fovea.Torch.Tests;

public class LibtorchFitTests
{
    [Fact]
    public void The_library_says_what_it_was_built_for_without_being_loaded()
    {
        TorchRuntime.EnsureLoaded();
        var path = File.ReadLines("/proc/self/maps").Select(static line => line.Split(' ')[^1]).First(static file => file.EndsWith("libfovea_torch.so", StringComparison.Ordinal));
        Assert.Equal(TorchRuntime.BuiltVersion, LibtorchFit.BuiltFor(path));
        Assert.Null(LibtorchFit.BuiltFor(typeof(Tensor).Assembly.Location));
    }

    [Theory]
    [InlineData("1.13.1", "1.13.0")]
    [InlineData("2.6.0", "2.6.0+cu124")]
    public void A_patch_release_fits(string built, string running) => LibtorchFit.Check(built, running);

    [Fact]
    public void Another_release_is_refused_with_both_versions_and_the_remedy()
    {
        var error = Assert.Throws<FoveaException>(static () => LibtorchFit.Check("1.13.1", "2.6.0"));
        Assert.Contains("was built for libtorch 1.13.1 and runs with libtorch 2.6.0", error.Message, StringComparison.Ordinal);
        Assert.Contains("LIBTORCH=FOLDER", error.Message, StringComparison.Ordinal);
        var inCache = LibtorchFit.Differs(Path.Combine(NativeLibraries.CacheFolder, "libfovea_torch.so"), "1.13.1", "2.6.0", null);
        Assert.Contains($"delete {NativeLibraries.CacheFolder}", inCache, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_does_not_load_is_explained()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("fovea-fit-").FullName, "libfovea_torch.so");
        File.WriteAllBytes(path, [.. Encoding.ASCII.GetBytes("ELF... fovea-built-for-libtorch=9.9.0"), 0, 1, 2]);
        var missing = LibtorchFit.Explain(path, "Unable to load\n/x/libfovea_torch.so: cannot open shared object file: No such file or directory\nlibtorch.so.9.9: cannot open shared object file: No such file or directory");
        Assert.Contains("built for libtorch 9.9.0", missing, StringComparison.Ordinal);
        Assert.Contains("./fovea", missing, StringComparison.Ordinal);
        Assert.Contains("libtorch.so.9.9", missing, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", missing, StringComparison.Ordinal);
        var newer = LibtorchFit.Explain(path, "/lib/libc.so.6: version `GLIBC_2.38' not found (required by /opt/libtorch_cpu.so)");
        Assert.Contains("made for a newer system", newer, StringComparison.Ordinal);
        File.WriteAllText(path, "ELF");
        Assert.Contains("does not load: other words.", LibtorchFit.Explain(path, "other words"), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }
}
