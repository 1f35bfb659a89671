using System.Text.RegularExpressions;

namespace Fovea.Tests.Architecture;

/// <summary>The arrows between the rooms point one way; this reads them off the sources.</summary>
public partial class ArrowTests
{
    // What each room may use. The core types (namespace Fovea) and Fovea.Torch are everybody's.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Core"] = ["Imaging"],
        ["Imaging"] = [],
        ["Ops"] = ["Imaging"],
        ["Losses"] = ["Imaging", "Ops"],
        ["Models"] = ["Imaging", "Ops", "Losses"],
        ["Transforms"] = ["Imaging", "Ops"],
        ["Data"] = ["Imaging", "Ops", "Transforms"],
        ["Metrics"] = ["Imaging", "Ops"],
        ["Training"] = ["Imaging", "Ops", "Losses", "Models", "Transforms", "Data", "Metrics"],
        ["Explain"] = ["Imaging", "Ops", "Losses", "Models", "Transforms", "Data", "Metrics", "Training"],
        ["Reports"] = ["Imaging", "Ops", "Losses", "Models", "Transforms", "Data", "Metrics", "Training"],
    };

    [Fact]
    public void Rooms_use_only_the_rooms_below_them()
    {
        var source = Path.Combine(TestRepository.Root, "src", "Fovea");
        var faults = new List<string>();
        foreach (var file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories))
        {
            var parts = Path.GetRelativePath(source, file).Split(Path.DirectorySeparatorChar);
            if (parts[0] is "bin" or "obj")
                continue;
            if (parts.Length == 1 || !Allowed.TryGetValue(parts[0], out var allowed))
            {
                faults.Add($"{Path.GetRelativePath(source, file)} lies in no known room");
                continue;
            }

            var used = RoomName().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value).Distinct();
            faults.AddRange(used.Where(room => room != parts[0] && Allowed.ContainsKey(room) && !allowed.Contains(room))
                .Select(room => $"{Path.GetRelativePath(source, file)} uses {room}, expected only {string.Join(", ", allowed)}"));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Torch_knows_nothing_of_vision()
    {
        var faults = Directory.EnumerateFiles(Path.Combine(TestRepository.Root, "src", "Fovea.Torch"), "*.cs", SearchOption.AllDirectories)
            .Where(file => RoomName().Matches(File.ReadAllText(file)).Any(m => Allowed.ContainsKey(m.Groups[1].Value)));
        Assert.Empty(faults);
    }

    [Fact]
    public void Native_calls_stay_at_the_native_edges()
    {
        var source = Path.Combine(TestRepository.Root, "src");
        var faults = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && NativeImport().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(source, file))
            .Where(file => !file.StartsWith("Fovea.Torch/", StringComparison.Ordinal) && !file.StartsWith("Fovea/Imaging/", StringComparison.Ordinal));
        Assert.Empty(faults);
    }

    [GeneratedRegex(@"\bFovea\.(Imaging|Ops|Losses|Models|Transforms|Data|Metrics|Training|Explain|Reports)\b")]
    private static partial Regex RoomName();

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\(")]
    private static partial Regex NativeImport();
}
