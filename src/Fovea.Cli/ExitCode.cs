namespace Fovea.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>What was asked for is not there: an error, or a training that was stopped (and saved) before its end.</summary>
    public const int Failed = 1;

    public const int BadUsage = 2;
}
