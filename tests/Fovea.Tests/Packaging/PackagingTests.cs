using System.Diagnostics;

namespace Fovea.Tests.Packaging;

/// <summary>What people get: packages used from an empty project outside the repository, and a published folder that runs elsewhere.</summary>
public sealed class PackagingTests : IDisposable
{
    private static readonly string Configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    private readonly string folder = Directory.CreateTempSubdirectory("fovea-package-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Packages_serve_an_empty_project_outside_the_repository()
    {
        var feed = Path.Combine(folder, "feed");
        Run("dotnet", $"pack {TestRepository.Root}/src/Fovea --no-build -c {Configuration} -o {feed} -v q --nologo");
        Assert.Equal(2, Directory.GetFiles(feed, "*.nupkg").Length);
        var app = Directory.CreateDirectory(Path.Combine(folder, "app")).FullName;
        File.WriteAllText(Path.Combine(app, "nuget.config"), $"""<configuration><packageSources><add key="local" value="{feed}" /></packageSources></configuration>""");
        File.WriteAllText(Path.Combine(app, "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestorePackagesPath>{folder}/packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Fovea" Version="*" /></ItemGroup>
            </Project>
            """);
        // The program that the README shows, as it stands there.
        var readme = File.ReadAllText(Path.Combine(TestRepository.Root, "README.md")).Split("```csharp\n")[1].Split("```")[0];
        File.WriteAllText(Path.Combine(app, "Program.cs"), readme + "Console.WriteLine(\"sum \" + Tensor.Ones([2, 2]).Add(1).Sum().ToDouble());\n");
        Run("dotnet", $"build {app} -v q --nologo");
        var program = Path.Combine(app, "bin/Debug/net10.0/app.dll");

        var found = Run("dotnet", program, ("FOVEA_NATIVE", AppContext.BaseDirectory));
        Assert.Contains("Float32[] on cpu", found, StringComparison.Ordinal);
        Assert.Contains("sum 8", found, StringComparison.Ordinal);

        // Without a library and without a compiler the message says what to install.
        var dotnet = Path.GetDirectoryName(Environment.ProcessPath!)!;
        var missing = Run(Environment.ProcessPath!, program, expectedExit: null, ("PATH", dotnet), ("FOVEA_NATIVE", ""), ("XDG_CACHE_HOME", folder));
        Assert.Contains("libfovea_torch.so has to be built on first use, and cmake is missing", missing, StringComparison.Ordinal);
        Assert.Contains($"apt-get install {string.Join(' ', File.ReadLines(Path.Combine(TestRepository.Root, "native/packages.txt")))})", missing, StringComparison.Ordinal);
    }

    [Fact]
    public void A_published_folder_runs_from_an_empty_directory()
    {
        var published = Path.Combine(folder, "published");
        Run("dotnet", $"publish {TestRepository.Root}/src/Fovea.Cli --no-build -c {Configuration} -o {published} -v q --nologo");
        var elsewhere = Path.Combine(folder, "elsewhere");
        Directory.Move(published, elsewhere);
        Assert.All(new[] { "LICENSE", "THIRD-PARTY-NOTICES.md" }, name => Assert.True(File.Exists(Path.Combine(elsewhere, name)), name));
        var doctor = Run("dotnet", $"{elsewhere}/Fovea.Cli.dll doctor", expectedExit: null, ("FOVEA_NATIVE", ""), ("XDG_CACHE_HOME", folder));
        Assert.Contains("ok    libtorch: ", doctor, StringComparison.Ordinal);
        Assert.Contains("ok    OpenCV and JPEG: ", doctor, StringComparison.Ordinal);
        Assert.Contains("ok    drawing", doctor, StringComparison.Ordinal);
        var info = Run("dotnet", $"{elsewhere}/Fovea.Cli.dll info resnet18", ("FOVEA_NATIVE", ""), ("XDG_CACHE_HOME", folder));
        Assert.Contains("11,689,512 trainable parameters, 122 state-dict entries", info, StringComparison.Ordinal);
    }

    private static string Run(string program, string arguments, params (string Name, string Value)[] environment) => Run(program, arguments, 0, environment);

    private static string Run(string program, string arguments, int? expectedExit, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        Assert.True(expectedExit is null || process.ExitCode == expectedExit, $"{program} {arguments} ended with {process.ExitCode}:\n{output}");
        return output;
    }
}
