using System.CommandLine;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data ...</c>: everything about data sets that needs no network.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Examine, show, convert, split and make data sets.\n\nExample: fovea data check photos/")
    {
        DataCheckCommand.Create(),
        DataStatsCommand.Create(),
        DataShowCommand.Create(),
        DataConvertCommand.Create(),
        DataSplitCommand.Create(),
        DataScenesCommand.Create(),
    };
}
