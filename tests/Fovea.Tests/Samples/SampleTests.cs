using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Fovea.Imaging;

namespace Fovea.Tests.Samples;

/// <summary>Runs the programs below samples/ as a person would.</summary>
public sealed partial class SampleTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fovea-samples-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_sample_is_short()
    {
        var programs = Directory.GetFiles(Path.Combine(TestRepository.Root, "samples"), "Program.cs", SearchOption.AllDirectories);
        Assert.Equal(4, programs.Length);
        Assert.All(programs, static path => Assert.InRange(File.ReadAllLines(path).Length, 10, 60));
    }

    [Fact]
    public void A_classifier_is_trained_on_a_folder_then_predicts_draws_and_describes()
    {
        var pictures = Pictures();
        var run = Path.Combine(folder, "run");
        var said = Run("TrainOnAFolder", pictures, run, "2");
        Assert.Contains("epoch 2: ", said, StringComparison.Ordinal);
        Assert.Contains("of 6 pictures right", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "best.safetensors")), said);

        var files = Directory.GetFiles(pictures, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(3).ToArray();
        said = Run("PredictAndDraw", [run, Path.Combine(folder, "drawn"), .. files]);
        Assert.Equal(3, Prediction().Count(said));
        Assert.All(files, file => Assert.True(ImageInfo.Read(Path.Combine(folder, "drawn", Path.GetFileName(file))).Size.Width >= 40));

        said = Run("BackboneFeatures", [Path.Combine(run, "best.safetensors"), .. files]);
        Assert.Contains("stage 3: layer4, 512 channels, one cell for 32 pixels", said, StringComparison.Ordinal);
        Assert.Contains("feature map [3, 512, 7, 7], vectors [3, 512]", said, StringComparison.Ordinal);
        Assert.Equal(3, Likeness().Count(said));
    }

    [Fact]
    public void An_own_network_with_an_own_loss_learns_digits()
    {
        if (!TestData.TryFolder("mnist", out var digits))
            return;
        var said = Run("OwnNetwork", digits, Path.Combine(folder, "own"), "1");
        var found = Top1().Match(said);
        Assert.True(double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) > 0.9, found.Value);
        Assert.Matches("the first test digit is a \\d", said);
    }

    [Fact]
    public void Without_arguments_a_sample_says_how_it_is_used()
    {
        foreach (var sample in new[] { "TrainOnAFolder", "PredictAndDraw", "BackboneFeatures" })
            Assert.StartsWith($"usage: {sample} ", Run(2, sample), StringComparison.Ordinal);
    }

    // Dark and bright noise: two classes of twelve pictures.
    private string Pictures()
    {
        var random = new Random(1);
        foreach (var (name, base0) in new[] { ("dark", 0), ("bright", 150) })
        {
            var target = Directory.CreateDirectory(Path.Combine(folder, "pictures", name)).FullName;
            for (var i = 0; i < 12; i++)
            {
                var image = new Image(new ImageSize(40, 50), 3);
                for (var at = 0; at < image.Data.Length; at++)
                    image.Data[at] = (byte)(base0 + random.Next(100));
                image.Save(Path.Combine(target, FormattableString.Invariant($"{name}{i:00}.png")));
            }
        }

        return Path.Combine(folder, "pictures");
    }

    private static string Run(string sample, params string[] arguments) => Run(0, sample, arguments);

    private static string Run(int exitCode, string sample, params string[] arguments)
    {
        var output = Path.GetRelativePath(Path.Combine(TestRepository.Root, "tests", "Fovea.Tests"), AppContext.BaseDirectory);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(TestRepository.Root, "samples", sample, output, sample + ".dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        Assert.True(process.ExitCode == exitCode, $"{sample} ended with {process.ExitCode}:\n{said}");
        return said;
    }

    [GeneratedRegex(@"\.png: (dark|bright), \d+ ?%")]
    private static partial Regex Prediction();

    [GeneratedRegex(@"\w+\.png is most like \w+\.png \(cosine -?[01]\.\d{3}\)")]
    private static partial Regex Likeness();

    [GeneratedRegex(@"top1 (0\.\d+|1\.0+)")]
    private static partial Regex Top1();
}
