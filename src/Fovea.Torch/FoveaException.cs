namespace Fovea;

/// <summary>
/// An error a user can act on. The message says what was found, what was expected and, where it helps, what to do;
/// the command line prints it as one line.
/// </summary>
public class FoveaException : Exception
{
    /// <summary>Creates the error with its message.</summary>
    public FoveaException(string message) : base(message)
    {
    }

    /// <summary>Creates the error with its message and the exception that led to it.</summary>
    public FoveaException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
