using System.Diagnostics;

namespace Fovea.Tests.Cli;

/// <summary>The command line in a process of its own.</summary>
internal sealed class FoveaProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> output, errors;

    private FoveaProcess(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Fovea.Cli.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // One thread: sums in one order, and no fight for cores with whatever else runs.
        start.Environment["OMP_NUM_THREADS"] = "1";
        process = Process.Start(start)!;
        output = process.StandardOutput.ReadToEndAsync();
        errors = process.StandardError.ReadToEndAsync();
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public static FoveaProcess Start(params string[] arguments) => new(arguments);

    public static FoveaResult Run(params string[] arguments)
    {
        using var fovea = Start(arguments);
        return fovea.Wait();
    }

    public FoveaResult Wait(int seconds = 300)
    {
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(seconds)), $"fovea did not end within {seconds} s");
        return new FoveaResult(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }

    /// <summary>Sends a signal, such as KILL, INT or TERM.</summary>
    public void Signal(string name)
    {
        // The shell's own: Debian's kill program is in a package that a small system lacks.
        using var kill = Process.Start("sh", ["-c", $"kill -{name} {process.Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}

/// <summary>How a process ended and what it said.</summary>
internal sealed record FoveaResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Checks that this is one clear line on standard error with exit code 1.</summary>
    public string OneLine()
    {
        Assert.True(ExitCode == 1, $"exit code {ExitCode}\n{Output}\n{Errors}");
        var lines = Errors.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length == 1, Errors);
        return lines[0];
    }
}
