using System.Text;

namespace Fovea.Data.Readers;

/// <summary>
/// A table of text, its values separated by commas (RFC 4180), or by the semicolons or tabs of its headings where those hold no comma, as
/// spreadsheets write them: a value in double quotes may hold separators, and quotes written twice.
/// </summary>
internal static class CsvFile
{
    /// <summary>The rows that hold something, with their 1-based line numbers; values are without spaces at their ends.</summary>
    /// <exception cref="DataException">A quote is not closed within its line.</exception>
    public static IEnumerable<(int Line, IReadOnlyList<string> Values)> Read(string path)
    {
        char? separator = null;
        foreach (var (number, text) in Files.Lines(path, trims: false))
            yield return (number, Split(path, number, text, separator ??= Separator(text)));
    }

    private static char Separator(string headings) => Array.Find([',', ';', '\t'], headings.Contains) is var used and not '\0' ? used : ',';

    private static IReadOnlyList<string> Split(string path, int number, string line, char separator)
    {
        var (values, value, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
                value.Append(line[i++]);
            else if (line[i] == '"')
                isQuoted = !isQuoted;
            else if (line[i] == separator && !isQuoted)
                Take();
            else
                value.Append(line[i]);
        }

        if (isQuoted)
            throw new DataException(path, $"line {number}", "a double quote that is not closed", "a second one in the same line");
        Take();
        return values;

        void Take()
        {
            values.Add(value.ToString().Trim());
            value.Clear();
        }
    }
}
