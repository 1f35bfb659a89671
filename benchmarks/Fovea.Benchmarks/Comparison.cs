namespace Fovea.Benchmarks;

/// <summary>One line of the table: the same work on both sides.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Fovea">Command and arguments of Fovea's side.</param>
/// <param name="Python">Command and arguments of Python's side.</param>
/// <param name="Goal">Largest ratio Fovea / Python that is good enough.</param>
/// <param name="Wall">Whether the time is that of the whole process, start included.</param>
/// <param name="Preparation">A command to run before both sides, or null.</param>
internal sealed record Case(string Name, string[] Fovea, string[] Python, double Goal, bool Wall = false, string[]? Preparation = null);

/// <summary>Runs both sides of every case in turn and prints the ratios of their best times.</summary>
internal static class Comparison
{
    public static int Run(int rounds, IReadOnlyList<string> words)
    {
        var cases = CaseList.All().Where(c => words.Count == 0 || words.Any(w => c.Name.Contains(w, StringComparison.OrdinalIgnoreCase))).ToList();
        if (cases.Count == 0)
        {
            Console.Error.WriteLine($"no case contains {string.Join(" or ", words)}; there are {string.Join(", ", CaseList.All().Select(c => c.Name))}");
            return 2;
        }

        Console.WriteLine($"{"case",-34} {"fovea",12} {"python",12} {"ratio",7} {"goal",6} {"peak MB",9} {"python",8}");
        foreach (var item in cases)
        {
            if (item.Preparation is { } preparation)
                _ = Measurement.Of(preparation[0], preparation[1..], wall: true);
            var ours = new List<Measurement>();
            var theirs = new List<Measurement>();
            for (var round = 0; round < rounds; round++)
            {
                ours.Add(Measurement.Of(item.Fovea[0], item.Fovea[1..], item.Wall));
                theirs.Add(Measurement.Of(item.Python[0], item.Python[1..], item.Wall));
            }

            var (a, b) = (ours.Min(m => m.Milliseconds), theirs.Min(m => m.Milliseconds));
            var (memory, theirMemory) = (ours.Min(m => m.PeakMegabytes), theirs.Min(m => m.PeakMegabytes));
            Console.WriteLine(FormattableString.Invariant(
                $"{item.Name,-34} {a,9:0.0000} ms {b,9:0.0000} ms {a / b,7:0.00} {item.Goal,6:0.00} {memory,9:0} {theirMemory,8:0}{(a / b <= item.Goal ? "" : "  above goal")}{(memory <= theirMemory ? "" : "  more memory")}"));
        }

        return 0;
    }
}
