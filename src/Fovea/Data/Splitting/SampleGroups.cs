using System.Text.RegularExpressions;

namespace Fovea.Data.Splitting;

/// <summary>Groups of images that stay together when a data set is divided: one patient, one video, one scene.</summary>
public static class SampleGroups
{
    /// <summary>The group of an image is what a regular expression finds in its id: its first group, or all of the match.</summary>
    /// <param name="pattern">The regular expression.</param>
    /// <param name="key">Where it was written, for messages: "--group", "data.group_by".</param>
    /// <exception cref="FoveaException">It is no regular expression. What is returned throws for an id without a match.</exception>
    public static Func<Sample, string> By(string pattern, string key)
    {
        Regex regex;
        try
        {
            regex = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException fault)
        {
            throw new FoveaException($"{key}: {fault.Message}", fault);
        }

        return sample =>
        {
            var match = regex.Match(sample.Id);
            return match.Success
                ? match.Groups[match.Groups.Count > 1 ? 1 : 0].Value
                : throw new FoveaException($"{key}: found no match of '{pattern}' in image id '{sample.Id}', expected one in every id");
        };
    }
}
