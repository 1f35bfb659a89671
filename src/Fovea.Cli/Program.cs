using System.CommandLine;
using Fovea;
using Fovea.Cli;
using Fovea.Torch.Native;

ProcessEnd.Now(await Run(args));

static async Task<int> Run(string[] args)
{
    var verbose = args.Contains("--verbose");
    try
    {
        var parsed = CommandTree.Create().Parse(args.Length > 0 ? args : ["--help"]);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"fovea: {UsageText.Of(parsed)}");
            await Console.Error.WriteLineAsync($"fovea: see '{CommandTree.NameOf(parsed.CommandResult)} --help'");
            return ExitCode.BadUsage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }
    catch (UsageException e)
    {
        await Console.Error.WriteLineAsync($"fovea: {e.Message}");
        return ExitCode.BadUsage;
    }
#pragma warning disable CA1031 // the last line of defence: every error ends as one line and an exit code
    catch (Exception e)
#pragma warning restore CA1031
    {
        await Console.Error.WriteLineAsync(verbose ? e.ToString() : $"fovea: {ErrorText.OneLine(e)}");
        return ExitCode.Failed;
    }
}
