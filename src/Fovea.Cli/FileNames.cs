using System.Globalization;

namespace Fovea.Cli;

/// <summary>Names of result files, none twice: pictures of several folders may be called alike.</summary>
internal sealed class FileNames
{
    private readonly HashSet<string> used = new(StringComparer.Ordinal);

    /// <summary>The name, or with a number behind it when it is taken.</summary>
    public string Free(string stem)
    {
        for (var i = 1; ; i++)
        {
            var name = i == 1 ? stem : string.Create(CultureInfo.InvariantCulture, $"{stem}-{i}");
            if (used.Add(name))
                return name;
        }
    }
}
