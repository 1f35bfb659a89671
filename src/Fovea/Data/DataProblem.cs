namespace Fovea.Data;

/// <summary>How grave a problem of a data set is.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Note,

    /// <summary>Probably not intended; training goes on.</summary>
    Warning,

    /// <summary>A fault: training stops unless a <see cref="FaultPolicy"/> says otherwise.</summary>
    Error,
}

/// <summary>One problem of a data set: where it is, what is there and what should be.</summary>
/// <param name="Severity">How grave it is.</param>
/// <param name="Kind">What kind of problem it is, for counting.</param>
/// <param name="File">Path of the file at fault.</param>
/// <param name="Field">The element, key, line or record in the file, or null when it is the whole file.</param>
/// <param name="Found">What the file holds.</param>
/// <param name="Expected">What it should hold, with the remedy where there is one.</param>
public sealed record DataProblem(Severity Severity, FaultKind Kind, string File, string? Field, string Found, string Expected)
{
    /// <summary>"FILE: FIELD: found FOUND, expected EXPECTED", the line an error shows.</summary>
    public override string ToString() => ToException().Message;

    /// <summary>The problem as the exception that stops a run.</summary>
    public DataException ToException(string? addition = null) => new(File, Field, Found, Expected + addition);
}
