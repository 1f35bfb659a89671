using System.CommandLine;
using Fovea.Cli;

namespace Fovea.Tests.Cli;

/// <summary>Runs a command in this process and keeps what it prints. Its errors come as exceptions.</summary>
internal static class CommandLine
{
    public static (int Code, string Output) Run(params string[] arguments)
    {
        var (output, error) = (Console.Out, Console.Error);
        using var text = new StringWriter();
        Console.SetOut(text);
        Console.SetError(TextWriter.Null);
        try
        {
            var code = CommandTree.Create().Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            return (code, text.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
