using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Fovea.Benchmarks;

/// <summary>What one process measured: a time, and the most memory it held.</summary>
internal sealed record Measurement(double Milliseconds, double PeakMegabytes)
{
    /// <summary>Runs the work until the clock is steady and prints the median time and the peak memory as one JSON line.</summary>
    public static void Report(Action work, int repetitions, double unitsPerCall = 1)
    {
        for (var i = 0; i < Math.Max(2, repetitions / 5); i++)
            work();
        var times = new double[repetitions];
        for (var i = 0; i < repetitions; i++)
        {
            var watch = Stopwatch.StartNew();
            work();
            times[i] = watch.Elapsed.TotalMilliseconds / unitsPerCall;
        }

        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"median_ms": {{times[times.Length / 2]:g9}}, "peak_mb": {{PeakOfThisProcess():0.0}}}"""));
    }

    /// <summary>Runs a command and reads the JSON object on the last line it prints; <paramref name="wall"/> takes the time of the whole process instead.</summary>
    public static Measurement Of(string command, IReadOnlyList<string> arguments, bool wall)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var peak = wall ? PeakOf(process) : 0;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var elapsed = watch.Elapsed.TotalMilliseconds;
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result}{output}");
        if (wall)
            return new Measurement(elapsed, peak);
        using var json = JsonDocument.Parse(output[output.LastIndexOf('{')..]);
        return new Measurement(json.RootElement.GetProperty("median_ms").GetDouble(), json.RootElement.GetProperty("peak_mb").GetDouble());
    }

    private static double PeakOfThisProcess() => PeakIn("/proc/self/status");

    // A process that has ended tells no more: its last word counts. What it prints must fit into the pipe meanwhile.
    private static double PeakOf(Process process)
    {
        var peak = 0.0;
        while (!process.WaitForExit(2))
        {
            try
            {
                peak = Math.Max(peak, PeakIn(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/status")));
            }
            catch (IOException)
            {
                break;
            }
        }

        return peak;
    }

    private static double PeakIn(string status) =>
        File.ReadLines(status).FirstOrDefault(static l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line
            ? double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024
            : 0;
}
