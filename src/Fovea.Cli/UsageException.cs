namespace Fovea.Cli;

/// <summary>The command line was written wrongly in a way that only the command itself can see; exit code 2.</summary>
internal sealed class UsageException(string message) : FoveaException(message);
