namespace Fovea.Cli;

/// <summary>Errors as one line for a person.</summary>
internal static class ErrorText
{
    public static string OneLine(Exception error) => (error switch
    {
        FoveaException => error.Message,
        AggregateException { InnerExceptions: [var only] } => OneLine(only),
        UnauthorizedAccessException => $"no permission: {error.Message}",
        IOException => error.Message,
        OperationCanceledException => "stopped",
        OutOfMemoryException => "out of memory; use a smaller batch or image size",
        _ => $"{error.Message} ({error.GetType().Name}; --verbose shows where)",
    }).ReplaceLineEndings(" ");
}
