namespace Fovea;

/// <summary>A fault in a file: names the file, the field in it, what was found and what was expected.</summary>
public sealed class DataException : FoveaException
{
    /// <summary>Creates the error "FILE: FIELD: found FOUND, expected EXPECTED".</summary>
    /// <param name="file">Path of the faulty file.</param>
    /// <param name="field">The element, key, row or record in the file, or null when the whole file is at fault.</param>
    /// <param name="found">What the file holds.</param>
    /// <param name="expected">What it should hold.</param>
    /// <param name="innerException">The exception that revealed the fault, if any.</param>
    public DataException(string file, string? field, string found, string expected, Exception? innerException = null)
        : base(Format(file, field, found, expected), innerException!)
    {
        File = file;
        Field = field;
        Found = found;
        Expected = expected;
    }

    /// <summary>Path of the faulty file.</summary>
    public string File { get; }

    /// <summary>The element, key, row or record at fault; null when it is the whole file.</summary>
    public string? Field { get; }

    /// <summary>What the file holds.</summary>
    public string Found { get; }

    /// <summary>What it should hold, with the remedy where there is one.</summary>
    public string Expected { get; }

    private static string Format(string file, string? field, string found, string expected) =>
        field is null ? $"{file}: found {found}, expected {expected}" : $"{file}: {field}: found {found}, expected {expected}";
}
