using System.CommandLine;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea doctor</c>: what is installed and what is missing, each line ok or what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print a JSON array." };
        var command = new Command("doctor", "Check the machine: SDK, native libraries, libtorch, OpenCV, memory, disk.\n\nExample: fovea doctor") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool json)
    {
        var findings = Doctor.Examine();
        if (json)
            Output.WriteJson(findings);
        else
            foreach (var finding in findings)
                Console.Out.WriteLine($"{(finding.Ok ? "ok  " : "FAIL")}  {finding.Subject}: {finding.Text}{(finding.Remedy is null ? "" : $" -> {finding.Remedy}")}");
        return findings.All(f => f.Ok) ? ExitCode.Done : ExitCode.Failed;
    }
}
