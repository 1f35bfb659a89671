namespace Fovea.Torch;

/// <summary>An operator of libtorch failed; the message names it and the shapes that it got.</summary>
public sealed class TorchException : FoveaException
{
    /// <summary>Creates the error.</summary>
    /// <param name="operatorName">Schema name of the operator, or of the native call.</param>
    /// <param name="arguments">The arguments in short, such as <c>Float32[2, 3], 1</c>.</param>
    /// <param name="reason">libtorch's own words.</param>
    public TorchException(string operatorName, string arguments, string reason)
        : base(arguments.Length > 0 ? $"{operatorName}({arguments}): {reason}" : $"{operatorName}: {reason}")
    {
        OperatorName = operatorName;
        Reason = reason;
    }

    /// <summary>Creates the error around the managed exception that caused it.</summary>
    public TorchException(string operatorName, string reason, Exception innerException)
        : base($"{operatorName}: {reason}", innerException)
    {
        OperatorName = operatorName;
        Reason = reason;
    }

    /// <summary>Schema name of the operator, or of the native call.</summary>
    public string OperatorName { get; }

    /// <summary>libtorch's own words.</summary>
    public string Reason { get; }
}
