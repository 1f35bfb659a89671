using System.Text;

namespace Fovea.Data.Readers;

/// <summary>A table of text, its values separated by commas (RFC 4180): a value in double quotes may hold commas, and quotes written twice.</summary>
internal static class CsvFile
{
    /// <summary>The rows that hold something, with their 1-based line numbers; values are without spaces at their ends.</summary>
    /// <exception cref="DataException">A quote is not closed within its line.</exception>
    public static IEnumerable<(int Line, IReadOnlyList<string> Values)> Read(string path) => Files.Lines(path).Select(line => (line.Number, Split(path, line.Number, line.Text)));

    private static IReadOnlyList<string> Split(string path, int number, string line)
    {
        var (values, value, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
                value.Append(line[i++]);
            else if (line[i] == '"')
                isQuoted = !isQuoted;
            else if (line[i] == ',' && !isQuoted)
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
